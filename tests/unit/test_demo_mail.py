"""The made-up mail: always the same, of every kind, and plausible."""

from __future__ import annotations

import email
import email.header
import email.policy
import re
from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage
from email.utils import parsedate_to_datetime
from itertools import pairwise
from typing import cast

import pytest

from core.demo.cast import ADDRESS, CONTACTS, OWNER
from core.demo.folders import (
    ANSWERED,
    ARCHIVE,
    DEALS,
    DRAFT,
    DRAFTS,
    FLAGGED,
    FOLDERS,
    INBOX,
    JUNK,
    SEEN,
    SENT,
    TRASH,
    DemoMail,
)
from core.demo.mail import arrival, mailbox
from core.demo.plans import UNCONNECTED, activities
from core.imap import headers, parse
from core.model import Kind

TODAY = date(2026, 11, 24)
END = datetime.combine(TODAY, time(), UTC)
ID = re.compile(r"<[^<>\s]+>")


@pytest.fixture(scope="module")
def mails() -> list[DemoMail]:
    return list(mailbox(TODAY))


def fields(mail: DemoMail) -> dict[str, str]:
    return headers.fields(mail.raw.partition(b"\r\n\r\n")[0])


def opened(mail: DemoMail) -> EmailMessage:
    return email.message_from_bytes(mail.raw, policy=email.policy.default)


def kinds(mails: list[DemoMail]) -> Counter[Kind]:
    return Counter(parse.kind_of(fields(mail), "") for mail in mails)


def test_the_same_day_gives_the_same_mail_and_another_day_other_mail(mails) -> None:
    assert list(mailbox(TODAY)) == mails
    assert list(mailbox(TODAY, seed=7)) != mails
    assert list(mailbox(TODAY - timedelta(days=1))) != mails


def test_how_much_lies_where(mails) -> None:
    by_folder = Counter(mail.folder for mail in mails)
    assert set(by_folder) == set(FOLDERS)
    assert 2_000 < len({mail.raw for mail in mails}) < 2_500
    assert by_folder[INBOX] > by_folder[SENT] > 400
    assert all(by_folder[name] > 50 for name in (TRASH, JUNK, ARCHIVE, DEALS))
    assert 1 < by_folder[DRAFTS] < 10


def test_every_kind_occurs(mails) -> None:
    found = kinds(mails)
    assert found[Kind.PERSON] > 1_000
    assert found[Kind.LIST] > 200
    assert found[Kind.AUTOMATIC] > 100
    assert found[Kind.BOUNCE] >= 8
    assert 1 <= found[Kind.RECEIPT] <= 2


@pytest.mark.parametrize("year", range(2024, 2029))
def test_every_kind_occurs_whatever_the_day(year: int) -> None:
    mails = list(mailbox(date(year, 3, 1)))
    assert all(kinds(mails)[kind] for kind in Kind)
    assert 2_000 < len(mails) < 2_600


def test_nothing_is_in_the_future_or_older_than_a_year(mails) -> None:
    moments = [mail.received_at for mail in mails]
    assert moments == sorted(moments)
    assert END - timedelta(days=366) <= moments[0]
    assert moments[-1] < END
    for mail in mails:
        written = parsedate_to_datetime(fields(mail)["date"])
        assert timedelta(0) <= mail.received_at - written < timedelta(minutes=1)


def test_answers_name_messages_that_exist_and_came_before(mails) -> None:
    at = {fields(mail)["message-id"]: mail.received_at for mail in mails}
    answers = [mail for mail in mails if "in-reply-to" in fields(mail)]
    assert len(answers) > 500
    for mail in answers:
        found = fields(mail)
        references = ID.findall(found["references"])
        assert found["in-reply-to"] == references[-1]
        moments = [at[reference] for reference in references]
        assert all(a < b for a, b in pairwise([*moments, mail.received_at]))


def test_both_sides_begin_conversations_and_some_are_never_answered(mails) -> None:
    people = [m for m in mails if m.folder != JUNK and kinds([m])[Kind.PERSON]]
    named = {ID.findall(fields(m).get("in-reply-to", "<>"))[-1:][0]
             for m in people if "in-reply-to" in fields(m)}  # fmt: skip
    first = [m for m in people if "in-reply-to" not in fields(m)]
    for ours in (True, False):
        begun = [m for m in first if (ADDRESS in fields(m)["from"]) is ours]
        answered = sum(fields(m)["message-id"] in named for m in begun)
        assert 60 < answered < len(begun) - 60


def test_message_ids_are_one_for_each_message_and_copies_share_them(mails) -> None:
    raws = {mail.raw for mail in mails}
    ids = {fields(mail)["message-id"] for mail in mails}
    copies = Counter(mail.raw for mail in mails)
    assert len(ids) == len(raws) == len(mails) - 12
    assert max(copies.values()) == 2


