"""What fires is told to a real webhook: once, together, and not while it is snoozed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core import alerts, watch
from core.alerts import Evaluator
from core.connect import disconnect
from tests.servers.alerting import ACTOR, Alarmed
from tests.servers.hook import Hook

FIRED = "[Malote] ana1@example.org: password refused"
RECOVERED = "[Malote] Well again: ana1@example.org (password refused)"


def test_an_alert_and_its_recovery_are_told_once(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    alarmed.wrong(watched_box)
    for _ in range(4):
        alarmed.pass_time(20)
    assert webhook.titles == [FIRED]
    alarmed.well(watched_box)
    for _ in range(4):
        alarmed.pass_time(20)
    assert webhook.titles == [FIRED, RECOVERED]
    assert [one["type"] for one in webhook.posted] == ["failure", "success"]
    assert f"/sync?integration={watched_box}" in webhook.posted[0]["message"]


def test_what_does_not_last_is_not_told(alarmed: Alarmed, webhook: Hook) -> None:
    alarmed.rule(after_s=600)
    alarmed.sink(webhook.url())
    box = alarmed.mailbox()
    alarmed.wrong(box, "no_answer")
    alarmed.pass_time(590)
    alarmed.well(box)
    alarmed.pass_time(600)
    alarmed.wrong(box, "no_answer")
    alarmed.pass_time(600)
    alarmed.pass_time(30)
    assert webhook.titles == ["[Malote] ana1@example.org: no answer in time"]


def test_what_was_over_before_anybody_looked_is_told_with_its_end(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    alarmed.wrong(watched_box)
    alarmed.now += timedelta(minutes=5)
    alarmed.well(watched_box)
    alarmed.pass_time(60)
    alarmed.pass_time(1)
    assert webhook.titles == [FIRED, RECOVERED]


def test_forty_mailboxes_of_one_provider_are_one_message(
    alarmed: Alarmed, webhook: Hook
) -> None:
    alarmed.rule()
    alarmed.sink(webhook.url())
    boxes = [alarmed.mailbox(n) for n in range(1, 41)]
    other = alarmed.mailbox(99, provider="bol")
    for box in (*boxes, other):
        alarmed.wrong(box, "no_answer")
        alarmed.pass_time(0.5)
    alarmed.pass_time(30)
    assert sorted(webhook.titles) == [
        "[Malote] 40 mailboxes, UOL Mail: no answer in time",
        "[Malote] ana99@example.org: no answer in time",
    ]
    for box in boxes:
        alarmed.well(box)
    alarmed.settle()
    assert webhook.titles[-1] == (
        "[Malote] Well again: 40 mailboxes, UOL Mail (no answer in time)"
    )


def test_what_is_snoozed_is_told_when_that_ends(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    until = alarmed.now + timedelta(hours=1)
    alerts.snooze(alarmed.runtime, until, ACTOR, integration_id=watched_box)
    alarmed.wrong(watched_box)
    alarmed.settle()
    assert webhook.titles == []
    (shown,) = alerts.open_alerts(alarmed.runtime)
    assert (shown.snoozed_until, shown.alert.told_at) == (until, None)
    alarmed.pass_time(3600)
    assert webhook.titles == [FIRED]


def test_what_recovers_while_snoozed_stays_in_the_history_and_is_not_told(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    until = alarmed.now + timedelta(hours=1)
    alerts.snooze(alarmed.runtime, until, ACTOR, integration_id=watched_box)
    alarmed.wrong(watched_box)
    alarmed.settle()
    alarmed.well(watched_box)
    alarmed.settle()
    alarmed.pass_time(7200)
    assert webhook.titles == []
    assert len(alerts.history(alarmed.runtime)) == 1


def test_an_ended_snooze_tells_what_burns(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    until = alarmed.now + timedelta(hours=1)
    alerts.snooze(alarmed.runtime, until, ACTOR, integration_id=watched_box)
    alarmed.wrong(watched_box)
    alarmed.settle()
    alerts.unsnooze(alarmed.runtime, ACTOR, integration_id=watched_box)
    alarmed.pass_time()
    assert webhook.titles == [FIRED]


@pytest.mark.parametrize("how", ["pause", "disconnect"])
def test_a_mailbox_that_is_not_followed_any_more_has_recovered(
    alarmed: Alarmed, webhook: Hook, watched_box: int, how: str
) -> None:
    alarmed.wrong(watched_box)
    alarmed.settle()
    if how == "pause":
        watch.pause(alarmed.runtime, watched_box, ACTOR)
    else:
        disconnect(alarmed.runtime, watched_box, ACTOR)
    alarmed.settle()
    assert webhook.titles == [FIRED, RECOVERED]
    assert alerts.open_alerts(alarmed.runtime) == []


def test_after_a_pause_what_still_burns_is_told_anew(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    alarmed.wrong(watched_box)
    alarmed.settle()
    watch.pause(alarmed.runtime, watched_box, ACTOR)
    alarmed.settle()
    watch.resume(alarmed.runtime, watched_box, ACTOR)
    alarmed.settle()
    assert webhook.titles == [FIRED, RECOVERED]  # nobody has seen it burn yet
    alarmed.wrong(watched_box)
    alarmed.settle()
    assert webhook.titles == [FIRED, RECOVERED, FIRED]


def test_a_rule_that_is_switched_off_tells_nothing_more(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    alarmed.wrong(watched_box)
    alarmed.settle()
    (rule,) = alerts.all_rules(alarmed.runtime)
    alerts.enable_rule(alarmed.runtime, rule.id, ACTOR, enabled=False)
    alarmed.settle()
    assert alerts.open_alerts(alarmed.runtime) == []
    alarmed.well(watched_box)
    alarmed.settle()
    assert webhook.titles == [FIRED]


def test_after_ninety_days_alerts_are_forgotten(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    alarmed.wrong(watched_box)
    alarmed.settle()
    alarmed.well(watched_box)
    alarmed.settle()
    other = alarmed.mailbox(2)
    alarmed.wrong(other)
    alarmed.settle()
    alarmed.now += timedelta(days=89)
    alerts.forget_old(alarmed.runtime)
    assert len(alerts.history(alarmed.runtime)) == 2
    alarmed.now += timedelta(days=2)
    alerts.forget_old(alarmed.runtime)
    left = alerts.history(alarmed.runtime)
    assert [one.alert.integration_id for one in left] == [other]  # it burns
    assert len(webhook.titles) == 3


def test_rules_that_were_all_deleted_do_not_come_back(alarmed: Alarmed) -> None:
    alerts.add_missing(alarmed.runtime)
    for rule in alerts.all_rules(alarmed.runtime):
        alerts.delete_rule(alarmed.runtime, rule.id, ACTOR)
    alerts.add_missing(alarmed.runtime)
    assert alerts.all_rules(alarmed.runtime) == []


def test_nothing_is_looked_at_while_nothing_happens(
    alarmed: Alarmed, webhook: Hook, watched_box: int
) -> None:
    looking = Evaluator(alarmed.runtime)
    assert looking.look()
    assert not looking.look()
    alarmed.wrong(watched_box)
    assert looking.look()
    assert not looking.look()
    alarmed.now += timedelta(seconds=30)  # its group is told now
    assert looking.look()
    assert not looking.look()
    alerts.snooze(
        alarmed.runtime,
        alarmed.now + timedelta(hours=1),
        ACTOR,
        integration_id=watched_box,
    )
    assert looking.look()
    alarmed.well(watched_box)
    assert looking.look()
    assert len(alerts.history(alarmed.runtime)) == 1
    assert webhook.titles == []  # looking sends nothing
