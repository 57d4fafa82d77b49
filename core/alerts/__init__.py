"""Use case: tell people, outside the console, what is wrong with mailboxes.

The worker evaluates rules and sends notices (`evaluate`, `sending`); people look at
what fired, snooze it, and change rules and sinks. Their acts are in the audit log.
"""

from __future__ import annotations

from core.alerting import FOR_A_PERSON, NOBODY, PASSING, Rule, Sink, Snooze, Told
from core.alerts.builtin import add_missing
from core.alerts.changing import (
    add_sink,
    change_rule,
    create_rule,
    delete_rule,
    enable_rule,
    remove_sink,
    snooze,
    test_sink,
    unsnooze,
)
from core.alerts.evaluate import Evaluator, forget_old
from core.alerts.grouping import What
from core.alerts.seeing import (
    Shown,
    Snoozed,
    all_rules,
    all_sinks,
    failing_sinks,
    history,
    open_alerts,
    open_count,
    places,
    snoozed,
    teams,
)
from core.alerts.sending import send_due
from core.alerts.sinks import Sending
from core.alerts.words import place_name, rule_name, short

__all__ = [
    "FOR_A_PERSON",
    "NOBODY",
    "PASSING",
    "Evaluator",
    "Rule",
    "Sending",
    "Shown",
    "Sink",
    "Snooze",
    "Snoozed",
    "Told",
    "What",
    "add_missing",
    "add_sink",
    "all_rules",
    "all_sinks",
    "change_rule",
    "create_rule",
    "delete_rule",
    "enable_rule",
    "failing_sinks",
    "forget_old",
    "history",
    "open_alerts",
    "open_count",
    "place_name",
    "places",
    "remove_sink",
    "rule_name",
    "send_due",
    "short",
    "snooze",
    "snoozed",
    "teams",
    "test_sink",
    "unsnooze",
]
