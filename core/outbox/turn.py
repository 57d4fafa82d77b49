"""What to do with a mail when its time has come. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import NoIntegration, RecipientBlocked
from core.model import Problem
from core.outbox.limits import Gauge
from core.outgoing import WAITING, Mail, Stage
from core.store.blocked import Blocked

WINDOW = timedelta(days=1)  # of a mail's tries
LOOK_AGAIN = timedelta(minutes=1)  # while something keeps the whole mailbox waiting
FIRST_WAITS = timedelta(minutes=15)  # for the mail that is followed up
ANSWERED, FIRST_FAILED, FIRST_CANCELLED = "answered", "first_failed", "first_cancelled"


@dataclass(frozen=True, slots=True)
class Go:
    """It is to be tried now."""


@dataclass(frozen=True, slots=True)
class Wait:
    """It is looked at again then; `problem` says what keeps it, if that is one."""

    until: datetime
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Stop:
    """It is not sent; `why` is that of a mail that is cancelled."""

    stage: Stage
    why: str = ""
    problem: Problem | None = None


@dataclass(frozen=True, slots=True)
class Around:
    """What is known around a mail: of its mailbox, and of the mail that it follows up.

    `hold`: what keeps all mail of the mailbox waiting, and until when. `blocked`: its
    recipients that are not written to.
    """

    gauge: Gauge
    hold: tuple[datetime, Problem] | None = None
    first: Mail | None = None
    blocked: tuple[tuple[str, Blocked], ...] = ()


def turn(mail: Mail, around: Around, now: datetime) -> Go | Wait | Stop:
    """Decide what to do with a mail that is due."""
    if around.first and (follows := _after_first(around.first, now)):
        return follows
    if around.blocked:
        address, found = around.blocked[0]
        error = RecipientBlocked(recipient=address, reason=found.reason)
        return Stop(Stage.FAILED, problem=Problem(error.code, error.facts))
    if around.hold:
        until, problem = around.hold
        if now - mail.not_before >= WINDOW:
            return Stop(Stage.FAILED, problem=problem)
        soon = now + LOOK_AGAIN
        return Wait(min(until, soon) if until > now else soon, problem)
    if around.gauge.free_at:
        return Wait(around.gauge.free_at)
    return Go()


def without_mailbox(owner: str) -> Stop:
    """Give what becomes of a mail whose mailbox has ended."""
    error = NoIntegration(owner=owner)
    return Stop(Stage.FAILED, problem=Problem(error.code, error.facts))


def _after_first(first: Mail, now: datetime) -> Wait | Stop | None:
    """Tell what the mail that is followed up means for its follow-up."""
    if first.answered_at:
        return Stop(Stage.CANCELLED, ANSWERED)
    if first.stage is Stage.FAILED:
        return Stop(Stage.CANCELLED, FIRST_FAILED)
    if first.stage is Stage.CANCELLED:
        return Stop(Stage.CANCELLED, FIRST_CANCELLED)
    return Wait(now + FIRST_WAITS) if first.stage in WAITING else None
