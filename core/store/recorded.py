"""Lines of connections that were recorded because a person asked for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, func, insert, select

from core.store.schema import integration
from core.store.watch_tables import recorded

LINES_MOST = 2_000  # of an integration; the oldest go
BYTES_MOST = 512 << 10


class Line(NamedTuple):
    """One line: whose, when, of what connection, which way it went, and what it was."""

    integration_id: int
    at: datetime
    who: str  # sync, idle, probe or peek
    way: str  # out or in
    line: str


def ends(conn: Connection, ids: Collection[int]) -> dict[int, datetime]:
    """Tell until when integrations are, or were, recorded; never: they are left out."""
    c = integration.c
    rows = conn.execute(select(c.id, c.record_until).where(c.id.in_(ids)))
    return {row.id: row.record_until for row in rows if row.record_until is not None}


def add(conn: Connection, lines: Sequence[Line]) -> None:
    """Keep lines in their order; of each integration no more than is allowed."""
    if not lines:
        return
    conn.execute(insert(recorded), [one._asdict() for one in lines])
    for one in {line.integration_id for line in lines}:
        _trim(conn, one)


def newest(conn: Connection, integration_id: int, most: int) -> list[Line]:
    """Give the newest lines of an integration, in their order."""
    c = recorded.c
    query = select(c.integration_id, c.at, c.who, c.way, c.line).where(
        c.integration_id == integration_id
    )
    rows: list[Any] = list(conn.execute(query.order_by(c.id.desc()).limit(most)))
    return [Line(*row) for row in reversed(rows)]


def count(conn: Connection, integration_id: int) -> int:
    """Count the lines of an integration."""
    mine = recorded.c.integration_id == integration_id
    return conn.scalar(select(func.count()).where(mine)) or 0


def forget(conn: Connection, integration_id: int) -> None:
    """Delete what was recorded of an integration."""
    conn.execute(delete(recorded).where(recorded.c.integration_id == integration_id))


def _trim(conn: Connection, integration_id: int) -> None:
    c, left = recorded.c, BYTES_MOST
    query = select(c.id, c.line).where(c.integration_id == integration_id)
    for number, row in enumerate(conn.execute(query.order_by(c.id.desc())).all()):
        left -= len(row.line.encode())
        if number >= LINES_MOST or left < 0:
            mine = (c.integration_id == integration_id, c.id <= row.id)
            conn.execute(delete(recorded).where(*mine))
            return
