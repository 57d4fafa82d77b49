"""Decide which alerts fire and which recover. Pure.

An incident fires once it has lasted as long as a rule says; also when that is found out
only after it ended. One that ended sooner never does.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from core.alerting import Alert, Rule, Watched, names


@dataclass(frozen=True, slots=True)
class Fire:
    """An alert that begins; `recovered_at` when it is over already."""

    rule_id: int
    incident_id: int
    integration_id: int
    fired_at: datetime
    recovered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Recovery:
    """An alert that is over; `quiet`: because its rule does not watch it any more."""

    alert_id: int
    at: datetime
    quiet: bool = False


@dataclass(slots=True)
class Decision:
    """What to write, and when time alone may bring something new (None: never)."""

    fires: list[Fire] = field(default_factory=list)
    again: list[int] = field(default_factory=list)  # alerts that begin anew
    recoveries: list[Recovery] = field(default_factory=list)
    wake_at: datetime | None = None

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.fires or self.again or self.recoveries)

    def wake(self, at: datetime) -> None:
        """Note that something may happen then."""
        self.wake_at = min(at, self.wake_at or at)


def watches(rule: Rule, incident: Watched) -> bool:
    """Tell whether a rule is on, and about such an incident of such a mailbox."""
    return (
        rule.enabled
        and rule.provider in {"", incident.provider}
        and rule.team in {"", incident.team}
        and names(rule.codes, incident.code)
    )


def decide(
    rules: Iterable[Rule],
    incidents: Iterable[Watched],
    alerts: Iterable[Alert],
    now: datetime,
) -> Decision:
    """Find what fires and what recovers.

    `incidents`: the open ones, and those that ended since the last time. `alerts`:
    those that are open, and those of these incidents.
    """
    decision, by_id = Decision(), {rule.id: rule for rule in rules}
    known = {(a.rule_id, a.incident.id): a for a in alerts}
    by_code: dict[str, list[Rule]] = {}
    for incident in incidents:
        if incident.code not in by_code:
            about = [r for r in by_id.values() if names(r.codes, incident.code)]
            by_code[incident.code] = about
        for rule in by_code[incident.code]:
            if watches(rule, incident) and incident.followed:
                before = known.get((rule.id, incident.id))
                _fire(decision, rule, incident, before, now)
    for alert in known.values():
        if alert.recovered_at is None:
            _recover(decision, by_id.get(alert.rule_id), alert, now)
    return decision


def _fire(
    decision: Decision,
    rule: Rule,
    incident: Watched,
    before: Alert | None,
    now: datetime,
) -> None:
    due_at, ended_at = incident.since + rule.after, incident.ended_at
    if before is not None:
        _fire_again(decision, incident, before)
    elif ended_at is None and due_at > now:
        decision.wake(due_at)
    elif ended_at is None:
        one = Fire(rule.id, incident.id, incident.integration_id, now)
        decision.fires.append(one)
    elif due_at <= ended_at and ended_at > rule.created_at:
        one = Fire(rule.id, incident.id, incident.integration_id, due_at, ended_at)
        decision.fires.append(one)


def _fire_again(decision: Decision, incident: Watched, before: Alert) -> None:
    """Let an alert begin anew that recovered by a pause, once it is seen to burn."""
    if incident.ended_at is not None or before.recovered_at is None:
        return
    if incident.last_at > before.recovered_at:
        decision.again.append(before.id)
    else:
        decision.wake(before.recovered_at)  # with each look: nothing else tells of it


def _recover(
    decision: Decision, rule: Rule | None, alert: Alert, now: datetime
) -> None:
    incident = alert.incident
    if incident.ended_at is not None:
        decision.recoveries.append(Recovery(alert.id, incident.ended_at))
    elif not incident.followed:
        decision.recoveries.append(Recovery(alert.id, now))
    elif rule is None or not watches(rule, incident):
        decision.recoveries.append(Recovery(alert.id, now, quiet=True))
