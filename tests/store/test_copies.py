"""Copies, answers and what has arrived, in both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import func, select

from core.errors import CopyRefused
from core.outgoing import (
    CopyStage,
    Evidence,
    Mail,
    Recipient,
    Source,
    Stage,
    Step,
    Verdict,
)
from core.planned import Draft
from core.runtime import Runtime
from core.store import (
    activities,
    answers,
    arrived,
    copies,
    evidence,
    integrations,
    outbox,
)
from core.store.engine import reading, writing
from core.store.schema import activity
from core.store.sending_tables import mail as mail_table, sender
from tests.store.mailbox_made import fill
from tests.store.test_outbox_store import CONTENT, got, queued


@pytest.fixture
def mailbox(runtime: Runtime) -> int:
    """Give a mailbox with some messages."""
    return fill(runtime, 30)


def sent(runtime: Runtime, mailbox: int, name: str = "a", **values: object) -> Mail:
    mail_id, now = queued(runtime, mailbox, name), runtime.clock()
    usual = {"sent_at": now, "copy": CopyStage.WANTED, "copy_next_at": now}
    changes = {"stage": Stage.SENT, **usual, **values}
    with writing(runtime.engine) as conn:
        assert outbox.change(conn, mail_id, [Stage.QUEUED], **changes)
    return got(runtime, mail_id)


def kept(runtime: Runtime, mail: Mail) -> bytes:
    with reading(runtime.engine) as conn:
        return outbox.content(conn, mail.id)


def test_a_copy_is_begun_and_there(runtime: Runtime, mailbox: int) -> None:
    mail, now = sent(runtime, mailbox), runtime.clock()
    with writing(runtime.engine) as conn:
        begun = copies.begin(conn, mail, now + timedelta(seconds=5))
        assert outbox.copies_wanted(conn, mailbox, now) == []
    assert begun == got(runtime, mail.id)
    assert (begun.copy, begun.copy_tries) == (CopyStage.BEGUN, 1)
    with writing(runtime.engine) as conn:
        copies.there(conn, begun, CopyStage.STORED, now)
        copies.there(conn, got_in(conn, mail.id), CopyStage.STORED, now, 7)
        evidence.link(conn, mail.id, Step.IN_SENT, 9)
        evidence.link(conn, mail.id, Step.IN_SENT, 10)
        found = evidence.of_mails(conn, [mail.id])[mail.id]
    assert found == [Evidence(Step.IN_SENT, Source.SENT_FOLDER, now, message_id=9)]
    assert kept(runtime, mail) == b""


def got_in(conn: object, mail_id: int) -> Mail:
    return outbox.get(conn, mail_id)  # type: ignore[arg-type]  # a connection


def test_a_copy_that_is_put_off_and_given_up(runtime: Runtime, mailbox: int) -> None:
    mail, now = sent(runtime, mailbox, copy=CopyStage.BEGUN), runtime.clock()
    with writing(runtime.engine) as conn:
        copies.put_off(conn, mail, now + timedelta(hours=1), 2)
        assert outbox.to_be_seen_to(conn, now) == []
        assert outbox.to_be_seen_to(conn, now + timedelta(hours=1)) == [mailbox]
    waits = got(runtime, mail.id)
    assert (waits.copy, waits.copy_tries) == (CopyStage.WANTED, 2)
    with writing(runtime.engine) as conn:
        copies.give_up(conn, waits, CopyRefused("x", folder="Sent", server_says="x"))
        assert outbox.to_be_seen_to(conn, now + timedelta(days=9)) == []
    failed = got(runtime, mail.id)
    assert (failed.stage, failed.copy) == (Stage.SENT, CopyStage.FAILED)
    assert failed.problem is not None
    assert failed.problem.code == "copy_refused"
    with writing(runtime.engine) as conn:  # somebody has put one there
        copies.there(conn, failed, CopyStage.FOUND, now)
    assert got(runtime, mail.id).problem is None


def test_a_mail_that_waits_for_some_keeps_its_content(
    runtime: Runtime, mailbox: int
) -> None:
    mail = sent(runtime, mailbox, stage=Stage.QUEUED)
    with writing(runtime.engine) as conn:
        copies.there(conn, mail, CopyStage.STORED, runtime.clock())
    assert got(runtime, mail.id).copy is CopyStage.STORED
    assert kept(runtime, mail) == CONTENT


def uncertain(runtime: Runtime, mailbox: int, name: str = "a") -> Mail:
    values = {"sent_at": None, "copy": CopyStage.NONE, "copy_next_at": None}
    at_brink = {"stage": Stage.UNCERTAIN, "at_brink": True}
    return sent(runtime, mailbox, name, **values, **at_brink)


def test_an_uncertain_mail_that_was_sent(runtime: Runtime, mailbox: int) -> None:
    mail, now = uncertain(runtime, mailbox), runtime.clock()
    with writing(runtime.engine) as conn:
        outbox.tell(conn, mail.id, [waiting(mail, Verdict.REFUSED)])
        mail = outbox.get(conn, mail.id)
        found = copies.was_sent(conn, mail, now, Source.SENT_FOLDER, now)
        assert copies.was_sent(conn, mail, now, Source.SENT_FOLDER, now) is None
        seen = evidence.of_mails(conn, [mail.id])[mail.id]
    assert found == got(runtime, mail.id)
    assert found is not None
    assert (found.stage, found.ended_why, found.copy) == (
        Stage.SENT, "found", CopyStage.WANTED,
    )  # fmt: skip
    refused, accepted = found.recipients
    assert (refused.verdict, accepted.verdict) == (Verdict.REFUSED, Verdict.ACCEPTED)
    assert [(e.step, e.recipient) for e in seen] == [(Step.ACCEPTED, accepted.address)]


def waiting(mail: Mail, verdict: Verdict) -> Recipient:
    return replace(mail.recipients[0], verdict=verdict)


def test_an_uncertain_mail_that_is_sent_again(runtime: Runtime, mailbox: int) -> None:
    mail, now = uncertain(runtime, mailbox), runtime.clock()
    with writing(runtime.engine) as conn:
        assert outbox.to_be_seen_to(conn, now) == [mailbox]
        copies.put_off(conn, mail, now + timedelta(minutes=1), 1)
        assert outbox.to_be_seen_to(conn, now) == []
        assert copies.send_again(conn, mail, now)
        assert not copies.send_again(conn, mail, now)
    again = got(runtime, mail.id)
    assert (again.stage, again.at_brink, again.copy_next_at) == (
        Stage.QUEUED, False, None,
    )  # fmt: skip
    assert kept(runtime, mail) == CONTENT


def test_an_uncertain_mail_that_some_have_got_is_not_looked_for(
    runtime: Runtime, mailbox: int
) -> None:
    sent(runtime, mailbox, stage=Stage.UNCERTAIN, copy=CopyStage.STORED)
    with reading(runtime.engine) as conn:
        later = runtime.clock() + timedelta(days=1)
        assert outbox.to_be_seen_to(conn, later) == []


def test_what_proves_that_a_provider_stores(runtime: Runtime, mailbox: int) -> None:
    now = runtime.clock()
    for name, tries, copy in (
        ("ours", 0, CopyStage.STORED),
        ("late", 4, CopyStage.FOUND),
    ):
        mail = sent(runtime, mailbox, name, copy_tries=tries)
        with writing(runtime.engine) as conn:
            copies.there(conn, mail, copy, now)
            assert not copies.provider_stores(conn, mailbox, 3)
    mail = sent(runtime, mailbox, "theirs", copy_tries=1)
    with writing(runtime.engine) as conn:
        copies.there(conn, mail, CopyStage.FOUND, now)
        assert copies.provider_stores(conn, mailbox, 3)
        assert not copies.provider_stores(conn, mailbox + 1, 3)


def test_what_has_arrived_since(runtime: Runtime, mailbox: int) -> None:
    with reading(runtime.engine) as conn:
        assert arrived.since(conn, mailbox) is None  # nothing was ever sent
    sent(runtime, mailbox)
    with writing(runtime.engine) as conn:
        first = arrived.since(conn, mailbox)
        assert first is not None
        rows = arrived.after(conn, mailbox, first, 1000)
        assert rows
        assert rows == sorted(rows)
        assert arrived.after(conn, mailbox, first, 2) == rows[:2]
        evidence.set_mark(conn, mailbox, rows[0].id)
        assert arrived.since(conn, mailbox) == rows[0].id
        assert arrived.behind(conn, runtime.clock()) == [mailbox]
        evidence.set_mark(conn, mailbox, arrived.newest(conn))
        assert arrived.behind(conn, runtime.clock()) == []
        ids = [one.id for one in rows]
        lying = arrived.in_sent(conn, ids)
        assert lying == {one.id for one in rows if one.direction == "sent"}


def test_what_came_long_before_the_first_mail_is_left_out(
    runtime: Runtime, mailbox: int
) -> None:
    mail = sent(runtime, mailbox)
    with writing(runtime.engine) as conn:
        later = runtime.clock() + timedelta(days=30)
        conn.execute(mail_table.update().values(made_at=later))
        assert arrived.since(conn, mailbox) == arrived.newest(conn)
    assert mail.id


def test_the_addresses_that_are_our_own(runtime: Runtime, mailbox: int) -> None:
    with writing(runtime.engine) as conn:
        one = integrations.get(conn, mailbox)
        assert arrived.own_addresses(conn, one) == {one.address, one.login}
        conn.execute(
            sender.insert().values(
                integration_id=mailbox, aliases=["Sales@Example.org"],
                per_hour=1, per_day=1,
            )
        )  # fmt: skip
        assert "sales@example.org" in arrived.own_addresses(conn, one)


def test_the_first_answer_counts(runtime: Runtime, mailbox: int) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        day = date(2026, 3, 1)
        activities.add(
            conn, [Draft("email", "x", "Bob", "bob@example.net", "", "Ana", day)], now
        )
        activity_id = conn.scalar(select(func.max(activity.c.id)))
    mail = sent(runtime, mailbox, activity_id=activity_id)
    follow_up = sent(
        runtime, mailbox, "b", follows_id=mail.id, stage=Stage.QUEUED, sent_at=None
    )
    under_way = sent(
        runtime, mailbox, "c", follows_id=mail.id, stage=Stage.SENDING, sent_at=None
    )
    with writing(runtime.engine) as conn:
        assert answers.note(conn, mail, now) == [follow_up.id]
        assert answers.note(conn, mail, now + timedelta(days=1)) == []
        assert told(conn, activity_id) == now
    assert got(runtime, mail.id).answered_at == now
    assert got(runtime, follow_up.id).ended_why == "answered"
    assert got(runtime, under_way.id).stage is Stage.SENDING


def told(conn: object, activity_id: int) -> datetime:
    row = activities.get(conn, activity_id)  # type: ignore[arg-type]  # a connection
    at: datetime = row.answered_at
    return at
