"""Rules as rows with a switch, and the dialog that makes, changes or deletes one."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import escaped, guarded, refused, tell
from core import alerts
from core.alerts import FOR_A_PERSON, NOBODY, PASSING, Rule
from core.errors import BadInput
from core.i18n import Texts
from core.incidents import WARNINGS

PREFIX = "rule_"
MINUTE_S = 60
MINUTES_MOST = 10_080
COLUMNS = (1, 15, 2)  # switch, text, button
CLASSES = {FOR_A_PERSON: "alerts.class.person", PASSING: "alerts.class.passing"}
# Errors that a rule may be about, one by one: those that a sync is told most.
ERRORS = (
    "wrong_password", "needs_permission", "app_password_needed", "imap_disabled",
    "passwords_not_accepted", "certificate_expired", "certificate_unknown",
    "certificate_of_another", "no_tls", "host_unknown", "port_closed", "no_answer",
    "connection_lost", "throttled", "server_unavailable", "session_refused",
    "protocol_broken", "server_contradicts",
)  # fmt: skip


def section(t: Texts) -> None:
    """Show the rules, each with its switch, and the way to make one."""
    st.subheader(t("alerts.rules"), anchor=False)
    st.markdown(t("alerts.rules_intro"))
    names = {sink.id: sink.name for sink in alerts.all_sinks(runtime())}
    with st.container(border=True, gap="small"):
        for rule in alerts.all_rules(runtime()):
            _row(t, rule, names)
    if st.button(t("alerts.rule_new"), key="rule_new", icon=":material/add:"):
        _open(t, Rule(0, "", (), 0, runtime().clock()))


def _row(t: Texts, rule: Rule, names: dict[int, str]) -> None:
    name = alerts.rule_name(t, rule.name)
    key = f"rule_on_{rule.id}"
    st.session_state[key] = rule.enabled  # another person may have switched it
    switch, text, edit = st.columns(COLUMNS, vertical_alignment="center")
    switch.toggle(
        escaped(name),
        key=key,
        label_visibility="collapsed",
        on_change=_switch,
        args=(t, rule.id, name),
    )
    text.text(f"{name}\n{summary(t, rule, names)}")
    if edit.button(
        t("alerts.rule_edit"),
        key=f"rule_edit_{rule.id}",
        icon=":material/edit:",
        help=t("alerts.rule_edit_of", name=escaped(name)),
        width="stretch",
    ):
        _open(t, rule)


def summary(t: Texts, rule: Rule, names: dict[int, str]) -> str:
    """Say in a line what a rule tells of, after how long, and to whom."""
    codes = ", ".join(_code(t, code) for code in rule.codes)
    parts = [codes or t("alerts.every_error")]
    minutes = rule.after_s // MINUTE_S
    span = t("alerts.minutes", n=minutes)
    parts.append(t("alerts.after", span=span) if minutes else t("alerts.at_once"))
    if rule.provider:
        place = alerts.place_name(rule.provider)
        parts.append(t("alerts.of_provider", name=place))
    if rule.team:
        parts.append(t("alerts.of_team", name=rule.team))
    if rule.sinks:
        chosen = ", ".join(names[i] for i in rule.sinks if i in names)
        to = t("alerts.to_sinks", names=chosen) if chosen else t("alerts.no_sink")
        parts.append(to)
    return " · ".join(parts)


def _code(t: Texts, code: str) -> str:
    return t(CLASSES[code]) if code in CLASSES else alerts.short(t, code)


def _switch(t: Texts, rule_id: int, name: str) -> None:
    with guarded(t, "alerts"):
        enabled = bool(st.session_state[f"rule_on_{rule_id}"])
        alerts.enable_rule(runtime(), rule_id, ACTOR, enabled=enabled)
        key = "alerts.rule_on_told" if enabled else "alerts.rule_off_told"
        tell(t(key, name=escaped(name)))


def _open(t: Texts, rule: Rule) -> None:
    fill(t, rule)
    st.dialog(t("alerts.rule_title"), width="medium", on_dismiss="rerun")(form)(t, rule)


def fill(t: Texts, rule: Rule) -> None:
    """Give the fields what a rule says now."""
    values = {
        "name": alerts.rule_name(t, rule.name),
        "codes": list(rule.codes),
        "minutes": rule.after_s // MINUTE_S,
        "provider": rule.provider,
        "team": rule.team,
        "sinks": [i for i in rule.sinks if i != NOBODY],
    }
    for name, value in values.items():
        st.session_state[PREFIX + name] = value
    st.session_state.pop(PREFIX + "deleting", None)


def form(t: Texts, rule: Rule) -> None:
    """Show the fields of a rule, and what can be done with it."""
    with guarded(t, "alerts"):
        changed = _fields(t, rule)
        with st.container(horizontal=True):
            save = st.button(t("alerts.rule_store"), type="primary", key="rule_store")
            left = st.button(t("page.cancel"), key="rule_cancel")
            if rule.id:
                _delete(t, rule)
        if save:
            _save(t, changed)
        if left:
            st.rerun()


def _fields(t: Texts, rule: Rule) -> Rule:
    st.text_input(t("field.rule_name"), key=PREFIX + "name", autocomplete="off")
    known = [*CLASSES, *ERRORS, *WARNINGS]
    st.multiselect(
        t("field.rule_codes"),
        [*known, *(c for c in rule.codes if c not in known)],
        format_func=lambda code: _code(t, code),
        key=PREFIX + "codes",
        placeholder=t("alerts.every_error"),
    )
    st.number_input(
        t("field.rule_after"), min_value=0, max_value=MINUTES_MOST, step=1,
        key=PREFIX + "minutes",
    )  # fmt: skip
    left, right = st.columns(2)
    with left:
        _choice(t, "provider", alerts.places(runtime()), rule.provider)
    with right:
        _choice(t, "team", alerts.teams(runtime()), rule.team)
    names = {sink.id: sink.name for sink in alerts.all_sinks(runtime())}
    st.multiselect(
        t("field.rule_sinks"), list(names), format_func=names.__getitem__,
        key=PREFIX + "sinks", placeholder=t("alerts.all_sinks"),
    )  # fmt: skip
    return _read(t, rule)


def _choice(t: Texts, name: str, there: list[str], now: str) -> None:
    every = t("alerts.every_provider" if name == "provider" else "alerts.every_team")
    show = alerts.place_name if name == "provider" else str
    st.selectbox(
        t(f"field.rule_{name}"),
        list(dict.fromkeys(["", *there, now])),
        format_func=lambda value: show(value) if value else every,
        key=PREFIX + name,
        filter_mode=None,
    )


def _read(t: Texts, rule: Rule) -> Rule:
    typed = {
        name: st.session_state[PREFIX + name]
        for name in ("name", "codes", "minutes", "provider", "team", "sinks")
    }
    same = typed["name"] == alerts.rule_name(t, rule.name)  # in every language then
    return replace(
        rule,
        name=rule.name if same else str(typed["name"] or ""),
        codes=tuple(typed["codes"]),
        after_s=int(typed["minutes"] or 0) * MINUTE_S,
        provider=str(typed["provider"] or ""),
        team=str(typed["team"] or ""),
        sinks=tuple(typed["sinks"]),
    )


def _save(t: Texts, rule: Rule) -> None:
    try:
        if rule.id:
            alerts.change_rule(runtime(), rule, ACTOR)
        else:
            alerts.create_rule(runtime(), rule, ACTOR)
    except BadInput as error:
        refused(t, error)
        return
    tell(t("alerts.rule_saved"))
    st.rerun()


def _delete(t: Texts, rule: Rule) -> None:
    """Delete a rule with its history, when that was said twice."""
    st.space("stretch")
    if not st.session_state.get(PREFIX + "deleting"):
        st.button(
            t("alerts.rule_delete"),
            key="rule_delete",
            icon=":material/delete:",
            on_click=_ask_again,
        )
    elif st.button(
        t("alerts.rule_delete_confirm"),
        key="rule_delete_yes",
        type="primary",
        icon=":material/delete_forever:",
    ):
        alerts.delete_rule(runtime(), rule.id, ACTOR)
        tell(t("alerts.rule_deleted"))
        st.rerun()


def _ask_again() -> None:
    st.session_state[PREFIX + "deleting"] = True
