"""Forget what is old, some rows at a time: no transaction keeps others waiting."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Table, and_, delete, exists, func, or_, select

from core.model import Outcome
from core.store.alert_tables import alert
from core.store.quarters import KEPT, slot_of
from core.store.schema import event, integration, run
from core.store.search_tables import mail_act
from core.store.watch_tables import incident, quarter

BATCH = 500  # rows of one transaction
QUIET_RUNS = timedelta(days=2)  # that went well and found nothing
RUNS = timedelta(days=30)
EVENTS = timedelta(days=90)
ACTS = timedelta(days=2)
INCIDENTS = timedelta(days=180)  # since they ended


def whose_turn(conn: Connection, turn: int, turns: int) -> list[int]:
    """List the integrations, live and ended, whose turn out of so many it is."""
    c = integration.c
    return list(conn.scalars(select(c.id).where(c.id % turns == turn)))


def old_runs(conn: Connection, integration_id: int, now: datetime) -> int:
    """Forget some runs, never the newest; give how many."""
    c = run.c
    newest = select(func.max(c.id)).where(c.integration_id == integration_id)
    did = c.added + c.read + c.flagged + c.moved + c.gone + c.poisoned
    quiet = and_(c.outcome == str(Outcome.OK), did == 0)
    old = (
        c.started_at < now - QUIET_RUNS,
        or_(c.started_at < now - RUNS, quiet),
        c.id != newest.scalar_subquery(),
        c.outcome != str(Outcome.RUNNING),
    )
    return _forget(conn, run, c.integration_id == integration_id, *old)


def old_events(conn: Connection, integration_id: int, now: datetime) -> int:
    """Forget some events; the newest of each kind says how things stand, and stays."""
    c = event.c
    mine = c.integration_id == integration_id
    newest = select(func.max(c.id)).where(mine).group_by(c.what)
    return _forget(conn, event, mine, c.at < now - EVENTS, c.id.not_in(newest))


def old_acts(conn: Connection, integration_id: int, now: datetime) -> int:
    """Forget some acts on messages that ended; the audit log knows who did them."""
    c = mail_act.c
    return _forget(
        conn, mail_act, c.integration_id == integration_id, c.ended_at < now - ACTS
    )


def old_incidents(conn: Connection, integration_id: int, now: datetime) -> int:
    """Forget some incidents that ended, but for those that an alert tells of."""
    c = incident.c
    told = exists().where(alert.c.incident_id == c.id)
    old = (c.ended_at < now - INCIDENTS, ~told)
    return _forget(conn, incident, c.integration_id == integration_id, *old)


def quarters(conn: Connection, now: datetime) -> int:
    """Forget the oldest quarter of an hour of all mailboxes, if it is too old."""
    oldest = conn.scalar(select(func.min(quarter.c.slot)))
    if oldest is None or oldest >= slot_of(now - KEPT):
        return 0
    return conn.execute(delete(quarter).where(quarter.c.slot == oldest)).rowcount


def _forget(conn: Connection, table: Table, *which: Any) -> int:
    some = select(table.c.id).where(*which).limit(BATCH)
    return conn.execute(delete(table).where(table.c.id.in_(some))).rowcount
