"""Integrations to choose from, by owner and address: no clocks, no counts."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, or_, select

from core.store.schema import folder, integration, owner
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


def ids(conn: Connection) -> tuple[int, ...]:
    """Give the id of every integration, ended ones too."""
    return tuple(conn.scalars(select(integration.c.id).order_by(integration.c.id)))


def named(conn: Connection, some: Collection[int]) -> dict[int, Choice]:
    """Give some integrations, by id, as people name them."""
    found = conn.execute(_named().where(integration.c.id.in_(some)))
    return {row[0]: Choice._make(row) for row in found}


def folder_titles(conn: Connection, integration_id: int) -> dict[int, str]:
    """Give the folders of an integration that can be opened, by id."""
    c = folder.c
    query = select(c.id, c.title).where(
        c.integration_id == integration_id, c.selectable, c.missing_since.is_(None)
    )
    return {row[0]: row[1] for row in conn.execute(query.order_by(c.id))}


def count(conn: Connection) -> int:
    """Count the integrations, ended ones too."""
    return conn.scalar(select(func.count()).select_from(integration)) or 0


def _named() -> Select[Any]:
    c = integration.c
    return select(
        c.id, owner.c.name, c.address, c.disconnected_at.is_not(None).label("ended")
    ).join(owner)
