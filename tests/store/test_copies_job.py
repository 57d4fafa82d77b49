"""Which mailboxes the worker has synced because of mail that was sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.jobs.copies import Copies
from core.jobs.syncs import Want
from core.model import State, Trigger
from core.outgoing import CopyStage, Stage
from core.runtime import Runtime
from core.store import arrived, evidence, integrations, outbox
from core.store.engine import writing
from tests.store.building import connected
from tests.store.mailbox_made import fill
from tests.store.test_outbox_store import got, queued


class Job:
    """The job, what it wants, and time that passes."""

    def __init__(self, runtime: Runtime) -> None:
        self.ahead = timedelta()
        self.runtime = replace(runtime, clock=lambda: runtime.clock() + self.ahead)
        self.wanted: dict[int, Want] = {}
        self.busy: set[int] = set()
        self.job = Copies(
            self.runtime, self.wanted.__setitem__, lambda one: one in self.busy
        )

    def tick(self, **later: float) -> dict[int, Want]:
        """Let time pass, and give what is wanted then."""
        self.ahead += timedelta(**later)
        self.wanted.clear()
        self.job.tick()
        return dict(self.wanted)


@pytest.fixture
def job(runtime: Runtime) -> Job:
    """Give a job that has looked once."""
    made = Job(runtime)
    assert made.tick() == {}
    return made


def sent(runtime: Runtime, mailbox: int, **values: object) -> int:
    mail_id, now = queued(runtime, mailbox), runtime.clock()
    usual = {"sent_at": now, "copy": CopyStage.WANTED, "copy_next_at": now}
    with writing(runtime.engine) as conn:
        changes = {"stage": Stage.SENT, **usual, **values}
        assert outbox.change(conn, mail_id, [Stage.QUEUED], **changes)
    return mail_id


def change(runtime: Runtime, mailbox: int, **values: object) -> None:
    with writing(runtime.engine) as conn:
        integrations.change(conn, mailbox, **values)


def test_what_is_due_is_wanted_at_once(runtime: Runtime, job: Job) -> None:
    mailbox = fill(runtime, 5)
    sent(runtime, mailbox)
    fill(runtime, 5, name="Nobody sends from here")
    assert job.tick() == {mailbox: Want(Trigger.REQUEST, frozenset({"Sent"}))}
    job.busy.add(mailbox)
    assert job.tick() == {}


def test_what_is_put_off_waits(runtime: Runtime, job: Job) -> None:
    mailbox = fill(runtime, 5)
    later = runtime.clock() + timedelta(minutes=5)
    sent(runtime, mailbox, copy_next_at=later)
    assert job.tick() == {}
    assert mailbox in job.tick(minutes=6)


def test_uncertain_mail_is_looked_for(runtime: Runtime, job: Job) -> None:
    mailbox = fill(runtime, 5)
    nothing = {"sent_at": None, "copy": CopyStage.NONE, "copy_next_at": None}
    sent(runtime, mailbox, stage=Stage.UNCERTAIN, **nothing)
    assert mailbox in job.tick()


@pytest.mark.parametrize(
    "values",
    [
        {"state": str(State.NEEDS_PASSWORD)},
        {"paused": True, "state": str(State.PAUSED)},
        {"failures": 2, "next_at": None},
    ],
)
def test_a_mailbox_that_cannot_be_synced_is_left_alone(
    runtime: Runtime, job: Job, values: dict[str, object]
) -> None:
    mailbox = fill(runtime, 5)
    mail_id = sent(runtime, mailbox)
    change(runtime, mailbox, **values)
    assert job.tick() == {}
    assert got(runtime, mail_id).copy is CopyStage.WANTED


def test_a_mailbox_that_was_never_read_has_its_first_sync(
    runtime: Runtime, job: Job
) -> None:
    sent(runtime, connected(runtime))
    assert job.tick() == {}


def test_copies_of_a_mailbox_that_has_ended_are_given_up(
    runtime: Runtime, job: Job
) -> None:
    mailbox = fill(runtime, 5)
    mail_id = sent(runtime, mailbox)
    change(runtime, mailbox, disconnected_at=runtime.clock())
    assert job.tick() == {}
    mail = got(runtime, mail_id)
    assert (mail.stage, mail.copy) == (Stage.SENT, CopyStage.FAILED)
    assert mail.problem is not None
    assert mail.problem.code == "no_integration"


def test_what_a_run_left_is_looked_at(runtime: Runtime, job: Job) -> None:
    mailbox = fill(runtime, 5)
    sent(runtime, mailbox, copy=CopyStage.STORED, copy_next_at=None)
    with writing(runtime.engine) as conn:
        newest = arrived.newest(conn)
        evidence.set_mark(conn, mailbox, newest - 1)
    assert job.tick() == {}  # it was looked for less than a minute ago
    assert mailbox in job.tick(minutes=1)
    with writing(runtime.engine) as conn:
        evidence.set_mark(conn, mailbox, newest)
    assert job.tick(minutes=1) == {}
