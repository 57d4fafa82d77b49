"""Whose turn it is in the outbox, and what keeps mail waiting; in both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import outbox
from core.errors import NoAnswer, SubmissionDeferred, WrongPassword
from core.outbox.outcome import Try
from core.outgoing import Stage
from core.runtime import Runtime
from core.store import integrations, outbox as kept, turns
from core.store.engine import reading, writing
from tests.store.building import connected
from tests.store.outgoing import ACTOR, HOLDER, Sender

HOST = "smtp.example.org"


@pytest.fixture
def ana(runtime: Runtime) -> Sender:
    """Give a mailbox that sends."""
    return Sender.of(runtime)


def first_due(ana: Sender, busy: tuple[int, ...] = (), most: int = 4) -> list[int]:
    with reading(ana.runtime.engine) as conn:
        return [m.id for m in turns.first_due(conn, ana.clock(), busy, most)]


def test_one_mail_of_each_mailbox_is_due_at_a_time(ana: Sender) -> None:
    other = Sender(ana.runtime, connected(ana.runtime, "Bruno"), ana.clock)
    later = ana.send(at=ana.clock() + timedelta(hours=1))
    one = [ana.send() for _ in range(3)]
    ana.clock.move(seconds=1)
    two = other.send()
    assert first_due(ana) == [one[0], two]
    assert first_due(ana, most=1) == [one[0]]
    assert first_due(ana, busy=(ana.one,)) == [two]
    ana.take(one[0])
    assert first_due(ana) == [two]
    with writing(ana.runtime.engine) as conn:
        integrations.change(conn, other.one, paused=True)
    assert first_due(ana) == []
    ana.clock.move(hours=1)
    ana.accept(one[1])
    with writing(ana.runtime.engine) as conn:
        kept.recover(conn, one[0], HOLDER, ana.clock())
    assert set(first_due(ana)) <= {one[0], one[2], later}


def held(ana: Sender, mail_id: int) -> str:
    """Give what keeps a mail waiting, as it does others."""
    with reading(ana.runtime.engine) as conn:
        found = turns.hold_on(conn, ana.mail(mail_id), ana.clock())
    return found[1].code if found else ""


def test_what_one_mail_has_met_keeps_the_others(ana: Sender) -> None:
    first, second = ana.send(), ana.send()
    assert held(ana, second) == ""
    deferred = SubmissionDeferred("451", server_says="451", host=HOST)
    ana.end(first, Try(HOST, error=deferred))
    assert held(ana, second) == ""  # it is about that mail
    away = Try(HOST, error=NoAnswer(host=HOST, port=465))
    ana.end(first, away)
    assert held(ana, second) == "no_answer"
    ana.clock.move(hours=1)
    assert held(ana, second) == "no_answer"
    ana.end(second, away)
    assert (held(ana, first), held(ana, second)) == ("", "no_answer")  # one asks
    outbox.cancel(ana.runtime, first, ACTOR)
    assert held(ana, second) == ""


def test_a_new_password_wakes_what_waits_for_it(ana: Sender) -> None:
    first, second = ana.send(), ana.send()
    refused = Try(HOST, error=WrongPassword(certain="yes", host=HOST))
    ana.end(first, refused)
    assert held(ana, second) == "wrong_password"
    with reading(ana.runtime.engine) as conn:
        assert turns.to_wake(conn, ana.clock()) == []
    ana.clock.move(minutes=5)
    with writing(ana.runtime.engine) as conn:
        integrations.change(conn, ana.one, credentials_at=ana.clock())
    assert held(ana, second) == ""
    with writing(ana.runtime.engine) as conn:
        assert turns.to_wake(conn, ana.clock()) == [first]
        turns.wake(conn, [first], ana.clock())
    assert first_due(ana) == [second]  # it was waiting for longer
    ana.clock.move(days=1)
    ana.end(first, refused)
    assert ana.stage(first) is Stage.FAILED
    assert held(ana, second) == "wrong_password"  # it is not sent once for each mail
    ana.clock.move(hours=1)
    assert held(ana, second) == ""
