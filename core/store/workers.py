"""Which workers live, and what people have asked them to keep running."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, insert, select, update

from core.store.bulk import put_row
from core.store.schema import wish, worker

ALIVE = timedelta(seconds=30)  # since it was heard last


def beat(conn: Connection, holder: str, now: datetime) -> None:
    """Say that a worker is alive."""
    seen = conn.execute(
        update(worker).where(worker.c.holder == holder).values(seen_at=now)
    )
    if not seen.rowcount:
        conn.execute(insert(worker).values(holder=holder, started_at=now, seen_at=now))


def leave(conn: Connection, holder: str) -> None:
    """Say that a worker is gone."""
    conn.execute(delete(worker).where(worker.c.holder == holder))


def last_seen(conn: Connection) -> datetime | None:
    """Tell when any worker last said that it is alive."""
    seen: datetime | None = conn.scalar(select(func.max(worker.c.seen_at)))
    return seen


def up_since(conn: Connection, now: datetime) -> datetime | None:
    """Tell since when a worker has been alive: the start of the eldest that is."""
    c = worker.c
    alive = select(func.min(c.started_at)).where(c.seen_at > now - ALIVE)
    since: datetime | None = conn.scalar(alive)
    return since


def want(conn: Connection, name: str, now: datetime, *, wanted: bool) -> None:
    """Ask the workers to run something, or to stop it."""
    put_row(conn, wish, {"name": name}, {"wanted": wanted, "since": now})


def wanted(conn: Connection, name: str) -> bool:
    """Tell whether something is asked for."""
    return bool(conn.scalar(select(wish.c.wanted).where(wish.c.name == name)))


def names(conn: Connection) -> list[str]:
    """List the workers that have not left."""
    return list(conn.scalars(select(worker.c.holder)))


def alive(conn: Connection, now: datetime) -> set[str]:
    """List the workers that have said lately that they are alive."""
    c = worker.c
    return set(conn.scalars(select(c.holder).where(c.seen_at > now - ALIVE)))