def test_flags(mails) -> None:
    inbox = [mail for mail in mails if mail.folder == INBOX]
    unread = [mail for mail in inbox if SEEN not in mail.flags]
    assert 15 <= len(unread) <= 25
    assert min(m.received_at for m in unread) > END - timedelta(days=40)
    assert any(FLAGGED in mail.flags for mail in inbox)
    replied = {fields(m).get("in-reply-to") for m in mails if m.folder == SENT}
    for mail in inbox:
        assert (ANSWERED in mail.flags) == (fields(mail)["message-id"] in replied)
    assert all(DRAFT in mail.flags for mail in mails if mail.folder == DRAFTS)


def test_weekdays_and_office_hours_are_busiest(mails) -> None:
    sent = [mail.received_at for mail in mails if mail.folder == SENT]
    weekend = sum(at.weekday() >= 5 for at in sent)
    office = sum(8 <= (at.hour - 3) % 24 <= 19 for at in sent)
    assert weekend < len(sent) * 0.15
    assert office > len(sent) * 0.85


def test_every_message_can_be_read_by_the_library(mails) -> None:
    types: Counter[str] = Counter()
    for mail in mails:
        assert b"\n" not in mail.raw.replace(b"\r\n", b"")
        assert (
            max(map(len, mail.raw.split(b"\r\n"))) <= 998
        )  # the longest line of a mail
        message = opened(mail)
        for part in message.walk():
            assert not part.defects, (mail, part.defects)
            types[part.get_content_type()] += 1
    assert types["text/html"] > 300
    assert all(types[t] for t in ("text/csv", "application/pdf", "image/png"))
    assert all(len(mail.raw) < 100_000 for mail in mails)
    assert 2_000_000 < sum(len(mail.raw) for mail in mails) < 6_000_000


def test_names_come_in_two_encodings(mails) -> None:
    froms = {re.split(r"\?[bq]\?", fields(m)["from"].lower())[0] for m in mails}
    assert {"=?utf-8", "=?iso-8859-1"} <= froms
    names = {headers.addresses(fields(mail)["from"])[0].name for mail in mails}
    assert {OWNER, "João Conceição", "Beatriz Fagundes", "Rogério Antunes"} <= names


def test_newsletters_can_be_left(mails) -> None:
    letters = [fields(mail) for mail in mails if "list-id" in fields(mail)]
    assert all("list-unsubscribe" in found for found in letters)
    assert {found["precedence"] for found in letters} == {"bulk", "list"}


def test_bounces_return_the_header_of_a_message_that_was_sent(mails) -> None:
    sent = {fields(mail)["message-id"] for mail in mails if mail.folder == SENT}
    bounces = [mail for mail in mails if kinds([mail])[Kind.BOUNCE]]
    statuses = set()
    for mail in bounces:
        _, delivery, returned = cast(list[EmailMessage], opened(mail).get_payload())
        about = cast(list[EmailMessage], delivery.get_payload())[1]
        statuses.add(about["Status"][0])
        assert about["Action"] == {"5": "failed", "4": "delayed"}[about["Status"][0]]
        assert returned.get_content_type() == "text/rfc822-headers"
        named = ID.findall(re.findall(r"Message-ID: .*", returned.get_content())[0])
        assert set(named) <= sent
    assert statuses == {"4", "5"}


def test_receipts_name_a_sent_message_that_asked_for_one(mails) -> None:
    asked = {
        fields(mail)["message-id"]
        for mail in mails
        if b"Disposition-Notification-To: " in mail.raw
    }
    receipts = [mail for mail in mails if kinds([mail])[Kind.RECEIPT]]
    for mail in receipts:
        original = re.findall(rb"Original-Message-ID: (\S+)", mail.raw)[0].decode()
        assert original in asked


def test_what_arrives_later_is_unread_new_and_always_the_same() -> None:
    at = datetime(2026, 11, 24, 15, 30, tzinfo=UTC)
    first = [arrival(number, at) for number in range(10)]
    assert first == [arrival(number, at) for number in range(10)]
    assert len({fields(mail)["message-id"] for mail in first}) == 10
    assert {(m.folder, m.flags, m.received_at) for m in first} == {
        (INBOX, frozenset(), at)
    }
    assert {Kind.PERSON, Kind.LIST, Kind.AUTOMATIC} <= set(kinds(first))


def test_activities_are_with_people_of_the_mailbox(mails) -> None:
    planned = activities(TODAY)
    met = {a.address for m in mails for a in headers.addresses(fields(m)["to"])}
    assert len(planned) == 15
    assert {plan.contact_address for plan in planned} <= met
    assert {plan.contact for plan in planned} <= {c.name for c in CONTACTS}
    assert sum(plan.model == "email" for plan in planned) >= 5
    assert {plan.owner for plan in planned[:-1]} == {OWNER}
    assert planned[-1].owner == UNCONNECTED


def test_every_domain_is_one_that_cannot_exist(mails) -> None:
    for mail in mails:
        found = fields(mail)
        for name in ("from", "to", "cc"):
            for who in headers.addresses(found.get(name, "")):
                assert who.address.endswith(".example"), who
