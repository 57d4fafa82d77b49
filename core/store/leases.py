"""Who may write what was synced of an integration: one at a time, for a while."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, or_, select, update

from core.errors import Ended, Overtaken
from core.store import locks
from core.store.schema import integration

LEASE = timedelta(minutes=3)


def take(conn: Connection, integration_id: int, holder: str, now: datetime) -> None:
    """Take the lease of an integration: only its holder may write what it synced.

    Raises:
        Overtaken: somebody holds it.
        Ended: it is paused or disconnected.

    """
    c = integration.c
    free = or_(c.lease_until.is_(None), c.lease_until < now, c.lease_holder == holder)
    taken = _lease(conn, integration_id, holder, now, and_(free))
    if not taken:
        _explain(conn, integration_id)


def renew(conn: Connection, integration_id: int, holder: str, now: datetime) -> None:
    """Keep the lease, in the transaction of the batch that needs it.

    Raises:
        Overtaken, Ended: then the batch must not be written.

    """
    c = integration.c
    mine = and_(c.lease_holder == holder)
    if not _lease(conn, integration_id, holder, now, mine):
        _explain(conn, integration_id)


def release(conn: Connection, integration_id: int, holder: str) -> None:
    """Give the lease back."""
    c = integration.c
    conn.execute(
        update(integration)
        .where(c.id == integration_id, c.lease_holder == holder)
        .values(lease_holder=None, lease_until=None)
    )


def holds(conn: Connection, integration_id: int, holder: str) -> bool:
    """Tell whether somebody has the lease; it was taken away by a reconnection.

    What is told is so until the end of the transaction.
    """
    locks.hold(conn, [integration_id])
    c = integration.c
    mine = select(c.id).where(c.id == integration_id, c.lease_holder == holder)
    return conn.scalar(mine) is not None


def holders(conn: Connection) -> dict[int, str]:
    """Give who holds which integration."""
    c = integration.c
    rows = conn.execute(select(c.id, c.lease_holder).where(c.lease_holder.is_not(None)))
    return {r[0]: r[1] for r in rows}


def _lease(
    conn: Connection, integration_id: int, holder: str, now: datetime, condition: Any
) -> bool:
    c = integration.c
    alive = (c.disconnected_at.is_(None), c.paused.is_(False))
    done = conn.execute(
        update(integration)
        .where(c.id == integration_id, *alive, condition)
        .values(lease_holder=holder, lease_until=now + LEASE)
    )
    return done.rowcount == 1


def _explain(conn: Connection, integration_id: int) -> None:
    c = integration.c
    row = conn.execute(select(integration).where(c.id == integration_id)).first()
    if row is None or row.disconnected_at is not None or row.paused:
        raise Ended(f"integration {integration_id}")
    raise Overtaken(str(row.lease_holder), holder=row.lease_holder)
