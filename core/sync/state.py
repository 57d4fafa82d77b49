"""Decide how an integration stands after a run, and when to try again. Pure.

Back-off has full jitter, from 5 s doubling to 15 min; throttling starts at 60 s and
goes to 1 h; what only a person can mend is not retried by itself, but a certificate
is looked at again each hour (THREATS, faults 11 to 19).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.errors import (
    MailError,
    NeedsPermission,
    NotTrusted,
    Retry,
    Throttled,
    WrongPassword,
)
from core.model import State

BASE_S, MOST_S = 5.0, 15 * 60.0
THROTTLED_S, THROTTLED_MOST_S = 60.0, 3600.0
CERTIFICATE = timedelta(hours=1)
SECOND_LOOK = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Next:
    """The state that people see, the failures in a row, and the next attempt."""

    state: State
    failures: int
    at: datetime | None


def after_success(now: datetime, every_s: int) -> Next:
    """Give what follows a good run."""
    return Next(State.OK, 0, now + timedelta(seconds=every_s))


def after_failure(
    error: MailError, failures: int, now: datetime, jitter: Callable[[], float]
) -> Next:
    """Give what follows a failed run; `jitter` gives a number in [0, 1)."""
    count = failures + 1
    if isinstance(error, WrongPassword):
        # A bare NO may be a hiccup: it counts after a second look (fault 15).
        if error.facts.get("certain") == "no" and failures == 0:
            return Next(State.RETRYING, count, now + SECOND_LOOK)
        return Next(State.NEEDS_PASSWORD, count, None)
    if isinstance(error, NeedsPermission):
        return Next(State.NEEDS_PERMISSION, count, None)
    if isinstance(error, NotTrusted):
        return Next(State.NEEDS_ATTENTION, count, now + CERTIFICATE)
    if error.retry is Retry.NEVER:
        return Next(State.NEEDS_ATTENTION, count, None)
    if isinstance(error, Throttled):
        wait_s = THROTTLED_S + jitter() * _grown(
            THROTTLED_S, THROTTLED_MOST_S, failures
        )
        wait_s = min(wait_s, THROTTLED_MOST_S)
        wait_s = max(wait_s, float(error.facts.get("wait_s", 0)))  # INTEROP 18
    else:
        wait_s = max(1.0, jitter() * _grown(BASE_S, MOST_S, failures))
    return Next(State.RETRYING, count, now + timedelta(seconds=wait_s))


def _grown(base_s: float, most_s: float, failures: int) -> float:
    return min(most_s, base_s * 2.0 ** min(failures, 20))
