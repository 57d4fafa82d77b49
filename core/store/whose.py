"""Mailboxes with their owners and teams, as numbers are told apart by them."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from core.store.counting_tables import team
from core.store.schema import integration, owner


class Mailbox(NamedTuple):
    """An integration, live or ended. `team` empty and `team_id` 0: it is of none."""

    id: int
    owner: str
    team: str
    team_id: int


def mailboxes(conn: Connection) -> list[Mailbox]:
    """Give every integration, by id."""
    query = (
        select(
            integration.c.id,
            owner.c.name,
            owner.c.team,
            func.coalesce(team.c.id, 0),
        )
        .join(owner)
        .outerjoin(team, team.c.name == owner.c.team)
        .order_by(integration.c.id)
    )
    return [Mailbox(*row) for row in conn.execute(query)]
