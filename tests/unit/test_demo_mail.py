"""The demo's mail: the same each time, never in the future, threads that hold."""

from collections import Counter
from datetime import UTC, date, datetime, time
from email import message_from_bytes
from email.message import Message

import pytest

from core.demo.mail import ARCHIVE, DEALS, FOLDERS, INBOX, SENT, DemoMail, mailbox
from core.demo.plans import activities

TODAY = date(2026, 5, 20)


@pytest.fixture(scope="module")
def mails() -> list[DemoMail]:
    return mailbox(TODAY)


@pytest.fixture(scope="module")
def parsed(mails: list[DemoMail]) -> list[Message]:
    return [message_from_bytes(m.raw) for m in mails]


def test_the_same_day_gives_the_same_bytes(mails: list[DemoMail]) -> None:
    assert mailbox(TODAY) == mails
    assert mailbox(date(2026, 5, 21)) != mails


def test_about_two_thousand_of_twelve_months_in_every_folder(
    mails: list[DemoMail],
) -> None:
    assert 1_800 < len(mails) < 2_300
    assert set(Counter(m.folder for m in mails)) == set(FOLDERS)
    days = [m.received_at.date() for m in mails]
    assert (TODAY - min(days)).days > 355
    assert max(m.received_at for m in mails) <= datetime.combine(TODAY, time(), UTC)


def test_replies_name_messages_that_are_there(parsed: list[Message]) -> None:
    known = {m["Message-ID"] for m in parsed}
    replies = [m for m in parsed if m["References"]]
    assert len(replies) > 300
    assert all(set(m["References"].split()) <= known for m in replies)
    assert all(m["In-Reply-To"] in known for m in replies)


def test_every_kind_of_mail_is_there(parsed: list[Message]) -> None:
    assert sum(1 for m in parsed if m["List-Id"]) > 100
    assert sum(1 for m in parsed if m["Auto-Submitted"] == "auto-replied") > 5
    reports = [m for m in parsed if m.get_content_type() == "multipart/report"]
    assert len(reports) >= 3
    assert {m.get_param("report-type") for m in reports} == {"delivery-status"}
    assert sum(1 for m in parsed if any(p.get_filename() for p in m.walk())) > 50


def test_some_lie_in_two_folders(mails: list[DemoMail]) -> None:
    places: dict[bytes, set[str]] = {}
    for m in mails:
        places.setdefault(m.raw, set()).add(m.folder)
    assert {INBOX, DEALS} in places.values()
    assert {SENT} in places.values()
    assert {ARCHIVE} in places.values()


def test_activities_are_with_people_of_the_mailbox(parsed: list[Message]) -> None:
    written = " ".join(str(m["From"]) + str(m["To"]) for m in parsed)
    plans = activities(TODAY)
    assert len(plans) >= 10
    assert all(a.contact_address in written for a in plans)
    assert sum(1 for a in plans if a.model == "email") >= 4
