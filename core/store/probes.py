"""Which mailboxes are to be probed, and that a probe was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, bindparam, exists, or_, select, update

from core.model import State
from core.store.schema import integration, wish


def due(conn: Connection, now: datetime) -> list[tuple[int, datetime | None]]:
    """List who is to be probed now, the longest waiting first: (id, since when).

    None for those that were never given a time. Not who is paused or fails, which the
    sync states, nor who was not synced yet, nor the demo while its servers rest. One
    query: it is asked every second.
    """
    c = integration.c
    demo = exists().where(wish.c.name == "demo", wish.c.wanted)
    rows = conn.execute(
        select(c.id, c.probe_at)
        .where(
            or_(c.probe_at.is_(None), c.probe_at <= now),
            c.disconnected_at.is_(None),
            c.paused.is_(False),
            c.state == str(State.OK),
            c.failures == 0,
            c.seen_at.is_not(None),
            or_(c.demo.is_(False), demo),
        )
        .order_by(c.probe_at.nulls_first())
    )
    return [(row.id, row.probe_at) for row in rows]


def plan(conn: Connection, times: Mapping[int, datetime]) -> None:
    """Set when mailboxes are to be probed next."""
    moved = update(integration).where(integration.c.id == bindparam("one"))
    if times:
        rows = [{"one": one, "at": at} for one, at in sorted(times.items())]
        conn.execute(moved.values(probe_at=bindparam("at")), rows)


def answered(
    conn: Connection, integration_id: int, since: datetime | None, at: datetime
) -> bool:
    """Note that a server let us in and answered; `since`: when it was connected.

    Gives False for who is not followed any more, or was reconnected meanwhile: what
    was seen is of another mailbox, maybe.
    """
    c = integration.c
    done = conn.execute(
        update(integration)
        .where(
            c.id == integration_id,
            c.disconnected_at.is_(None),
            c.paused.is_(False),
            c.credentials_at.is_not_distinct_from(since),
        )
        .values(login_ok_at=at, probed_at=at)
    )
    return done.rowcount == 1
