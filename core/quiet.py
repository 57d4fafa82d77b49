"""Use case: see when mail usually comes to a mailbox, and what its silence means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import pandas as pd

from core import silence
from core.runtime import Runtime
from core.silence import HOUR, WEEKS_LEAST, Habit
from core.store import habits, integrations
from core.store.engine import reading

DAYS_LEAST = WEEKS_LEAST * 7


@dataclass(frozen=True, slots=True)
class Quiet:
    """What is known of a mailbox's habit, and of the time without mail.

    `days` of history, `enough` of it to tell silence. Between the last arrival and
    `seen_at`, until when new mail was looked for, `expected` messages usually come; `p`
    is how probable it is that none does. `silent_at`: from then on that is improbable;
    None: not within 30 days, or there is too little history. `silent`: it is so now.
    `week`: weekday (0: Monday), hour, expected; in the zone that was asked for.
    """

    days: int
    enough: bool
    last_arrival_at: datetime | None
    seen_at: datetime | None
    expected: float
    p: float
    silent_at: datetime | None
    silent: bool
    week: pd.DataFrame


def of(runtime: Runtime, integration_id: int, zone: ZoneInfo) -> Quiet:
    """Tell how a mailbox stands against its own habit.

    That is the one that is kept; before the worker has learnt it, what is held now.
    """
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        seen = integrations.standing(conn, integration_id).seen_at
        kept = habits.of(conn, integration_id)
        kept = kept or habits.learnt(conn, integration_id, now)
        last = habits.last_arrival(conn, integration_id, now)
    habit = kept.habit
    silent_at = silence.silent_from(last, habit) if last else None
    since = last or now
    until = max(seen or since, since)  # an arrival may be of after the last look
    return Quiet(
        days=habit.days,
        enough=habit.enough,
        last_arrival_at=last,
        seen_at=seen,
        expected=silence.expected(habit, since, until),
        p=silence.probability(habit, since, until),
        silent_at=silent_at,
        silent=silent_at is not None and silent_at <= until,
        week=week(habit, zone, now),
    )


def week(habit: Habit, zone: ZoneInfo, now: datetime) -> pd.DataFrame:
    """Give weekday, hour and expected of the 168 hours of the week of a zone.

    By the offset of now, in whole hours.
    """
    offset = now.astimezone(zone).utcoffset()
    hours = round(offset / HOUR) if offset else 0
    count = len(habit.expected)
    return pd.DataFrame(
        {
            "weekday": [n // 24 for n in range(count)],
            "hour": [n % 24 for n in range(count)],
            "expected": [habit.expected[(n - hours) % count] for n in range(count)],
        }
    )
