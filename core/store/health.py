"""What the folders of an integration say of it: unread, short, vanished."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, select, update

from core.model import Role
from core.store.schema import folder, integration, poison

TOLD_FOR = timedelta(days=1)  # of a folder that is not there any more
RENUMBERED_FOR = timedelta(minutes=15)  # at least; until it was read to the end
NAMED = 3


@dataclass(frozen=True, slots=True)
class Health:
    """`unread` of the inbox, as the server states it; `short`: messages that we lack.

    `vanished` are titles of folders that held messages and were not listed any more
    since a day or less; `building` tells that a folder is being read again.
    """

    unread: int
    short: int
    vanished: tuple[str, ...]
    building: bool


def measure(conn: Connection, integration_id: int, now: datetime) -> Health:
    """Read the folders. A first reading, and what a server caps, is not short."""
    c = folder.c
    bad = (
        select(poison.c.folder_id, func.count().label("bad"))
        .group_by(poison.c.folder_id, poison.c.generation)
        .join(folder, folder.c.id == poison.c.folder_id)
        .where(c.integration_id == integration_id, poison.c.generation == c.generation)
    )
    unreadable = {row.folder_id: row.bad for row in conn.execute(bad)}
    rows = conn.execute(
        select(folder).where(c.integration_id == integration_id, c.selectable)
    ).all()
    there = [row for row in rows if row.missing_since is None]
    short = 0
    for row in there:
        whole = row.on_server is not None and row.low is not None and row.low <= 1
        if whole and not (row.capped or row.building_uidvalidity or row.problem_code):
            lacking = row.on_server - row.held - unreadable.get(row.id, 0)
            short += max(0, lacking)
    return Health(
        unread=sum(r.unseen_on_server or 0 for r in there if r.role == Role.INBOX),
        short=short,
        vanished=tuple(
            row.title
            for row in rows
            if row.missing_since and row.held and row.missing_since > now - TOLD_FOR
        ),
        building=any(row.building_uidvalidity for row in there),
    )


def keep(conn: Connection, integration_id: int, health: Health) -> None:
    """Keep the counts with the integration, to be sorted by."""
    conn.execute(
        update(integration)
        .where(integration.c.id == integration_id)
        .values(unread=health.unread, short=health.short)
    )
