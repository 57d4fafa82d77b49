"""How mailboxes were followed, per quarter of an hour: the cells of the matrix."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from core.store.bulk import insert_rows
from core.store.instants import to_ms
from core.store.rollups import SLOT_MS
from core.store.watch_tables import quarter

KEPT = timedelta(days=8)
COLUMNS = ("integration_id", "slot", "good", "failed", "slowest_ms", "code")


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
    greatest = "GREATEST" if conn.dialect.name == "postgresql" else "MAX"
    insert_rows(
        conn,
        quarter,
        COLUMNS,
        _summed(attempts),
        "ON CONFLICT (integration_id, slot) DO UPDATE SET"
        " good = quarter.good + excluded.good,"
        " failed = quarter.failed + excluded.failed,"
        f" slowest_ms = {greatest}(quarter.slowest_ms, excluded.slowest_ms),"
        " code = COALESCE(excluded.code, quarter.code)",
    )


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


def _summed(attempts: Iterable[Attempt]) -> Iterable[tuple[int | str | None, ...]]:
    """Give one row per mailbox and quarter: PostgreSQL takes none twice at a time."""
    rows: dict[tuple[int, int], tuple[int, int, int, str | None]] = {}
    for one in attempts:
        key, bad = (one.integration_id, slot_of(one.at)), bool(one.code)
        good, failed, slowest_ms, code = rows.get(key, (0, 0, 0, None))
        took_ms = max(slowest_ms, 0 if bad else one.took_ms)
        rows[key] = (good + (not bad), failed + bad, took_ms, one.code or code)
    # In one order, whoever writes: two do not wait for each other.
    return ((*key, *row) for key, row in sorted(rows.items()))
