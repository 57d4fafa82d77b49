"""Numbers of the whole fleet, for machines: one query each, never a row per mailbox."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import BigInteger, Connection, and_, case, func, select, type_coerce

from core.model import State
from core.store.alert_tables import alert_sink
from core.store.instants import to_ms
from core.store.schema import folder, integration, worker
from core.store.watch_tables import incident, server_card

LIVE = integration.c.disconnected_at.is_(None)
FOLLOWED = and_(LIVE, integration.c.paused.is_(False))


@dataclass(frozen=True, slots=True)
class Lags:
    """How long ago a new message would last have been seen, over those not paused.

    `at_most` counts mailboxes by bound, each count with those of smaller bounds.
    Seconds. Who was never synced lags since it was connected.
    """

    at_most: dict[float, int]
    mailboxes: int
    sum_s: float
    most_s: float


@dataclass(frozen=True, slots=True)
class Measures:
    """The fleet at one moment. Incidents by (code, level), integrations by state."""

    states: dict[str, int]
    incidents: dict[tuple[str, str], int]
    lags: Lags
    held: int
    short: int
    workers: int
    sinks: dict[str, int]
    certificate_ends_at: datetime | None


def measure(
    conn: Connection, now: datetime, bounds_s: Sequence[float], silent: timedelta
) -> Measures:
    """Read all of it; a worker that was silent for so long does not count."""
    lives = worker.c.seen_at > now - silent
    return Measures(
        states=_states(conn, now),
        incidents=_incidents(conn),
        lags=_lags(conn, now, bounds_s),
        held=_held(conn),
        short=conn.scalar(select(func.sum(integration.c.short)).where(LIVE)) or 0,
        workers=conn.scalar(select(func.count()).where(lives)) or 0,
        sinks=_sinks(conn),
        certificate_ends_at=conn.scalar(
            select(func.min(server_card.c.expires_at)).join(integration).where(LIVE)
        ),
    )


def _states(conn: Connection, now: datetime) -> dict[str, int]:
    """Count as people are told: paused and syncing come before what is kept."""
    c = integration.c
    shown = case(
        (c.paused, str(State.PAUSED)),
        (c.lease_until > now, str(State.SYNCING)),
        else_=c.state,
    ).label("shown")
    rows = conn.execute(select(shown, func.count()).where(LIVE).group_by(shown))
    return dict.fromkeys(map(str, State), 0) | {str(s): int(n) for s, n in rows}


def _incidents(conn: Connection) -> dict[tuple[str, str], int]:
    c = incident.c
    mine = select(c.code, c.level, func.count()).where(c.ended_at.is_(None))
    rows = conn.execute(mine.group_by(c.code, c.level))
    return {(str(code), str(level)): int(n) for code, level, n in rows}


def _lags(conn: Connection, now: datetime, bounds_s: Sequence[float]) -> Lags:
    c = integration.c
    seen_ms = type_coerce(func.coalesce(c.seen_at, c.connected_at), BigInteger)
    lag_ms = to_ms(now) - seen_ms
    within = [
        func.sum(case((lag_ms <= bound * 1000, 1), else_=0)) for bound in bounds_s
    ]
    columns = (func.count(), func.sum(lag_ms), func.max(lag_ms), *within)
    count, sum_ms, most_ms, *counts = conn.execute(
        select(*columns).where(FOLLOWED)
    ).one()
    return Lags(
        {bound: int(n or 0) for bound, n in zip(bounds_s, counts, strict=True)},
        int(count),
        max(0.0, float(sum_ms or 0) / 1000),
        max(0.0, float(most_ms or 0) / 1000),
    )


def _held(conn: Connection) -> int:
    whose = select(func.sum(folder.c.held)).join(integration)
    here = whose.where(LIVE, folder.c.missing_since.is_(None))
    return int(conn.scalar(here) or 0)


def _sinks(conn: Connection) -> dict[str, int]:
    failing = alert_sink.c.failed_at.is_not(None)
    query = select(failing, func.count()).where(alert_sink.c.enabled).group_by(failing)
    rows = conn.execute(query)
    found = {"failing" if bad else "ok": int(n) for bad, n in rows}
    return {"ok": 0, "failing": 0} | found
