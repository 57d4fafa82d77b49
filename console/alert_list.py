"""Open alerts as cards, the worst first, what is snoozed, and the dialog for that."""

from __future__ import annotations

from datetime import datetime, timedelta

import streamlit as st

from console import nav
from console.runtime import ACTOR, runtime
from console.widgets import escaped, guarded, tell
from core import alerts
from core.alerts import Shown, Snoozed
from core.i18n import Texts
from core.incidents import Level, level_of
from core.words import explain_code

CARDS = 25
ASKED = "alert_to_snooze"  # which alert a person wants to snooze
BOTH, MAILBOX, RULE = "both", "mailbox", "rule"
FOR = ("hour", "hours", "tomorrow", "week")
MORNING = 8  # o'clock


def cards(t: Texts) -> None:
    """Show the open alerts, each with the way to its mailbox and a button to snooze."""
    found = alerts.open_alerts(runtime(), CARDS)
    if not found:
        st.markdown(f":material/check_circle: {t('alerts.none_open')}")
    heard = _heard()
    for one in found:
        with st.container(border=True, key=f"alert_{one.alert.id}"):
            _card(t, one, heard)
    count = alerts.open_count(runtime())
    if count > len(found):
        st.caption(t("alerts.first_of", shown=len(found), n=count))
    if ASKED in st.session_state:
        st.rerun()  # the dialog belongs to the page: this part is drawn anew by itself


def asked_for(t: Texts) -> None:
    """Open the dialog that snoozes, when a button of a card was pressed."""
    wanted = st.session_state.pop(ASKED, None)
    found = [s for s in alerts.open_alerts(runtime()) if s.alert.id == wanted]
    if found:
        st.dialog(t("alerts.snooze_title"), width="medium")(_snooze)(t, found[0])


def snoozes(t: Texts) -> None:
    """List what is snoozed, each with a button that ends it."""
    found = alerts.snoozed(runtime())
    if found:
        st.subheader(t("alerts.snoozes"), anchor=False)
    for one in found:
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            st.text(_about(t, one), width="stretch")
            if st.button(
                t("alerts.snooze_end"),
                key=f"snooze_end_{one.snooze.id}",
                icon=":material/notifications:",
            ):
                alerts.unsnooze(
                    runtime(),
                    ACTOR,
                    rule_id=one.snooze.rule_id,
                    integration_id=one.snooze.integration_id,
                )
                tell(t("alerts.snooze_ended"))
                st.rerun()


def told_words(t: Texts, shown: Shown, heard: frozenset[int]) -> str:
    """Say whether an alert was told, is on its way, or why not."""
    one = shown.alert
    if shown.snoozed_until is not None and one.told_at is None:
        return t("alerts.snoozed", at=t.moment(shown.snoozed_until))
    if shown.on_its_way:
        return t("alerts.on_its_way")
    if one.told_at is not None:
        return t("alerts.told", at=t.moment(one.told_at))
    if one.recovered_at is not None:
        return t("alerts.never_told")
    return t("alerts.not_told" if one.rule_id in heard else "alerts.nobody")


def _card(t: Texts, shown: Shown, heard: frozenset[int]) -> None:
    one, now = shown.alert, runtime().clock()
    error = level_of(one.code) is Level.ERROR
    with st.container(horizontal=True, vertical_alignment="center"):
        st.badge(
            alerts.short(t, one.code),
            icon=":material/error:" if error else ":material/warning:",
            color="red" if error else "orange",
        )
        st.text(f"{one.owner} · {one.address}")
        st.space("stretch")
        st.page_link(
            nav.path("sync"),
            label=t("alerts.open_mailbox"),
            icon=":material/arrow_forward:",
            query_params={"integration": str(one.integration_id)},
        )
        st.button(
            t("alerts.snooze"),
            key=f"snooze_{one.id}",
            icon=":material/notifications_paused:",
            on_click=_ask,
            args=(one.id,),
        )
    st.text(explain_code(t, one.code, one.facts).what)
    since = t("alerts.since", at=t.moment(one.since), ago=t.ago(one.since, now))
    rule = alerts.rule_name(t, shown.rule)
    st.caption(escaped(f"{since} · {rule} · {told_words(t, shown, heard)}"))
    if shown.snoozed_until is not None and one.told_at is not None:
        st.caption(t("alerts.snoozed", at=t.moment(shown.snoozed_until)))


def _heard() -> frozenset[int]:
    """Give the rules that have somebody to tell."""
    there = {sink.id for sink in alerts.all_sinks(runtime())}
    return frozenset(
        rule.id
        for rule in alerts.all_rules(runtime())
        if there and (not rule.sinks or there & set(rule.sinks))
    )


def _ask(alert_id: int) -> None:
    st.session_state[ASKED] = alert_id


def _snooze(t: Texts, shown: Shown) -> None:
    with guarded(t, "snooze"):
        one = shown.alert
        st.text(f"{one.owner} · {one.address}\n{alerts.rule_name(t, shown.rule)}")
        st.markdown(t("alerts.snooze_text"))
        of = st.radio(
            t("alerts.snooze_what"),
            [BOTH, MAILBOX, RULE],
            format_func=lambda name: t(f"alerts.snooze_{name}"),
            key="snooze_of",
        )
        with st.container(horizontal=True):
            pressed = [
                name
                for name in FOR
                if st.button(t(f"alerts.for.{name}"), key=f"snooze_for_{name}")
            ]
            left = st.button(t("page.cancel"), key="snooze_cancel")
        if pressed:
            until = end_of(t, pressed[0], runtime().clock())
            alerts.snooze(
                runtime(),
                until,
                ACTOR,
                rule_id=None if of == MAILBOX else one.rule_id,
                integration_id=None if of == RULE else one.integration_id,
            )
            tell(t("alerts.snooze_done", at=t.moment(until)))
        if pressed or left:
            st.rerun()


def end_of(t: Texts, name: str, now: datetime) -> datetime:
    """Give the end of a snooze; tomorrow morning is the reader's."""
    if name == "tomorrow":
        day = now.astimezone(t.zone) + timedelta(days=1)
        return day.replace(hour=MORNING, minute=0, second=0, microsecond=0)
    hours = {"hour": 1, "hours": 8, "week": 7 * 24}[name]
    return now + timedelta(hours=hours)


def _about(t: Texts, one: Snoozed) -> str:
    mailbox = one.mailbox or t("alerts.every_mailbox")
    rule = alerts.rule_name(t, one.rule) if one.rule else t("alerts.every_rule")
    return f"{mailbox} · {rule} · {t('alerts.until', at=t.moment(one.snooze.until))}"
