"""The organisation's working time: its zone, hours, weekdays and holidays. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
ZONE = "America/Sao_Paulo"


@dataclass(frozen=True, slots=True)
class Calendar:
    """When people work. `weekdays`: 1 is Monday; `own`: days off beside holidays.

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


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
