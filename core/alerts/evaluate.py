"""Look at incidents: write what fires, what recovers, and the notices of both.

Deciding is pure (`rules`, `grouping`); here is the reading and the writing. A notice is
written in the transaction that marks its alerts as told, so each is told once, whoever
looks at the same time; `sending` takes it from there.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core.alerting import Rule
from core.alerts import grouping, rules
from core.alerts.grouping import Plan, What
from core.alerts.rules import Decision
from core.runtime import Runtime
from core.store import alert_rules, alerts, notices
from core.store.engine import reading, writing

# An incident ends when a worker or a person does something: whoever looks next comes
# soon after.
LATE = timedelta(minutes=10)
AT_LEAST = timedelta(minutes=1)
KEPT = timedelta(days=90)


class Evaluator:
    """Looks again and again, and only when something may have changed."""

    def __init__(self, runtime: Runtime) -> None:
        """Take the installation; nothing is looked at yet."""
        self._runtime = runtime
        self._pulse: tuple[Any, ...] = ()
        self._wake_at: datetime | None = None

    def look(self) -> bool:
        """Evaluate, unless nothing happened and time brings nothing; tell whether."""
        now = self._runtime.clock()
        with reading(self._runtime.engine) as conn:
            pulse = alerts.pulse(conn)
        if pulse == self._pulse and self._wake_at is not None and now < self._wake_at:
            return False
        wake_at = evaluate(self._runtime)
        self._pulse = pulse
        self._wake_at = min(wake_at or now + AT_LEAST, now + AT_LEAST)
        return True


def evaluate(runtime: Runtime) -> datetime | None:
    """Evaluate once; tell when time alone may bring something new, None: never."""
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        decision = _decide(conn, now)
        plan = _plan(runtime, conn, now)
    if decision or plan:
        with writing(runtime.engine) as conn:
            decision = _decide(conn, now, lock=True)
            _write(conn, decision, now)
            plan = _plan(runtime, conn, now)
            _put(conn, plan, now)
    wakes = [at for at in (decision.wake_at, plan.wake_at) if at is not None]
    return min(wakes, default=None)


def forget_old(runtime: Runtime) -> None:
    """Forget alerts and notices of long ago."""
    with writing(runtime.engine) as conn:
        alerts.forget(conn, runtime.clock() - KEPT)


def _decide(conn: Connection, now: datetime, *, lock: bool = False) -> Decision:
    known, since = alert_rules.rules(conn, lock=lock), now - LATE
    burning = alerts.burning(conn, since)
    return rules.decide(known, burning, alerts.unfinished(conn, since), now)


def _plan(runtime: Runtime, conn: Connection, now: datetime) -> Plan:
    known, there = alert_rules.rules(conn), _there(conn)
    return grouping.plan(
        known,
        alerts.unfinished(conn, now - LATE),
        alert_rules.snoozes(conn),
        now,
        runtime.settings.alert_group_s,
        frozenset(rule.id for rule in known if _sinks_of(rule, there)),
    )


def _write(conn: Connection, decision: Decision, now: datetime) -> None:
    alerts.fire(
        conn,
        [
            (f.rule_id, f.incident_id, f.integration_id, f.fired_at, f.recovered_at)
            for f in decision.fires
        ],
    )
    alerts.fire_again(conn, decision.again, now)
    over: dict[datetime, list[int]] = {}
    for one in decision.recoveries:
        over.setdefault(one.at, []).append(one.alert_id)
    for at, ids in over.items():
        alerts.recover(conn, ids, at)
    alerts.close(conn, [r.alert_id for r in decision.recoveries if r.quiet], now)


def _put(conn: Connection, plan: Plan, now: datetime) -> None:
    alerts.close(conn, plan.closed, now)
    known, there = (
        {rule.id: rule for rule in alert_rules.rules(conn)},
        _there(conn, lock=True),
    )
    for group in plan.groups:
        to = _sinks_of(known[group.rule_id], there)
        notices.put(conn, to, group.rule_id, str(group.what), group.alerts, now)
        mark = alerts.told if group.what is What.FIRED else alerts.close
        mark(conn, group.alerts, now)


def _there(conn: Connection, *, lock: bool = False) -> list[int]:
    return [sink.id for sink in notices.sinks(conn, lock=lock)]


def _sinks_of(rule: Rule, there: list[int]) -> list[int]:
    """Give to which sinks a rule is told; it may have chosen some."""
    return [one for one in there if not rule.sinks or one in rule.sinks]
