"""The organisation's working time, as settings write it. Pure.

What cannot be read is a ValueError that says what is wanted.
"""

from __future__ import annotations

from datetime import date, time
from zoneinfo import ZoneInfo

from core.business import days_off

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = "24:00"
SOME_YEAR = 2026


def zone(written: str) -> str:
    """Read the name of a time zone: "America/Sao_Paulo"."""
    try:
        return ZoneInfo(written).key
    except (KeyError, ValueError, OSError):  # as of a folder of zones: "America"
        raise ValueError(f"there is no time zone {written!r}") from None


def hours(written: str) -> tuple[time, time]:
    """Read from when to when people work: "09:00-18:00"; "24:00" ends a day."""
    first, _, last = (part.strip() for part in written.partition("-"))
    try:
        opens = time.fromisoformat(first)
        closes = time() if last == MIDNIGHT else time.fromisoformat(last)
    except ValueError:
        raise ValueError("hours are written as 09:00-18:00") from None
    if opens.tzinfo or closes.tzinfo:
        raise ValueError("hours are written as 09:00-18:00")
    if opens >= closes and last != MIDNIGHT:
        raise ValueError("hours end later on the same day, or at 24:00")
    return opens, closes


def weekdays(written: str) -> frozenset[int]:
    """Read weekdays, of which 1 is Monday: "mon-fri", "mon, wed, sat-sun"."""
    found: set[int] = set()
    for part in written.lower().split(","):
        first, _, last = (name.strip() for name in part.partition("-"))
        if first not in WEEKDAYS or (last and last not in WEEKDAYS):
            raise ValueError("weekdays are written as mon-fri, or as mon, wed, fri")
        begin = WEEKDAYS.index(first)
        end = WEEKDAYS.index(last) if last else begin
        found.update(1 + (begin + n) % 7 for n in range((end - begin) % 7 + 1))
    return frozenset(found)


def holidays(written: str) -> str:
    """Read whose public holidays there are: "BR", "BR-SP", or nothing."""
    where = written.strip().upper()
    try:
        days_off(where, SOME_YEAR)
    except NotImplementedError:
        raise ValueError(
            f"no holidays are known of {where!r}: give a country such as BR,"
            " or one and its state, such as BR-SP"
        ) from None
    return where


def days(written: str) -> frozenset[date]:
    """Read days off: "2026-12-24, 2026-12-31"."""
    try:
        some = (part.strip() for part in written.split(","))
        return frozenset(date.fromisoformat(part) for part in some if part)
    except ValueError:
        raise ValueError("days are written as 2026-12-24, 2026-12-31") from None
