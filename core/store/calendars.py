"""The calendar by which months and working time are counted."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection

from core.business import Calendar
from core.store import marks


def kept(conn: Connection) -> Calendar:
    """Give the calendar by which it is counted."""
    return _read(marks.words(conn, marks.CALENDAR))


@lru_cache(8)
def _read(words: str) -> Calendar:
    return Calendar.from_json(words) if words else Calendar()
