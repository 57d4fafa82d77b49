"""Rules of alerts, and what is snoozed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from core.alerting import Rule, Snooze
from core.errors import NotFound
from core.store.alert_tables import alert, alert_notice, alert_rule, snooze
from core.store.schema import integration, owner


def rules(conn: Connection, *, lock: bool = False) -> list[Rule]:
    """List the rules. `lock`: nobody else evaluates them until this is written."""
    query = select(alert_rule).order_by(alert_rule.c.id)
    # SQLite has no FOR UPDATE, and needs none: one transaction writes at a time.
    rows = conn.execute(query.with_for_update() if lock else query)
    return [_rule(row) for row in rows]


def rule(conn: Connection, rule_id: int) -> Rule:
    """Give one rule.

    Raises:
        NotFound: there is none with this id.

    """
    row = conn.execute(select(alert_rule).where(alert_rule.c.id == rule_id)).first()
    if row is None:
        raise NotFound(what="rule", id=rule_id)
    return _rule(row)


def add_rule(conn: Connection, new: Rule) -> int:
    """Store a rule (its id is ignored); give its id."""
    made = insert(alert_rule).values(**_values(new), created_at=new.created_at)
    return int(conn.scalars(made.returning(alert_rule.c.id)).one())


def change_rule(conn: Connection, changed: Rule) -> None:
    """Store a rule in place of the one with its id."""
    here = alert_rule.c.id == changed.id
    conn.execute(update(alert_rule).where(here).values(**_values(changed)))


def delete_rule(conn: Connection, rule_id: int) -> None:
    """Forget a rule, and everything that fired for it."""
    here = alert_rule.c.id == rule_id
    conn.execute(select(alert_rule.c.id).where(here).with_for_update()).all()
    for table in (alert_notice, alert, snooze):
        conn.execute(delete(table).where(table.c.rule_id == rule_id))
    conn.execute(delete(alert_rule).where(here))


def snoozes(conn: Connection) -> list[Snooze]:
    """List what is snoozed, and was of late, the latest to end first."""
    rows = conn.execute(select(snooze).order_by(snooze.c.until.desc(), snooze.c.id))
    return [
        Snooze(row.id, row.rule_id, row.integration_id, row.at, row.until)
        for row in rows
    ]


def add_snooze(conn: Connection, new: Snooze, actor: str) -> None:
    """Store a snooze (its id is ignored)."""
    conn.execute(
        insert(snooze).values(
            rule_id=new.rule_id,
            integration_id=new.integration_id,
            at=new.at,
            until=new.until,
            actor=actor,
        )
    )


def end_snoozes(
    conn: Connection, rule_id: int | None, integration_id: int | None
) -> None:
    """Forget what was snoozed for a rule, a mailbox or both, exactly as it was."""
    c = snooze.c
    which = (c.rule_id.is_not_distinct_from(rule_id),)
    mailbox = c.integration_id.is_not_distinct_from(integration_id)
    conn.execute(delete(snooze).where(*which, mailbox))


def providers(conn: Connection) -> list[str]:
    """List the providers of live integrations, those that are known."""
    c = integration.c
    known = (c.disconnected_at.is_(None), c.provider != "")
    return list(
        conn.scalars(select(c.provider).where(*known).distinct().order_by(c.provider))
    )


def teams(conn: Connection) -> list[str]:
    """List the teams of owners."""
    team = owner.c.team
    return list(conn.scalars(select(team).where(team != "").distinct().order_by(team)))


def _rule(row: Row[Any]) -> Rule:
    return Rule(
        row.id,
        row.name,
        tuple(row.codes),
        row.after_s,
        row.created_at,
        row.provider,
        row.team,
        tuple(row.sinks),
        row.enabled,
    )


def _values(one: Rule) -> dict[str, Any]:
    return {
        "name": one.name,
        "codes": list(one.codes),
        "after_s": one.after_s,
        "provider": one.provider,
        "team": one.team,
        "sinks": list(one.sinks),
        "enabled": one.enabled,
    }
