"""What the watcher keeps of a folder that it watches, and what follows a failure."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime
from enum import Enum, auto

from core import log
from core.errors import ConnectionLost, MailError, NoAnswer, Throttled
from core.imap.idle import Idling, Seen
from core.jobs.gate import Place
from core.jobs.line import Line, Opened, Polled
from core.model import Role
from core.refusals import goodbye
from core.sync import state

STEADY_S = 120.0  # a line that has held so long was no failure
NEVER = float("inf")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
OpenLine = Callable[[int, Role, Seen | None], Opened | Polled]
Found = Opened | Polled | MailError


class Stage(Enum):
    """Where a post is on its way to an idling connection."""

    RESTING = auto()  # until `due`
    ASKING = auto()  # at the gate
    OPENING = auto()  # in a thread
    HELD = auto()  # a line is there
    GIVEN_UP = auto()  # until somebody changes something
    GONE = auto()  # not wanted any more


class Post:
    """One folder of one mailbox to be watched, whether or not it is at the moment."""

    __slots__ = (
        "due",
        "failures",
        "idle_s",
        "line",
        "mailbox",
        "place",
        "role",
        "seen",
        "stage",
    )

    def __init__(self, mailbox: int, role: Role, place: Place) -> None:
        """Begin without a line."""
        self.mailbox, self.role, self.place = mailbox, role, place
        self.stage = Stage.RESTING
        self.line: Line | None = None
        self.seen: Seen | None = None
        self.failures = 0
        self.due = NEVER
        self.idle_s = NEVER  # shorter once a connection went deaf

    def try_with(self, open_line: OpenLine) -> Found:
        """Open a line, whatever happens; this takes time."""
        try:
            return open_line(self.mailbox, self.role, self.seen)
        except MailError as error:
            return error
        except Exception as error:  # noqa: BLE001 - as in the job loop: told, tried again
            log.logger().exception("watching broke", integration=self.mailbox)
            return MailError(type(error).__name__)

    def sees_all(self) -> bool:
        """Tell whether its renewals look at every folder of the mailbox."""
        line = self.line
        return line is not None and line.idling.is_whole

    def slice_s(self, jitter: Callable[[], float]) -> float:
        """Give how long its line may idle; not all of them are renewed together."""
        most = min(self.line.idle_s if self.line else NEVER, self.idle_s)
        return most * (0.8 + 0.2 * jitter())

    def fail(
        self,
        error: MailError,
        lived_s: float,
        jitter: Callable[[], float] = random.random,
    ) -> float:
        """Count a failure; give the seconds until the next attempt, maybe `NEVER`."""
        if lived_s >= STEADY_S:
            self.failures = 0
        follows = state.after_failure(error, self.failures, EPOCH, jitter)
        self.failures = follows.failures
        if follows.at is None:
            return NEVER
        return (follows.at - EPOCH).total_seconds()


def ending_of(idling: Idling, host: str) -> MailError:
    """Tell why a line has ended: by a BYE, or without a word.

    Servers say BYE to whom has idled for long, too: nothing is wrong then (fault 41).
    """
    if idling.farewell:
        said = goodbye(idling.farewell.decode("utf-8", "replace"), host)
        if type(said) is Throttled:
            return said
    return ConnectionLost(idling.farewell.decode("utf-8", "replace"), host=host)


def silence(host: str) -> MailError:
    """Say that a probe was not answered."""
    return NoAnswer("no answer to a probe in IDLE", host=host)
