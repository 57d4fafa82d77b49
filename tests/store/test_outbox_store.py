"""The outbox in both databases: who takes a mail, and what is left of a dead worker."""

from __future__ import annotations

from datetime import timedelta

from core.outgoing import (
    CopyStage,
    Evidence,
    Field,
    Mail,
    Recipient,
    Source,
    Stage,
    Step,
    Verdict,
)
from core.runtime import Runtime
from core.store import evidence, outbox, turns
from core.store.engine import reading, writing
from tests.store.mailbox_made import fill

CONTENT = b"Subject: x\r\n\r\nText\r\n"


def queued(runtime: Runtime, integration_id: int, name: str = "a") -> int:
    now = runtime.clock()
    values = {
        "integration_id": integration_id,
        "actor": "test",
        "message_id": f"<{name}@example.org>",
        "sender": "Me <me@example.org>",
        "sender_address": "me@example.org",
        "subject": "x",
        "smtputf8": False,
        "bulk": False,
        "made_at": now,
        "not_before": now,
        "next_at": now,
    }
    people = [
        Recipient("ana@example.org", "Ana"),
        Recipient("rui@example.org", field=Field.BCC),
    ]
    with writing(runtime.engine) as conn:
        return outbox.add(conn, values, CONTENT, people)


def got(runtime: Runtime, mail_id: int) -> Mail:
    with reading(runtime.engine) as conn:
        return outbox.get(conn, mail_id)


def test_one_worker_takes_a_mail_and_its_content_is_there(runtime: Runtime) -> None:
    one = queued(runtime, fill(runtime, 3))
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        assert [m.id for m in turns.first_due(conn, now, (), 4)] == [one]
        before = now - timedelta(minutes=1)
        assert turns.first_due(conn, before, (), 4) == []
        assert outbox.take(conn, one, "a", now)
        assert not outbox.take(conn, one, "b", now)
        assert outbox.content(conn, one) == CONTENT
        assert turns.sending(conn) == [(one, "a")]
    mail = got(runtime, one)
    assert (mail.stage, mail.tries, mail.size_bytes) == (Stage.SENDING, 1, len(CONTENT))
    assert mail.envelope == ("ana@example.org", "rui@example.org")


def test_what_a_dead_worker_leaves(runtime: Runtime) -> None:
    mailbox = fill(runtime, 3)
    early, late = queued(runtime, mailbox, "early"), queued(runtime, mailbox, "late")
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        for one in (early, late):
            assert outbox.take(conn, one, "a", now)
        assert outbox.brink(conn, late, "a")
        assert not outbox.brink(conn, early, "b")
        assert outbox.recover(conn, early, "b", now) is None
        assert outbox.recover(conn, early, "a", now) is Stage.QUEUED
        assert outbox.recover(conn, late, "a", now) is Stage.UNCERTAIN
        assert not outbox.brink(conn, late, "a")
        assert [m.id for m in turns.first_due(conn, now, (), 4)] == [early]
        assert outbox.to_be_seen_to(conn, now) == [mailbox]
        assert outbox.counts(conn) == {Stage.QUEUED: 1, Stage.UNCERTAIN: 1}
        assert len(turns.sent_since(conn, mailbox, now - timedelta(hours=1))) == 1


def test_what_the_server_said_is_kept_by_recipient(runtime: Runtime) -> None:
    one = queued(runtime, fill(runtime, 3))
    now = runtime.clock()
    said = Recipient(
        "ana@example.org", verdict=Verdict.REFUSED, code=550, said="unknown"
    )
    with writing(runtime.engine) as conn:
        assert outbox.take(conn, one, "a", now)
        outbox.tell(conn, one, [said])
        assert outbox.change(
            conn, one, [Stage.SENDING], stage=Stage.SENT, sent_at=now,
            copy=CopyStage.WANTED, copy_next_at=now,
        )  # fmt: skip
        assert not outbox.change(conn, one, [Stage.QUEUED], stage=Stage.CANCELLED)
        assert [m.id for m in outbox.copies_wanted(conn, 1, now)] == [one]
        outbox.drop_content(conn, one)
        assert outbox.content(conn, one) == b""
    mail = got(runtime, one)
    ana, rui = mail.recipients
    assert (ana.name, ana.verdict, ana.code, ana.said) == (
        "Ana", Verdict.REFUSED, 550, "unknown",
    )  # fmt: skip
    assert (rui.field, rui.verdict) == (Field.BCC, Verdict.WAITING)
    assert mail.envelope == ("rui@example.org",)


def test_evidence_is_told_once(runtime: Runtime) -> None:
    mailbox = fill(runtime, 3)
    one = queued(runtime, mailbox)
    step = Evidence(
        Step.FAILED, Source.DSN, runtime.clock(), "ana@example.org", "5.1.1"
    )
    with writing(runtime.engine) as conn:
        assert evidence.add(conn, one, step)
        assert not evidence.add(conn, one, step)
        assert evidence.of_mails(conn, [one]) == {one: [step]}
        names = ["<a@example.org>", "<b@example.org>"]
        assert evidence.named(conn, mailbox, names) == {"<a@example.org>": one}
        assert evidence.named(conn, mailbox + 1, names) == {}
        assert evidence.mark(conn, mailbox) == 0
        evidence.set_mark(conn, mailbox, 7)
        assert evidence.mark(conn, mailbox) == 7
