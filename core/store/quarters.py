"""How mailboxes were followed, per quarter of an hour: the cells of the matrix."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, literal, select
from sqlalchemy.dialects import postgresql, sqlite

from core.store.instants import to_ms
from core.store.rollups import SLOT_MS
from core.store.watch_tables import quarter

KEPT = timedelta(days=8)


class Attempt(NamedTuple):
    """A run that ended, or a proof by IDLE (`code` empty, no time taken)."""

    integration_id: int
    at: datetime
    code: str = ""  # of the error; empty: it went well
    took_ms: int = 0


def slot_of(at: datetime) -> int:
    """Give the quarter of an hour in which an instant lies, counted from 1970."""
    return to_ms(at) // SLOT_MS


def note(conn: Connection, attempts: Iterable[Attempt]) -> None:
    """Add attempts to the quarters in which they ended."""
    rows = [_row(one) for one in attempts]
    if not rows:
        return
    dialect = postgresql if conn.dialect.name == "postgresql" else sqlite
    new = dialect.insert(quarter)
    c, later = quarter.c, new.excluded
    greatest = func.greatest if conn.dialect.name == "postgresql" else func.max
    added = new.on_conflict_do_update(
        index_elements=[c.integration_id, c.slot],
        set_={
            "good": c.good + later.good,
            "failed": c.failed + later.failed,
            "slowest_ms": greatest(c.slowest_ms, later.slowest_ms),
            "code": func.coalesce(later.code, c.code, literal(None)),
        },
    )
    conn.execute(added, rows)


def of(
    conn: Connection, ids: Collection[int], first: int, last: int
) -> list[tuple[int, int, int, int, int, str | None]]:
    """Give (integration, slot, good, failed, slowest_ms, code) of slots in a range."""
    c = quarter.c
    here = (c.integration_id.in_(ids), c.slot >= first, c.slot <= last)
    rows = conn.execute(select(quarter).where(*here))
    return [tuple(row) for row in rows]


def forget(conn: Connection, now: datetime) -> None:
    """Drop what is older than any page shows."""
    conn.execute(delete(quarter).where(quarter.c.slot < slot_of(now - KEPT)))


def _row(one: Attempt) -> dict[str, Any]:
    return {
        "integration_id": one.integration_id,
        "slot": slot_of(one.at),
        "good": 0 if one.code else 1,
        "failed": 1 if one.code else 0,
        "slowest_ms": 0 if one.code else one.took_ms,
        "code": one.code or None,
    }
