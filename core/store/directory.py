"""Integrations to choose from, by owner and address: no clocks, no counts."""

from __future__ import annotations

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from core.store.schema import integration, owner
from core.text import fold


class Choice(NamedTuple):
    """An integration as people name it; `ended`: it was disconnected."""

    id: int
    owner: str
    address: str
    ended: bool


def choices(conn: Connection, search: str, most: int) -> list[Choice]:
    """List integrations, live ones first, by owner; those that a search finds."""
    query = _named()
    if sought := fold(search.strip()):
        found = (
            owner.c.folded.contains(sought, autoescape=True),
            func.lower(integration.c.address).contains(sought, autoescape=True),
        )
        query = query.where(or_(*found))
    ended = integration.c.disconnected_at.is_not(None)
    query = query.order_by(ended, owner.c.folded, integration.c.id.desc())
    return [Choice._make(row) for row in conn.execute(query.limit(most))]


def choice(conn: Connection, integration_id: int) -> Choice | None:
    """Give one integration, if there is one with this id."""
    row = conn.execute(_named().where(integration.c.id == integration_id)).first()
    return Choice._make(row) if row else None


def count(conn: Connection) -> int:
    """Count the integrations, ended ones too."""
    return conn.scalar(select(func.count()).select_from(integration)) or 0


def _named() -> Select[Any]:
    c = integration.c
    return select(
        c.id, owner.c.name, c.address, c.disconnected_at.is_not(None).label("ended")
    ).join(owner)
