"""The page of alerts shows what is wrong, who is told, and lets people change both."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from streamlit.testing.v1 import AppTest

from console.alert_list import end_of
from console.nav import path
from core import alerts
from core.alerts import Rule
from core.i18n import Texts
from core.runtime import Runtime
from tests.console.conftest import visit, words
from tests.servers.alerting import ACTOR, Alarmed
from tests.servers.hook import Hook, hook

CANARY = "Zq7CANARY9f3e"
LANGUAGES = pytest.mark.parametrize("language", ["pt_BR", "en"])


@pytest.fixture
def told() -> Iterator[Hook]:
    """Give a webhook that takes alerts."""
    with hook() as listening:
        yield listening


@pytest.fixture
def alarmed(runtime: Runtime) -> Alarmed:
    """Give an installation with the rules that Malote begins with."""
    alerts.add_missing(runtime)
    return Alarmed.of(runtime)


def burning(alarmed: Alarmed, number: int = 1) -> int:
    """Let a password be refused, and be told."""
    box = alarmed.mailbox(number)
    alarmed.wrong(box, host="imap.example.org")
    alarmed.settle()
    return box


@LANGUAGES
def test_without_a_sink_the_page_says_that_nobody_is_told(
    alarmed: Alarmed, language: str
) -> None:
    burning(alarmed)
    said = words(visit("alerts", language))
    for text in {
        "pt_BR": ["Ninguém é avisado ainda", "não há destino para esta regra"],
        "en": ["Nobody is told yet", "there is no sink for this rule"],
    }[language]:
        assert text in said
    opened = visit("alerts", language).button(key="sink_first").click().run()
    assert opened.text_input(key="sink_url")


@LANGUAGES
def test_an_open_alert_is_shown_with_what_and_since_when(
    alarmed: Alarmed, told: Hook, language: str
) -> None:
    alarmed.sink(told.url())
    burning(alarmed)
    said = words(visit("alerts", language))
    for text in {
        "pt_BR": ["imap.example.org recusou", "Alguém precisa agir", "Avisado em"],
        "en": ["imap.example.org refused", "Somebody must act", "Told 20"],
    }[language]:
        assert text in said
    assert "Ana 1 · ana1@example.org" in said


def test_the_worst_comes_first(alarmed: Alarmed) -> None:
    for number, code in enumerate(("short", "no_answer", "silent", "no_tls"), 1):
        alarmed.wrong(alarmed.mailbox(number), code)
    alarmed.settle()
    alarmed.pass_time(3600)
    codes = [one.alert.code for one in alerts.open_alerts(alarmed.runtime)]
    assert codes == ["no_tls", "no_answer", "silent", "short"]


def test_an_alert_is_snoozed_and_the_snooze_ended(alarmed: Alarmed, told: Hook) -> None:
    alarmed.sink(told.url())
    box = burning(alarmed)
    (shown,) = alerts.open_alerts(alarmed.runtime)
    ask = f"snooze_{shown.alert.id}"
    at = press(visit("alerts"), ask)
    at.radio(key="snooze_of").set_value("mailbox")
    press(at, ask, "snooze_for_hours")
    assert not at.exception
    (one,) = alerts.snoozed(alarmed.runtime)
    assert (one.snooze.integration_id, one.snooze.rule_id) == (box, None)
    lasts = one.snooze.until - one.snooze.at  # `at` is a moment later
    assert timedelta() <= timedelta(hours=8) - lasts < timedelta(seconds=5)
    assert "Silenciado até" in words(at)
    at.button(key=f"snooze_end_{one.snooze.id}").click().run()
    assert alerts.snoozed(alarmed.runtime) == []


def test_tomorrow_morning_is_the_readers(alarmed: Alarmed) -> None:
    t = Texts("pt_BR", "America/Sao_Paulo")
    now = alarmed.now.replace(hour=1, minute=30)  # yesterday, in São Paulo
    until = end_of(t, "tomorrow", now)
    assert (until.hour, until.minute) == (8, 0)
    assert until.date() == now.date()


@LANGUAGES
def test_a_sink_is_added_tested_and_removed(
    alarmed: Alarmed, told: Hook, language: str
) -> None:
    at = press(visit("alerts", language), "sink_add")
    at.text_input(key="sink_name").set_value("Ops *1*")
    at.text_input(key="sink_url").set_value(told.url(CANARY))
    press(at, "sink_add", "sink_store")
    assert not at.exception
    (sink,) = alerts.all_sinks(alarmed.runtime)
    assert (sink.name, sink.language) == ("Ops *1*", language)
    assert CANARY not in str(at.session_state._state.filtered_state)
    at = visit("alerts", language).button(key=f"sink_test_{sink.id}").click().run()
    assert len(told.titles) == 1
    assert len(at.success) == 1
    told.status = 503
    at.button(key=f"sink_test_{sink.id}").click().run()
    errors = [str(error.value).replace("\\", "") for error in at.error]
    assert len(errors) == 2  # the test, and that the sink fails
    assert all("503" in text and "Ops *1*" in text for text in errors)
    assert CANARY not in words(at)
    press(at, f"sink_remove_{sink.id}")
    press(at, f"sink_remove_{sink.id}", "sink_remove_yes")
    assert alerts.all_sinks(alarmed.runtime) == []


@LANGUAGES
@pytest.mark.parametrize("url", ["", f"https://example.com/{CANARY}", f"x://{CANARY}"])
def test_a_url_that_cannot_be_used_is_told_in_the_dialog(
    alarmed: Alarmed, language: str, url: str
) -> None:
    at = press(visit("alerts", language), "sink_add")
    at.text_input(key="sink_name").set_value("Ops")
    at.text_input(key="sink_url").set_value(url)
    press(at, "sink_add", "sink_store")
    (error,) = at.error
    assert error.value.startswith("URL")
    assert CANARY not in error.value
    assert alerts.all_sinks(alarmed.runtime) == []
    at.switch_page(str(path("start"))).run()
    assert CANARY not in str(at.session_state._state.filtered_state)


def test_a_rule_is_switched_off_and_on(alarmed: Alarmed) -> None:
    rule = alerts.all_rules(alarmed.runtime)[0]
    at = visit("alerts").toggle(key=f"rule_on_{rule.id}").set_value(False).run()
    assert not at.exception
    assert not alerts.all_rules(alarmed.runtime)[0].enabled
    at.toggle(key=f"rule_on_{rule.id}").set_value(True).run()
    assert alerts.all_rules(alarmed.runtime)[0].enabled


def test_a_rule_is_changed_and_its_name_stays_in_every_language(
    alarmed: Alarmed,
) -> None:
    at = editing(alerts.all_rules(alarmed.runtime)[0])
    assert at.text_input(key="rule_name").value == "Alguém precisa agir"
    at.number_input(key="rule_minutes").set_value(5)
    at.multiselect(key="rule_codes").set_value(["silent", "wrong_password"])
    press(at, "rule_store")
    assert not at.exception
    changed = alerts.all_rules(alarmed.runtime)[0]
    assert (changed.name, changed.after_s) == ("builtin.person", 300)
    assert set(changed.codes) == {"silent", "wrong_password"}
    assert "Somebody must act" in words(visit("alerts", "en"))


def test_a_rule_is_made_and_deleted(alarmed: Alarmed) -> None:
    at = editing(Rule(0, "", (), 0, alarmed.now))
    assert "Nome: Este campo" in words(press(at, "rule_store"))
    at.text_input(key="rule_name").set_value("Vendas [SP]")
    press(at, "rule_store")
    made = alerts.all_rules(alarmed.runtime)[-1]
    assert (made.name, made.codes) == ("Vendas [SP]", ())
    assert "Vendas [SP]\ntodos os erros · na hora" in words(visit("alerts"))
    at = editing(made)
    press(at, "rule_delete")
    assert made in alerts.all_rules(alarmed.runtime)
    press(at, "rule_delete_yes")
    assert made not in alerts.all_rules(alarmed.runtime)


def test_the_history_has_what_is_over(alarmed: Alarmed) -> None:
    box = burning(alarmed)
    alarmed.well(box)
    alarmed.settle()
    at = visit("alerts")
    assert "nada de errado" in words(at)
    shown = at.dataframe[0].value
    assert list(shown["what"]) == ["senha recusada"]
    assert list(shown["told"]) == ["Não avisado"]
    assert shown["recovered_at"].notna().all()


def test_many_alerts_say_how_many_there_are(alarmed: Alarmed) -> None:
    for number in range(30):
        alarmed.wrong(alarmed.mailbox(number))
    alarmed.settle()
    assert "25 piores de 30" in words(visit("alerts"))


def test_a_snooze_needs_no_live_page(alarmed: Alarmed) -> None:
    box = burning(alarmed)
    until = alarmed.runtime.clock() + timedelta(hours=1)
    alerts.snooze(alarmed.runtime, until, ACTOR, integration_id=box)
    assert "todas as regras" in words(visit("alerts"))


def press(at: AppTest, *keys: str) -> AppTest:
    """Press buttons in one go: a run of all closes a dialog that is not asked for."""
    for key in keys:
        at.button(key=key).click()
    return at.run()


def editing(rule: Rule) -> AppTest:
    """Show the form of a rule alone, which a test's run would close as a dialog."""
    return AppTest.from_function(_form, args=(rule,), default_timeout=20).run()


def _form(rule):  # AppTest takes the text of it: no names from outside
    import streamlit as st  # noqa: PLC0415 - AppTest runs the body alone

    from console import alert_rules  # noqa: PLC0415
    from core.i18n import Texts as Words  # noqa: PLC0415

    if "rule_name" not in st.session_state:
        alert_rules.fill(Words("pt_BR"), rule)
    alert_rules.form(Words("pt_BR"), rule)
