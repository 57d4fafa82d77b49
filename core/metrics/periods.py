"""Periods of whole days, what they are cut into, and what they are compared with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import pandas as pd

from core.metrics.days import bounds

DAY = timedelta(days=1)
HOUR, QUARTER = pd.Timedelta(hours=1), pd.Timedelta(minutes=15)


class Step(StrEnum):
    """Into what a period is cut. Weeks are those of ISO 8601: they begin on Monday."""

    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Against(StrEnum):
    """What a period is compared with."""

    BEFORE = "before"  # the period of as many days just before
    YEAR = "year"  # the same days of the year before
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Days:
    """The days from the first to the last, both of them included."""

    first: date
    last: date

    @property
    def count(self) -> int:
        """Give how many days there are."""
        return (self.last - self.first).days + 1


@dataclass(frozen=True, slots=True)
class Change:
    """A number, and the one it is compared with; None: there is nothing to compare."""

    now: int
    before: int | None = None

    @property
    def share(self) -> float | None:
        """Give the change as a share of what was before: 0.25 is a quarter more."""
        return self.now / self.before - 1 if self.before else None


def compared(days: Days, against: Against) -> Days | None:
    """Give the period that a period is compared with.

    A year before, 29 February is 28 February: the period may be a day shorter.
    """
    match against:
        case Against.BEFORE:
            return Days(days.first - days.count * DAY, days.first - DAY)
        case Against.YEAR:
            return Days(_year_before(days.first), _year_before(days.last))
    return None


def change(now: pd.Series, before: pd.Series | None) -> Change:
    """Compare the sums of two columns; `before` None: nothing is held of that time."""
    return Change(int(now.sum()), None if before is None else int(before.sum()))


def starts(at: pd.Series, step: Step, zone: ZoneInfo) -> pd.Series:
    """Give when the hour, day, week or month begins in which an instant lies.

    Hours are instants (UTC), so that the hour which clocks show twice is two; all
    else are days, as midnight without a zone.
    """
    here = at.dt.tz_convert(zone)
    days = here.dt.tz_localize(None).dt.normalize()
    past = pd.to_timedelta(pd.Series(0, index=at.index), unit="D")
    match step:
        case Step.HOUR:
            seconds = here.dt.minute * 60 + here.dt.second
            days, past = at, pd.to_timedelta(seconds, unit="s")
        case Step.WEEK:
            past = pd.to_timedelta(days.dt.day_of_week, unit="D")
        case Step.MONTH:
            past = pd.to_timedelta(days.dt.day - 1, unit="D")
    return pd.Series(days - past)


def every_start(days: Days, step: Step, zone: ZoneInfo) -> pd.Series:
    """Give when each hour, day, week or month of a period begins."""
    first, end = (pd.Timestamp(at) for at in bounds(days.first, days.last, zone))
    if step is Step.HOUR:
        quarters = pd.date_range(first, end, freq=QUARTER, inclusive="left")
        moments = pd.Series(quarters.tz_convert("UTC"))
    else:
        noons = pd.date_range(days.first, days.last) + pd.Timedelta(hours=12)
        moments = pd.Series(noons.tz_localize("UTC"))
        zone = ZoneInfo("UTC")
    return starts(moments, step, zone).drop_duplicates().reset_index(drop=True)


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return day.replace(year=day.year - 1, day=28)
