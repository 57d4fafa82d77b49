"""Mailboxes that are well by their last run, and are to be doubted by the clock."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, exists, func, or_, select, true

from core.store import health
from core.store.health import TOLD_FOR
from core.store.schema import folder, integration
from core.store.watch_tables import incident

ISSUER_TOLD_FOR = timedelta(days=7)


class Late(NamedTuple):
    """A mailbox that nobody looked at for a while, or ever (`seen_at` None).

    `begun_at`: when it was connected, or reconnected.
    """

    integration_id: int
    begun_at: datetime
    seen_at: datetime | None
    last_sync_at: datetime | None
    next_at: datetime | None

    @property
    def since(self) -> datetime:
        """Give since when somebody could have looked."""
        return max(self.begun_at, self.seen_at or self.begun_at)


class Open(NamedTuple):
    """A doubt that stands. `stopped`: paused or ended; `failing`: nobody can look."""

    integration_id: int
    facts: dict[str, str]
    stopped: bool
    failing: bool


def late(conn: Connection, before: datetime, now: datetime) -> list[Late]:
    """List the mailboxes that should be followed and were not looked at since then.

    Not those in whose first sync somebody is busy, nor those that cannot be synced.
    """
    c = integration.c
    begun = func.coalesce(c.credentials_at, c.connected_at, type_=c.seen_at.type)
    busy_at_first = and_(
        c.last_sync_at.is_(None), c.lease_until.is_not(None), c.lease_until > now
    )
    rows = conn.execute(
        select(c.id, begun, c.seen_at, c.last_sync_at, c.next_at).where(
            c.disconnected_at.is_(None),
            c.paused.is_(False),
            c.problem_code.is_(None),
            begun < before,
            or_(c.seen_at.is_(None), c.seen_at < before),
            ~busy_at_first,
        )
    )
    return [Late(*row) for row in rows]


def open_ones(conn: Connection, code: str) -> list[Open]:
    """List the mailboxes in which a doubt stands."""
    c, i = integration.c, incident.c
    stopped = or_(c.disconnected_at.is_not(None), c.paused)
    rows = conn.execute(
        select(c.id, i.facts, stopped, c.problem_code)
        .join(incident, i.integration_id == c.id)
        .where(i.code == code, i.ended_at.is_(None))
    )
    return [Open(o, facts or {}, bool(s), bool(p)) for o, facts, s, p in rows]


def outlived(conn: Connection, now: datetime) -> list[tuple[int, str]]:
    """List (integration, code) of what was told for long enough."""
    i, f = incident.c, folder.c
    recent = exists().where(
        f.integration_id == i.integration_id,
        f.held > 0,
        f.missing_since > now - TOLD_FOR,
    )
    vanished = _old("folder_vanished", now - TOLD_FOR, ~recent)
    issuer = _old("issuer_changed", now - ISSUER_TOLD_FOR, true())
    building = exists().where(
        f.integration_id == i.integration_id,
        f.building_uidvalidity.is_not(None),
        f.missing_since.is_(None),
    )
    renumbered = _old("renumbered", now - health.RENUMBERED_FOR, ~building)
    rows = conn.execute(
        select(i.integration_id, i.code).where(
            i.ended_at.is_(None), or_(vanished, issuer, renumbered)
        )
    )
    return [(row[0], row[1]) for row in rows]


def _old(code: str, before: datetime, also: Any) -> Any:
    return and_(incident.c.code == code, incident.c.since < before, also)
