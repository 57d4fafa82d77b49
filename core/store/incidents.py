"""What is wrong with integrations, and what was: one row from when until when."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, select, update

from core.incidents import Incident, Level, level_of
from core.store.bulk import CHUNK, chunks, put_new
from core.store.watch_tables import incident


def observe(
    conn: Connection, integration_id: int, code: str, now: datetime, **facts: str
) -> bool:
    """Note that something is wrong now; tell whether it is new."""
    c = incident.c
    again = (
        update(incident)
        .where(c.integration_id == integration_id, c.code == code, c.ended_at.is_(None))
        .values(last_at=now, times=c.times + 1, facts=facts)
    )
    if conn.execute(again).rowcount:
        return False
    new = {
        "integration_id": integration_id,
        "code": code,
        "level": str(level_of(code)),
        "facts": facts,
        "since": now,
        "last_at": now,
        "times": 1,
    }
    if put_new(conn, incident, new):
        return True
    conn.execute(again)  # another worker has noted it at this very moment
    return False


def end(
    conn: Connection, integration_id: int, codes: Collection[str], now: datetime
) -> bool:
    """Note that some things are not wrong any more; tell whether one of them was."""
    c = incident.c
    return _end(conn, now, c.integration_id == integration_id, c.code.in_(codes))


def end_errors(
    conn: Connection, integration_id: int, now: datetime, *, but: str = ""
) -> bool:
    """Note that the sync fails no more, or with `but` only."""
    c = incident.c
    error = (c.level == str(Level.ERROR), c.code != but)
    return _end(conn, now, c.integration_id == integration_id, *error)


def end_all(conn: Connection, integration_id: int, now: datetime) -> bool:
    """Note that nothing is wrong: the integration ended, or begins anew."""
    return _end(conn, now, incident.c.integration_id == integration_id)


def open_of(conn: Connection, integration_id: int) -> list[Incident]:
    """List what is wrong with an integration now, the oldest first."""
    c = incident.c
    mine = (c.integration_id == integration_id, c.ended_at.is_(None))
    return _list(conn, select(incident).where(*mine).order_by(c.since, c.id))


def open_of_many(conn: Connection, ids: Iterable[int]) -> dict[int, list[Incident]]:
    """List what is wrong with each of some integrations now; the well are left out."""
    c, found = incident.c, dict[int, list[Incident]]()
    for some in chunks(ids, CHUNK):
        query = select(incident).where(c.integration_id.in_(some), c.ended_at.is_(None))
        for one in _list(conn, query.order_by(c.since, c.id)):
            found.setdefault(one.integration_id, []).append(one)
    return found


def history(conn: Connection, integration_id: int, most: int) -> list[Incident]:
    """List the newest incidents of an integration, ended ones too, newest first."""
    c = incident.c
    query = select(incident).where(c.integration_id == integration_id)
    return _list(conn, query.order_by(c.since.desc(), c.id.desc()).limit(most))


def ended_after(
    conn: Connection, integration_id: int, since: datetime
) -> list[Incident]:
    """List the incidents of an integration that ended after a moment."""
    c = incident.c
    mine = (c.integration_id == integration_id, c.ended_at > since)
    return _list(conn, select(incident).where(*mine).order_by(c.id))


def _end(conn: Connection, now: datetime, *which: Any) -> bool:
    c = incident.c
    done = conn.execute(
        update(incident).where(*which, c.ended_at.is_(None)).values(ended_at=now)
    )
    return done.rowcount > 0


def _list(conn: Connection, query: Select[Any]) -> list[Incident]:
    return [as_incident(row) for row in conn.execute(query)]


def as_incident(row: Row[Any]) -> Incident:
    """Read an incident out of a row of its table."""
    return Incident(
        row.id,
        row.integration_id,
        row.code,
        Level(row.level),
        row.since,
        row.last_at,
        row.times,
        row.ended_at,
        row.facts or {},
    )
