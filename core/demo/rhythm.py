"""When mail is written: seasons, weekdays, office hours and patience. Pure."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, time, timedelta, timezone

OFFICE = timezone(timedelta(hours=-3))
OPENS, CLOSES = 8, 19
MONDAY_TO_SUNDAY = (1.05, 1.18, 1.12, 1.06, 0.84, 0.14, 0.08)
JANUARY_TO_DECEMBER = (
    0.70, 0.82, 1.06, 1.04, 1.08, 0.98, 0.86, 1.04, 1.10, 1.12, 1.10, 0.84,
)  # fmt: skip
GROWTH = 0.5  # over the twelve months
SATURDAY = 5
BETWEEN_THE_YEARS = {(12, d) for d in range(24, 32)} | {(1, d) for d in range(1, 4)}
# minutes until an answer, and how often
PATIENCE = ((12, 22), (55, 24), (200, 22), (1_300, 20), (4_200, 9), (11_000, 3))


def busyness(day: date, progress: float) -> float:
    """Tell how busy a day is, about 1 on a weekday; `progress` runs from 0 to 1."""
    quiet = 0.25 if (day.month, day.day) in BETWEEN_THE_YEARS else 1.0
    season = JANUARY_TO_DECEMBER[day.month - 1] * MONDAY_TO_SUNDAY[day.weekday()]
    return season * quiet * (1 + GROWTH * (progress - 0.5))


def how_many(chance: random.Random, mean: float) -> int:
    """Draw a number of things that happen `mean` times on average (at most 12)."""
    return sum(chance.random() < mean / 12 for _ in range(12))


def office_moment(chance: random.Random, day: date) -> datetime:
    """Choose a moment of a working day: the morning and the afternoon have a peak."""
    peak = chance.choice((10.2, 15.4))
    hour = chance.triangular(OPENS - 0.6, CLOSES + 0.8, peak)
    return _moment(day, hour)


def early_moment(chance: random.Random, day: date) -> datetime:
    """Choose a moment when newsletters go out and machines report."""
    return _moment(day, chance.triangular(5, 13, 7.5))


def answer_moment(chance: random.Random, at: datetime) -> datetime:
    """Choose when a message of `at` is answered: mostly within office hours."""
    minutes = chance.choices([m for m, _ in PATIENCE], [w for _, w in PATIENCE])[0]
    then = at + timedelta(seconds=int(60 * minutes * chance.uniform(0.35, 1.8)))
    if chance.random() < 0.08:  # noqa: PLR2004 - some answer at night
        return then
    return _next_office_hour(chance, then)


def _next_office_hour(chance: random.Random, at: datetime) -> datetime:
    local = at.astimezone(OFFICE)
    day = local.date()
    if local.hour >= CLOSES:
        day += timedelta(days=1)
    while day.weekday() >= SATURDAY:
        day += timedelta(days=1)
    if day == local.date() and local.hour >= OPENS:
        return at
    return _moment(day, chance.triangular(OPENS, OPENS + 3, OPENS + 0.7))


def _moment(day: date, hour: float) -> datetime:
    at = datetime.combine(day, time(), OFFICE) + timedelta(seconds=int(hour * 3600))
    return at.astimezone(UTC)
