"""Alerts: what fired, what of it is told, and what is over."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Connection,
    Row,
    Select,
    delete,
    func,
    or_,
    select,
    update,
)

from core.alerting import Alert, Told, Watched
from core.clock import to_ms
from core.store.alert_tables import alert, alert_notice, snooze
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.schema import audit, integration, owner
from core.store.watch_tables import incident

Fired = tuple[int, int, int, datetime, datetime | None]


def pulse(conn: Connection) -> tuple[Any, ...]:
    """Give numbers of which one is another once something happened to incidents.

    Or when a person did something: acts are in the audit log.
    """
    i = incident.c
    opened = select(func.count()).select_from(incident).where(i.ended_at.is_(None))
    return tuple(
        conn.execute(
            select(
                opened.scalar_subquery(),
                select(func.max(i.id)).scalar_subquery(),
                select(func.max(i.ended_at)).scalar_subquery(),
                select(func.max(audit.c.id)).scalar_subquery(),
            )
        ).one()
    )


def burning(conn: Connection, ended_since: datetime) -> list[Watched]:
    """List the open incidents, and those that ended since then."""
    ended_at = incident.c.ended_at
    either = or_(ended_at.is_(None), ended_at >= ended_since)
    return [_watched(row) for row in conn.execute(_watching().where(either))]


def unfinished(conn: Connection, ended_since: datetime) -> list[Alert]:
    """List the alerts of which something is left to tell, and those of `burning`."""
    a, i = alert.c, incident.c
    query = _watching(
        a.id.label("alert_id"),
        a.rule_id,
        a.fired_at,
        a.told_at,
        a.recovered_at,
        a.recovery_told_at,
    ).join(alert, a.incident_id == i.id)
    left = or_(
        a.recovery_told_at.is_(None), i.ended_at.is_(None), i.ended_at >= ended_since
    )
    return [_alert(row) for row in conn.execute(query.where(left).order_by(a.id))]


def fire(conn: Connection, fired: Iterable[Fired]) -> None:
    """Store alerts: rule, incident, mailbox, when it fired, when it was over.

    What another worker has stored meanwhile stays as it is.
    """
    names = ("rule_id", "incident_id", "integration_id", "fired_at", "recovered_at")
    rows = [
        (*ids, to_ms(at), None if over is None else to_ms(over))
        for *ids, at, over in fired
    ]
    insert_rows(conn, alert, names, rows, "ON CONFLICT DO NOTHING")


def fire_again(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """Let alerts that had recovered begin anew."""
    fresh = {"told_at": None, "recovered_at": None, "recovery_told_at": None}
    _set(conn, ids, fired_at=now, **fresh)


def recover(conn: Connection, ids: Collection[int], at: datetime) -> None:
    """Note that alerts are over."""
    _set(conn, ids, recovered_at=at)


def told(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """Note that alerts are told: their notices are on their way."""
    _set(conn, ids, told_at=now)


def close(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """Note that nothing is left to tell of alerts."""
    _set(conn, ids, recovery_told_at=now)


def forget(conn: Connection, before: datetime) -> int:
    """Forget alerts that were over, notices that were made, and snoozes that ended.

    Gives how many alerts. A notice goes before its alerts do.
    """
    conn.execute(delete(alert_notice).where(alert_notice.c.created_at < before))
    conn.execute(delete(snooze).where(snooze.c.until < before))
    over = (alert.c.recovered_at < before, alert.c.recovery_told_at.is_not(None))
    return conn.execute(delete(alert).where(*over)).rowcount


def listed(
    conn: Connection, *, still_open: bool, most: int | None = None
) -> list[Told]:
    """List alerts, newest first; `still_open`: only those that are not over."""
    a = alert.c
    query = _telling().order_by(a.fired_at.desc(), a.id.desc()).limit(most)
    if still_open:
        query = query.where(a.recovered_at.is_(None))
    return [_told(row) for row in conn.execute(query)]


def count_open(conn: Connection) -> int:
    """Count the alerts that are open."""
    query = select(func.count()).select_from(alert)
    return int(conn.scalar(query.where(alert.c.recovered_at.is_(None))) or 0)


def of_ids(conn: Connection, ids: Iterable[int]) -> list[Told]:
    """Give some alerts, in the order that they are asked for."""
    order = {alert_id: place for place, alert_id in enumerate(ids)}
    rows: list[Told] = []
    for some in chunks(order, CHUNK):
        found = conn.execute(_telling().where(alert.c.id.in_(some)))
        rows += [_told(row) for row in found]
    return sorted(rows, key=lambda one: order[one.id])


def _telling() -> Select[Any]:
    a, i, m = alert.c, incident.c, integration.c
    return (
        select(
            alert,
            i.code,
            i.facts,
            i.since,
            owner.c.name.label("owner"),
            m.address,
            m.provider,
            m.imap_host,
        )
        .select_from(alert)
        .join(incident, i.id == a.incident_id)
        .join(integration, m.id == a.integration_id)
        .join(owner, owner.c.id == m.owner_id)
    )


def _told(row: Row[Any]) -> Told:
    return Told(
        id=row.id,
        rule_id=row.rule_id,
        integration_id=row.integration_id,
        owner=row.owner,
        address=row.address,
        place=row.provider or row.imap_host,
        code=row.code,
        facts=row.facts or {},
        since=row.since,
        fired_at=row.fired_at,
        told_at=row.told_at,
        recovered_at=row.recovered_at,
    )


def _watching(*more: Any) -> Select[Any]:
    i, m = incident.c, integration.c
    return (
        select(
            i.id,
            i.integration_id,
            i.code,
            i.since,
            i.last_at,
            i.ended_at,
            m.provider,
            m.imap_host,
            owner.c.team,
            m.paused,
            m.disconnected_at,
            *more,
        )
        .select_from(incident)
        .join(integration, m.id == i.integration_id)
        .join(owner, owner.c.id == m.owner_id)
    )


def _watched(row: Row[Any]) -> Watched:
    return Watched(
        row.id,
        row.integration_id,
        row.code,
        row.since,
        row.last_at,
        row.ended_at,
        row.provider,
        row.imap_host,
        row.team,
        followed=not row.paused and row.disconnected_at is None,
    )


def _alert(row: Row[Any]) -> Alert:
    return Alert(
        row.alert_id,
        row.rule_id,
        _watched(row),
        row.fired_at,
        row.told_at,
        row.recovered_at,
        row.recovery_told_at,
    )


def _set(conn: Connection, ids: Iterable[int], **values: Any) -> None:
    for some in chunks(ids, CHUNK):
        conn.execute(update(alert).where(alert.c.id.in_(some)).values(**values))
