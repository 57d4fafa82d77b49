"""What is told, what together, and what never."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.alerting import Alert, Snooze
from core.alerts.grouping import Plan, What, plan
from tests.unit.alerting import NOW, ago, alert, incident, rule, snooze

WITHIN_S = 30.0
DONE = {"told_at": ago(50), "recovered_at": ago(40), "closed_at": ago(40)}


def of(
    alerts: Sequence[Alert], *snoozes: Snooze, heard: frozenset[int] = frozenset({1, 2})
) -> Plan:
    rules = [rule(), rule(id=2)]
    return plan(rules, alerts, snoozes, NOW, WITHIN_S, heard)


def fired(number: int, seconds_ago: float, **about: object) -> Alert:
    box = incident(integration_id=number, **about)  # type: ignore[arg-type]  # fields by name
    return alert(box, id=number, fired_at=ago(seconds_ago))


def test_forty_mailboxes_of_one_provider_are_one_notice() -> None:
    told = of([fired(n, 30 - n / 2) for n in range(40)])
    assert [(g.what, g.place, len(g.alerts)) for g in told.groups] == [
        (What.FIRED, "uol", 40)
    ]
    assert told.groups[0].alerts[:2] == (0, 1)  # the oldest first


def test_the_first_waits_for_the_others() -> None:
    told = of([fired(1, 29), fired(2, 3)])
    assert not told
    assert told.wake_at == ago(-1)


def test_other_providers_and_other_rules_are_other_notices() -> None:
    host = {"provider": "", "host": "mail.example.org"}
    some = [fired(1, 40), fired(2, 40, provider="yahoo"), fired(3, 40, **host)]
    some.append(alert(id=4, rule_id=2))
    assert sorted((g.rule_id, g.place) for g in of(some).groups) == [
        (1, "mail.example.org"),
        (1, "uol"),
        (1, "yahoo"),
        (2, "uol"),
    ]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({}, What.FIRED),
        ({"told_at": ago(50)}, None),  # once
        ({"told_at": ago(50), "recovered_at": ago(40)}, What.RECOVERED),
        (DONE, None),  # once, too
        ({"recovered_at": ago(40)}, What.FIRED),  # found out late: told, then its end
    ],
)
def test_each_is_told_once_and_its_end_once(
    changes: dict[str, object], what: What | None
) -> None:
    groups = of([alert(**changes)]).groups  # type: ignore[arg-type]  # fields by name
    assert [g.what for g in groups] == ([what] if what else [])


@pytest.mark.parametrize(
    ("which", "quiet"),
    [
        ({"integration_id": 7}, True),
        ({"integration_id": 8}, False),
        ({"rule_id": 1}, True),
        ({"rule_id": 2}, False),
        ({"rule_id": 1, "integration_id": 7}, True),
        ({"rule_id": 1, "integration_id": 8}, False),
    ],
)
def test_what_is_snoozed_waits(which: dict[str, int], quiet: bool) -> None:
    told = of([alert()], snooze(60, 3600, **which))
    assert bool(told.groups) is not quiet
    assert told.wake_at == (ago(-3540) if quiet else None)


def test_what_burns_when_the_snooze_ends_is_told() -> None:
    over = snooze(3600, 3600, integration_id=7)
    assert [g.what for g in of([alert()], over).groups] == [What.FIRED]


def test_what_recovers_while_it_is_snoozed_is_never_told() -> None:
    told = of([alert(recovered_at=ago(5))], snooze(60, 3600, rule_id=1))
    assert (told.groups, told.closed) == ([], [9])


def test_what_was_told_and_then_snoozed_is_told_again_when_that_ends() -> None:
    known = alert(fired_at=ago(900), told_at=ago(800))
    assert not of([known], snooze(700, 701, integration_id=7))
    assert of([known], snooze(700, 700, integration_id=7)).groups
    again = alert(fired_at=ago(900), told_at=NOW)
    assert not of([again], snooze(700, 700, integration_id=7))


def test_the_end_of_what_was_told_is_told_though_it_is_snoozed() -> None:
    known = alert(told_at=ago(100), recovered_at=ago(40))
    told = of([known], snooze(60, 3600, integration_id=7))
    assert [g.what for g in told.groups] == [What.RECOVERED]


def test_without_a_sink_an_alert_waits_for_one_as_long_as_it_is_open() -> None:
    nobody = frozenset[int]()
    waits = of([alert()], heard=nobody)
    assert (waits.groups, waits.closed) == ([], [])
    assert of([alert(recovered_at=ago(5))], heard=nobody).closed == [9]
