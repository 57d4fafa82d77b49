"""The calendar by which months and working time are counted."""

from __future__ import annotations

from functools import lru_cache

from sqlalchemy import Connection, select

from core.business import Calendar
from core.store.counting_tables import counting_mark

NAME = "calendar"


def kept(conn: Connection) -> Calendar:
    """Give the calendar by which it is counted."""
    c = counting_mark.c
    return _read(conn.scalar(select(c.words).where(c.name == NAME)) or "")


@lru_cache(8)
def _read(words: str) -> Calendar:
    return Calendar.from_json(words) if words else Calendar()
