"""What fired, what is snoozed, which sinks fail: for pages and commands."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.alerting import Rule, Sink, Snooze, Told, needs_person
from core.alerts.grouping import snoozed_until
from core.incidents import RANK
from core.runtime import Runtime
from core.store import alert_rules, alerts, integrations, notices
from core.store.engine import reading

SHOWN = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """An alert as people see it.

    `rule` is the name as it is stored (`rule_name` gives it in a language). `alert.
    told_at`: when it was handed to sinks; `on_its_way`: not all of them have it yet.
    """

    alert: Told
    rule: str
    on_its_way: bool
    snoozed_until: datetime | None


@dataclass(frozen=True, slots=True)
class Snoozed:
    """What is snoozed now. `rule` as stored, `mailbox` an address; empty: every one."""

    snooze: Snooze
    rule: str
    mailbox: str


def open_alerts(runtime: Runtime, most: int = SHOWN) -> list[Shown]:
    """List what is wrong now and has fired: the worst first, then the oldest."""
    found = _listed(runtime, still_open=True)
    return sorted(found, key=_badness)[:most]


def open_count(runtime: Runtime) -> int:
    """Count what is wrong now and has fired."""
    with reading(runtime.engine) as conn:
        return alerts.count_open(conn)


def history(runtime: Runtime, most: int = SHOWN) -> list[Shown]:
    """List what fired, the newest first, over or not."""
    return _listed(runtime, still_open=False, most=most)


def all_rules(runtime: Runtime) -> list[Rule]:
    """List the rules, in the order that they were made."""
    with reading(runtime.engine) as conn:
        return alert_rules.rules(conn)


def all_sinks(runtime: Runtime) -> list[Sink]:
    """List the sinks, by name."""
    with reading(runtime.engine) as conn:
        return notices.sinks(conn)


def failing_sinks(runtime: Runtime) -> list[Sink]:
    """List the sinks to which nothing could be sent of late."""
    return [sink for sink in all_sinks(runtime) if sink.failed_at is not None]


def snoozed(runtime: Runtime) -> list[Snoozed]:
    """List what is snoozed now, the latest to end first."""
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        names = {rule.id: rule.name for rule in alert_rules.rules(conn)}
        live = [s for s in alert_rules.snoozes(conn) if s.until > now]
        return [
            Snoozed(
                s,
                names.get(s.rule_id or 0, ""),
                integrations.get(conn, s.integration_id).address
                if s.integration_id
                else "",
            )
            for s in live
        ]


def places(runtime: Runtime) -> list[str]:
    """List the providers (ids of the catalogue) that live mailboxes have."""
    with reading(runtime.engine) as conn:
        return alert_rules.providers(conn)


def teams(runtime: Runtime) -> list[str]:
    """List the teams that owners have."""
    with reading(runtime.engine) as conn:
        return alert_rules.teams(conn)


def _listed(
    runtime: Runtime, *, still_open: bool, most: int | None = None
) -> list[Shown]:
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        names = {rule.id: rule.name for rule in alert_rules.rules(conn)}
        found = alerts.listed(conn, still_open=still_open, most=most)
        snoozes, waiting = alert_rules.snoozes(conn), notices.on_the_way(conn)
    return [
        Shown(
            one,
            names[one.rule_id],
            one.id in waiting,
            snoozed_until(one.rule_id, one.integration_id, snoozes, now),
        )
        for one in found
    ]


def _badness(shown: Shown) -> tuple[int, int, datetime]:
    """Order: errors that wait for a person, other errors, warnings by their rank."""
    one = shown.alert
    if one.code in RANK:
        return 2, RANK[one.code], one.since
    return 0 if needs_person(one.code) else 1, 0, one.since
