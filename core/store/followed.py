"""Which mailboxes are to be watched, and what watching them shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    bindparam,
    or_,
    select,
    type_coerce,
    update,
)

from core.model import State
from core.store import runs
from core.store.schema import integration

# How the watching of a mailbox stands is the last of these events.
ON_AND_OFF = ("watched", "watch_lost", "polled")
POLLED = "polled"
STANDSTILL = (
    str(State.NEEDS_PASSWORD),
    str(State.NEEDS_PERMISSION),
    str(State.NEEDS_ATTENTION),
)


def followable(conn: Connection) -> set[tuple[Any, ...]]:
    """Give who is to be watched, as rows that differ when it is to be opened anew.

    (id, host, port, security, login, credentials since, recorded until). One query,
    because it is asked every few seconds; instants stay milliseconds for the same
    reason.
    """
    c = integration.c
    since = type_coerce(c.credentials_at, BigInteger)
    until = type_coerce(c.record_until, BigInteger)
    server = (c.imap_host, c.imap_port, c.imap_security)
    rows = conn.execute(
        select(c.id, *server, c.login, since, until).where(
            c.disconnected_at.is_(None), c.paused.is_(False), c.state.not_in(STANDSTILL)
        )
    )
    return {tuple(row) for row in rows}


def is_watched(conn: Connection, integration_id: int) -> bool:
    """Tell whether the server tells of new mail, as far as was heard."""
    last = runs.last_told(conn, integration_id, ON_AND_OFF)
    return last is not None and last[0] == ON_AND_OFF[0]


def is_polled(conn: Connection, integration_id: int) -> bool:
    """Tell whether the server does not tell of new mail, and need not."""
    last = runs.last_told(conn, integration_id, ON_AND_OFF)
    return last is not None and last[0] == POLLED


def proved(conn: Connection, proofs: Mapping[int, datetime], now: datetime) -> None:
    """Move runtime clocks on to when a new message would have been seen for sure.

    Never back, but for a clock that was ahead; not while a mailbox is in trouble.
    """
    c = integration.c
    later = or_(c.seen_at.is_(None), c.seen_at < bindparam("at"), c.seen_at > now)
    moved = (
        update(integration)
        .where(c.id == bindparam("one"), c.failures == 0, c.paused.is_(False), later)
        .values(seen_at=bindparam("at"))
    )
    # In one order, whoever writes: two do not wait for each other.
    conn.execute(moved, [{"one": one, "at": at} for one, at in sorted(proofs.items())])


def sooner(conn: Connection, integration_id: int, at: datetime) -> None:
    """Sync an integration at the latest at this time, if it is to be synced at all."""
    c = integration.c
    conn.execute(
        update(integration)
        .where(c.id == integration_id, c.next_at > at)
        .values(next_at=at)
    )
