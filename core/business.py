"""The organisation's working time: its zone, hours, weekdays and holidays. Pure."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate, pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

import holidays

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONE = "America/Sao_Paulo"
HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
YEARS = range(1970, 2101)  # of the times of messages (`core.positions`)
FURTHEST_MS = 16 * HOUR_MS  # that the clocks of a zone are from UTC, and some


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people work. `weekdays`: 1 is Monday; `own`: days off beside holidays.

    `closes` 00:00: the midnight at the end of the day.
    `holidays`: a country (ISO 3166), or one and its state: "BR", "BR-SP"; or nothing.
    """

    zone: str = ZONE
    opens: time = time(9)
    closes: time = time(18)
    weekdays: frozenset[int] = frozenset({1, 2, 3, 4, 5})
    holidays: str = "BR"
    own: frozenset[date] = field(default_factory=frozenset)

    def local(self, at_ms: int) -> datetime:
        """Give an instant, in milliseconds since 1970, as clocks here show it."""
        return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(_zone(self.zone))

    def month(self, at_ms: int) -> int:
        """Give the number of the month, since the year 0, in which an instant lies."""
        here = self.local(at_ms)
        return here.year * 12 + here.month - 1

    def works_on(self, day: date) -> bool:
        """Tell whether people work on a day."""
        return (
            day.isoweekday() in self.weekdays
            and day not in self.own
            and day not in days_off(self.holidays, day.year)
        )

    def business_ms(self, start_ms: int, end_ms: int) -> int:
        """Give the working time between two instants; 0 if the second is not later."""
        first, last = _year(start_ms - DAY_MS), _year(end_ms + DAY_MS)
        if end_ms <= start_ms:
            return 0
        years = (_worked(self, year) for year in range(first, last + 1))
        return sum(year.before(end_ms) - year.before(start_ms) for year in years)

    def business_seconds(self, start_ms: int, end_ms: int) -> int:
        """Give the whole seconds of working time between two instants."""
        return self.business_ms(start_ms, end_ms) // 1000

    def start_of(self, day: date) -> int:
        """Give the instant at which a day begins here, in milliseconds since 1970."""
        midnight = datetime.combine(day, time(), _zone(self.zone))
        return (midnight - EPOCH) // timedelta(milliseconds=1)

    def to_json(self) -> str:
        """Write it down, always in the same way."""
        return json.dumps(
            {
                "zone": self.zone,
                "opens": self.opens.isoformat(),
                "closes": self.closes.isoformat(),
                "weekdays": sorted(self.weekdays),
                "holidays": self.holidays,
                "own": [day.isoformat() for day in sorted(self.own)],
            }
        )

    @classmethod
    def from_json(cls, written: str) -> Calendar:
        """Read what `to_json` wrote."""
        found = json.loads(written)
        return cls(
            found["zone"],
            time.fromisoformat(found["opens"]),
            time.fromisoformat(found["closes"]),
            frozenset(found["weekdays"]),
            found["holidays"],
            frozenset(map(date.fromisoformat, found["own"])),
        )


def month_number(day: date) -> int:
    """Give the number of a day's month, since the year 0."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """Give the first day of a month by its number."""
    return date(month // 12, month % 12 + 1, 1)


@lru_cache(2_000)
def days_off(where: str, year: int) -> frozenset[date]:
    """Give the public holidays of a country, or of a state of it, in a year.

    Raises:
        NotImplementedError: no holidays are known of it.

    """
    if not where:
        return frozenset()
    country, _, state = where.partition("-")
    known = holidays.country_holidays(country, subdiv=state or None, years=year)
    return frozenset(known)


class _Worked(NamedTuple):
    """The working time of a year: when each stretch begins, and how long it is."""

    starts: list[int]
    lengths: list[int]
    sums: list[int]  # of the stretches before each

    def before(self, at_ms: int) -> int:
        """Give how much of it lies before an instant."""
        last = bisect_right(self.starts, at_ms) - 1
        if last < 0:
            return 0
        return self.sums[last] + min(at_ms - self.starts[last], self.lengths[last])


@lru_cache(2_000)
def _worked(calendar: Calendar, year: int) -> _Worked:
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range(366))
    stretches = [
        stretch
        for day in days
        if day.year == year and calendar.works_on(day)
        for stretch in _stretches(calendar, day)
    ]
    lengths = [end - start for start, end in stretches]
    sums = list(accumulate(lengths, initial=0))
    return _Worked([start for start, _ in stretches], lengths, sums)


def _stretches(calendar: Calendar, day: date) -> list[tuple[int, int]]:
    """Give when clocks show working hours of a day: twice, if they were set back."""
    zone = _zone(calendar.zone)
    opens, closes = (
        (datetime.combine(day, at, UTC) - EPOCH) // timedelta(milliseconds=1)
        for at in (calendar.opens, calendar.closes)
    )
    closes += 0 if calendar.closes > time() else DAY_MS
    edges = _edges(zone, opens - FURTHEST_MS, closes + FURTHEST_MS)
    out = []
    for start, end in pairwise(edges):
        offset = _offset_ms(zone, start)
        low, high = max(start, opens - offset), min(end, closes - offset)
        if low < high:
            out.append((low, high))
    return out


def _edges(zone: ZoneInfo, start: int, end: int) -> list[int]:
    """Give two instants, and between them those at which clocks are set."""
    if _offset_ms(zone, start) == _offset_ms(zone, end):
        return [start, end]
    out = [start]
    for low, high in pairwise([*range(start, end, HOUR_MS), end]):
        if _offset_ms(zone, low) != _offset_ms(zone, high):
            out.append(_change(zone, low, high))
    return [*out, end]


def _change(zone: ZoneInfo, low: int, high: int) -> int:
    """Find the instant after `low` at which clocks are set."""
    before = _offset_ms(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if _offset_ms(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def _offset_ms(zone: ZoneInfo, at_ms: int) -> int:
    here = (EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone)
    return (here.utcoffset() or timedelta()) // timedelta(milliseconds=1)


def _year(at_ms: int) -> int:
    seen = min(max(at_ms, 0), 130 * 366 * DAY_MS)
    return min(max((EPOCH + timedelta(milliseconds=seen)).year, YEARS[0]), YEARS[-1])


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
