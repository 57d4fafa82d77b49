"""Read dates as servers and mails write them, as milliseconds since 1970. Pure.

A day, a time and an offset are each looked up as they are written; few are ever new.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_tz

from core.clock import to_ms

# What came before 1970 or comes after 2100 was never sent then.
EARLIEST_MS, LATEST_MS = 0, to_ms(datetime(2100, 1, 1, tzinfo=UTC))
DAY_MINUTES = 24 * 60
NAMES_OF_MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
MONTHS = {name: number for number, name in enumerate(NAMES_OF_MONTHS, 1)}
# "02 Mar 2026 " in a Date header, "02-Mar-2026 " or " 2-Mar-2026 " in INTERNALDATE.
DAY = re.compile(r"([ 0-3]?\d)[- ]([A-Za-z]{3})[- ](\d{4}) \Z").match
CLOCK = re.compile(r"([01]\d|2[0-3]):([0-5]\d):([0-5]\d) \Z").match
OFFSET = re.compile(r"[+-](?:0\d|1[0-4])[0-5]\d\Z").match
WRITTEN_MOST = 100_000  # days, times and offsets that are remembered


def date_ms(value: str) -> int | None:
    """Read a Date header as milliseconds since 1970; None for what makes no sense."""
    if len(value) == len("Mon, 02 Mar 2026 10:00:00 -0300"):
        try:
            at_s = DAYS[value[5:17]] + CLOCKS[value[17:26]] - OFFSETS[value[26:]]
        except KeyError:
            return _any_date_ms(value)
        return at_s * 1000 if EARLIEST_MS <= at_s * 1000 <= LATEST_MS else None
    return _any_date_ms(value)


def internal_ms(value: bytes) -> int | None:
    """Read an INTERNALDATE (RFC 9051 §9, date-time) as milliseconds since 1970."""
    text = value.decode("latin-1")
    if len(text) == len("2-Mar-2026 10:00:00 -0300"):
        text = "0" + text
    try:
        at_s = DAYS[text[:12]] + CLOCKS[text[12:21]] - OFFSETS[text[21:]]
    except KeyError:
        return None
    return at_s * 1000 if EARLIEST_MS <= at_s * 1000 <= LATEST_MS else None


class _Days(dict[str, int]):
    """Seconds since 1970 at which a day of UTC begins, by "02-Mar-2026 " as written."""

    def __missing__(self, text: str) -> int:
        found = DAY(text)
        if found is None:
            raise KeyError(text)
        day, month, year = found.groups()
        try:
            at = datetime(int(year), MONTHS[month.title()], int(day), tzinfo=UTC)
        except ValueError:
            raise KeyError(text) from None
        return _kept(self, text, int(at.timestamp()))


class _Clocks(dict[str, int]):
    """Seconds since midnight, by "10:00:00 " as written."""

    def __missing__(self, text: str) -> int:
        found = CLOCK(text)
        if found is None:
            raise KeyError(text)
        hour, minute, second = map(int, found.groups())
        return _kept(self, text, hour * 3600 + minute * 60 + second)


class _Offsets(dict[str, int]):
    """Seconds east of UTC, by "-0300" as written."""

    def __missing__(self, text: str) -> int:
        if OFFSET(text) is None:
            raise KeyError(text)
        seconds = int(text[1:3]) * 3600 + int(text[3:5]) * 60
        return _kept(self, text, -seconds if text[0] == "-" else seconds)


def _kept(known: dict[str, int], text: str, seconds: int) -> int:
    if len(known) < WRITTEN_MOST:
        known[text] = seconds
    return seconds


DAYS, CLOCKS, OFFSETS = _Days(), _Clocks(), _Offsets()


def _any_date_ms(value: str) -> int | None:
    try:
        parts = parsedate_tz(value[:200])
        if parts is None or abs(parts[9] or 0) > DAY_MINUTES * 60:
            return None
        zone = timezone(timedelta(seconds=parts[9] or 0))
        return _believed(to_ms(datetime(*parts[:6], tzinfo=zone)))
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def _believed(ms: int) -> int | None:
    return ms if EARLIEST_MS <= ms <= LATEST_MS else None
