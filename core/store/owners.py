"""People of the organisation, each with at most one live integration."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select

from core.store.schema import owner
from core.text import fold


def owner_id(conn: Connection, name: str, now: datetime) -> int:
    """Give the id of an owner by name, case and accents apart; make a new one."""
    folded = fold(name)
    known = conn.scalar(select(owner.c.id).where(owner.c.folded == folded))
    if known is None:
        row = insert(owner).values(name=name, folded=folded, created_at=now)
        known = conn.scalars(row.returning(owner.c.id)).one()
    return int(known)


def owners(conn: Connection) -> list[str]:
    """List the names of all owners."""
    return list(conn.scalars(select(owner.c.name).order_by(owner.c.folded)))
