"""What fires and what recovers, as tables."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from core.alerting import FOR_A_PERSON, PASSING, Alert, Rule, Watched, names
from core.alerts.builtin import RULES
from core.alerts.rules import Decision, decide, watches
from core.errors import MailError
from core.incidents import WARNINGS
from tests.unit.alerting import NOW, ago, alert, incident, rule


def of(
    rules: Sequence[Rule], incidents: Sequence[Watched], alerts: Sequence[Alert] = ()
) -> Decision:
    return decide(rules, incidents, alerts, NOW)


@pytest.mark.parametrize(
    ("codes", "code", "named"),
    [
        ((), "wrong_password", True),
        ((), "no_answer", True),
        ((), "behind", False),  # every error, and no warning
        (("no_answer",), "no_answer", True),
        (("no_answer",), "wrong_password", False),
        (("behind",), "behind", True),
        (("behind",), "silent", False),
        ((FOR_A_PERSON,), "wrong_password", True),
        ((FOR_A_PERSON,), "certificate_expired", True),
        ((FOR_A_PERSON,), "no_answer", False),
        ((FOR_A_PERSON,), "short", False),
        ((PASSING,), "no_answer", True),
        ((PASSING,), "wrong_password", False),
        ((PASSING,), "of_a_later_version", True),
        ((PASSING,), "silent", False),
    ],
)
def test_codes_name_incidents(codes: tuple[str, ...], code: str, named: bool) -> None:
    assert names(codes, code) is named


@pytest.mark.parametrize(
    ("changes", "watched"),
    [
        ({}, True),
        ({"enabled": False}, False),
        ({"provider": "uol"}, True),
        ({"provider": "yahoo"}, False),
        ({"team": "sales"}, True),
        ({"team": "support"}, False),
        ({"provider": "uol", "team": "support"}, False),
    ],
)
def test_a_rule_may_be_about_some_mailboxes(
    changes: dict[str, object], watched: bool
) -> None:
    assert watches(rule(**changes), incident()) is watched  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("after_s", "since_s", "ended_s", "fired_s", "recovered_s"),
    [
        (0, 0, None, 0, None),  # seconds ago, None: not
        (60, 59, None, None, None),
        (60, 60, None, 0, None),
        (60, 600, None, 0, None),
        (60, 100, 41, None, None),  # it lasted 59 s: never
        (60, 100, 40, 40, 40),  # it lasted 60 s, and is found out late
        (60, 600, 5, 540, 5),
        (0, 30, 20, 30, 20),
    ],
)
def test_an_incident_fires_once_it_has_lasted(
    after_s: int,
    since_s: float,
    ended_s: float | None,
    fired_s: float | None,
    recovered_s: float | None,
) -> None:
    ended_at = None if ended_s is None else ago(ended_s)
    fires = of([rule(after_s=after_s)], [incident(since_s=since_s, ended_at=ended_at)])
    found = [(f.fired_at, f.recovered_at) for f in fires.fires]
    over = None if recovered_s is None else ago(recovered_s)
    assert found == ([] if fired_s is None else [(ago(fired_s), over)])


def test_it_is_looked_at_again_when_the_next_has_lasted() -> None:
    about = [incident(since_s=10), incident(since_s=40, id=6)]
    decision = of([rule(after_s=60)], about)
    assert not decision
    assert decision.wake_at == ago(-20)


def test_what_ended_before_the_rule_was_made_does_not_fire() -> None:
    old = incident(since_s=600, ended_at=ago(300))
    assert not of([rule(created_at=ago(200))], [old])
    assert of([rule(created_at=ago(400))], [old]).fires


@pytest.mark.parametrize("known", [alert(), alert(recovered_at=NOW, closed_at=NOW)])
def test_nothing_fires_twice(known: Alert) -> None:
    decision = of([rule()], [incident(last_at=ago(1))], [known])
    assert not decision.fires
    assert not decision.again


def test_each_rule_fires_for_itself() -> None:
    two = [rule(), rule("behind", id=2), rule("wrong_password", id=3)]
    assert [f.rule_id for f in of(two, [incident()]).fires] == [1, 3]


def test_a_mailbox_that_is_paused_or_ended_fires_nothing() -> None:
    assert not of([rule()], [incident(followed=False)])
    assert not of([rule()], [incident(followed=False, ended_at=NOW)])


@pytest.mark.parametrize(
    ("about", "rules", "recovered_s", "quiet"),
    [
        (incident(), [rule()], None, False),  # it burns on
        (incident(ended_at=ago(5)), [rule()], 5, False),
        (incident(followed=False), [rule()], 0, False),  # paused
        (incident(), [rule(enabled=False)], 0, True),
        (incident(), [rule("behind")], 0, True),  # changed
        (incident(), [], 0, True),
    ],
)
def test_an_alert_recovers(
    about: Watched, rules: list[Rule], recovered_s: float | None, quiet: bool
) -> None:
    found = of(rules, [about], [alert(about)]).recoveries
    over = [] if recovered_s is None else [(ago(recovered_s), quiet)]
    assert [(r.at, r.quiet) for r in found] == over


def test_an_incident_that_goes_on_after_a_pause_fires_again_once_it_is_seen() -> None:
    before = alert(recovered_at=ago(10), closed_at=ago(10))
    unseen = of([rule()], [incident(last_at=ago(20))], [before])
    assert not unseen
    assert unseen.wake_at is not None
    assert unseen.wake_at <= NOW  # with each look
    assert of([rule()], [incident(last_at=ago(5))], [before]).again == [9]


def test_every_code_is_told_by_one_rule_of_ours() -> None:
    every = {error.code for error in MailError.__subclasses__()} | set(WARNINGS)
    for code in every:
        about = [key for key, codes, _, _ in RULES if names(codes, code)]
        assert len(about) == 1, (code, about)
