"""Decide what is told, and what together. Pure.

Alerts of one rule and one provider that fire within a short time are one notice: when
a provider goes down, forty mailboxes are one message.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from core.alerting import Alert, Rule, Snooze


class What(StrEnum):
    """What a notice tells."""

    FIRED = "fired"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Group:
    """Alerts of one rule and one provider that are told together, oldest first."""

    what: What
    rule_id: int
    place: str
    alerts: tuple[int, ...]


@dataclass(slots=True)
class Plan:
    """What to tell now; what is never told; and when to look again (None: never)."""

    groups: list[Group] = field(default_factory=list)
    closed: list[int] = field(default_factory=list)
    wake_at: datetime | None = None

    def __bool__(self) -> bool:
        """Tell whether there is anything to write."""
        return bool(self.groups or self.closed)

    def wake(self, at: datetime) -> None:
        """Note that something may happen then."""
        self.wake_at = min(at, self.wake_at or at)


def plan(
    rules: Iterable[Rule],
    alerts: Iterable[Alert],
    snoozes: Sequence[Snooze],
    now: datetime,
    within_s: float,
    heard: frozenset[int],
) -> Plan:
    """Find what is told now. `heard`: rules that have a sink to tell it to.

    What is snoozed waits; if it recovers meanwhile, it is never told. The recovery of
    what was told is told, snoozed or not.
    """
    out, waiting = Plan(), dict[tuple[What, int, str], list[tuple[datetime, int]]]()
    known = {rule.id for rule in rules}
    for alert in alerts:
        if alert.closed_at is not None or alert.rule_id not in known:
            continue
        what = _what(out, alert, snoozes, now, heard)
        if what is not None:
            at = alert.fired_at if what is What.FIRED else alert.recovered_at
            key = (what, alert.rule_id, alert.incident.place)
            waiting.setdefault(key, []).append((at or now, alert.id))
    for (what, rule_id, place), found in sorted(waiting.items()):
        found.sort()
        due_at = found[0][0] + timedelta(seconds=within_s)
        if due_at > now:
            out.wake(due_at)
        else:
            ids = tuple(alert_id for _, alert_id in found)
            out.groups.append(Group(what, rule_id, place, ids))
    return out


def snoozed_until(
    rule_id: int, integration_id: int, snoozes: Iterable[Snooze], now: datetime
) -> datetime | None:
    """Tell until when alerts of a rule and a mailbox are not told, if they are not."""
    ends = [s.until for s in snoozes if s.covers(rule_id, integration_id)]
    return max((until for until in ends if until > now), default=None)


def _what(
    out: Plan,
    alert: Alert,
    snoozes: Sequence[Snooze],
    now: datetime,
    heard: frozenset[int],
) -> What | None:
    """Tell what is to be told of an alert, if anything."""
    of = (alert.rule_id, alert.incident.integration_id)
    until = snoozed_until(*of, snoozes, now)
    quiet = until is not None or alert.rule_id not in heard
    over = alert.recovered_at is not None
    if alert.told_at is None or (not over and _reminded(alert, snoozes, now)):
        if not quiet:
            return What.FIRED
        if over:
            out.closed.append(alert.id)
        elif until is not None:
            out.wake(until)
        return None
    if until is not None:
        out.wake(until)
    if over and alert.rule_id not in heard:
        out.closed.append(alert.id)
        return None
    return What.RECOVERED if over else None


def _reminded(alert: Alert, snoozes: Iterable[Snooze], now: datetime) -> bool:
    """Tell whether it was snoozed after it was told, and that is over."""
    told_at, mailbox = alert.told_at, alert.incident.integration_id
    return any(
        told_at is not None and told_at <= s.at and told_at < s.until <= now
        for s in snoozes
        if s.covers(alert.rule_id, mailbox)
    )
