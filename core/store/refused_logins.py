"""Passwords that a host refused, of an owner: when each was sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select

from core.store.access_tables import refused_login
from core.text import fold


def times(
    conn: Connection, owner: str, host: str, since: datetime
) -> tuple[datetime, ...]:
    """Tell when a host refused a password of an owner, oldest first."""
    c = refused_login.c
    found = select(c.at).where(*_of(owner, host), c.at > since).order_by(c.at)
    return tuple(conn.scalars(found))


def add(conn: Connection, owner: str, host: str, now: datetime) -> int:
    """Note one; give its id."""
    row = insert(refused_login).values(owner=fold(owner), host=host, at=now)
    return int(conn.scalars(row.returning(refused_login.c.id)).one())


def remove(conn: Connection, row_id: int) -> None:
    """Take one back: it was not refused."""
    conn.execute(delete(refused_login).where(refused_login.c.id == row_id))


def clear(conn: Connection, owner: str, host: str) -> None:
    """Forget those of an owner and a host: a password was accepted."""
    conn.execute(delete(refused_login).where(*_of(owner, host)))


def forget_before(conn: Connection, at: datetime) -> None:
    """Remove what is too old to count, whoever's."""
    conn.execute(delete(refused_login).where(refused_login.c.at <= at))


def _of(owner: str, host: str) -> tuple[ColumnElement[bool], ...]:
    return (refused_login.c.owner == fold(owner), refused_login.c.host == host)
