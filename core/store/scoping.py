"""Scopes of what is counted: who is in which."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, Select, select

from core.store import directory
from core.store.bulk import CHUNK, chunks
from core.store.counted import Mailbox
from core.store.counting_tables import team
from core.store.schema import integration, owner


def teams(conn: Connection) -> list[tuple[int, str]]:
    """List (id, name) of the teams that have a mailbox, by name."""
    query = select(team.c.id, team.c.name).where(
        select(integration.c.id).join(owner).where(owner.c.team == team.c.name).exists()
    )
    return [
        (int(id_), str(name)) for id_, name in conn.execute(query.order_by(team.c.name))
    ]


def team_ids(conn: Connection) -> list[int]:
    """List the ids of all teams that ever were."""
    return list(conn.scalars(select(team.c.id).order_by(team.c.id)))


def mailboxes(
    conn: Connection, ids: Collection[int] | None = None
) -> dict[int, Mailbox]:
    """Give how integrations are counted, by id: of all, ended ones too, or of some."""
    query = (
        select(integration.c.id, integration.c.address, team.c.id)
        .join(owner)
        .outerjoin(team, team.c.name == owner.c.team)
        .order_by(integration.c.id)
    )
    of = integration.c.id.in_
    asked = [query] if ids is None else [query.where(of(x)) for x in chunks(ids, CHUNK)]
    rows = (row for one in asked for row in conn.execute(one))
    return {row[0]: Mailbox(row[0], row[1], row[2] or 0) for row in rows}


def team_name(conn: Connection, team_id: int) -> str | None:
    """Give the name of a team; None: there is none with this id."""
    return conn.scalar(select(team.c.name).where(team.c.id == team_id))


def integrations(conn: Connection, scope: int) -> tuple[int, ...]:
    """Give the ids of the integrations of a scope (`core.store.counting_tables`)."""
    if scope > 0:
        return (scope,)
    if not scope:
        return directory.ids(conn)
    return tuple(conn.scalars(members(scope).order_by(integration.c.id)))


def members(scope: int) -> Select[tuple[int]]:
    """Give the query of the integrations of a team, by its scope.

    Within another query: PostgreSQL goes through a long list for each row.
    """
    return (
        select(integration.c.id)
        .join(owner)
        .join(team, team.c.name == owner.c.team)
        .where(team.c.id == -scope)
    )
