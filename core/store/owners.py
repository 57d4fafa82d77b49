"""People of the organisation, each with at most one live integration."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, select, update

from core.errors import BadInput, NotFound
from core.store import counting, locks, marks, scoping
from core.store.bulk import put_new
from core.store.counting_tables import team as team_table
from core.store.schema import integration, owner
from core.text import fold, harmless

TEAM_MOST = 80


def owner_id(conn: Connection, name: str, now: datetime) -> int:
    """Give the id of an owner by name, case and accents apart; make a new one."""
    folded = fold(name)
    known = select(owner.c.id).where(owner.c.folded == folded)
    found = conn.scalar(known)
    if found is None:
        # Somebody else may be at it: then theirs is waited for, and taken.
        values = {"name": name, "folded": folded, "created_at": now}
        put_new(conn, owner, values)
        found = conn.scalars(known).one()
    return int(found)


def owners(conn: Connection) -> list[str]:
    """List the names of all owners."""
    return list(conn.scalars(select(owner.c.name).order_by(owner.c.folded)))


def set_team(conn: Connection, name: str, team: str) -> str:
    """Put an owner into a team, or into none; give the team as it is kept.

    What was counted of the owner's mailboxes goes with them.

    Raises:
        NotFound: there is no such owner.
        BadInput: the team's name is too long.

    """
    kept = " ".join(harmless(team).split())
    if len(kept) > TEAM_MOST:
        raise BadInput("team", "too_long")
    locks.alone(conn, marks.LOCK)
    mine = owner.c.folded == fold(name)
    theirs = select(integration.c.id).join(owner).where(mine)
    ids = list(conn.scalars(theirs))
    before = scoping.mailboxes(conn, ids)
    if not conn.execute(update(owner).where(mine).values(team=kept)).rowcount:
        raise NotFound(what="owner", id=name)
    if kept:
        put_new(conn, team_table, {"name": kept})
    counting.move(conn, before, scoping.mailboxes(conn, ids))
    return kept
