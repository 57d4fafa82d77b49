"""What a person may choose on the delivery page; every choice lives in the link."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from console.pick import DIGITS_MOST
from console.runtime import runtime
from core import deliveries
from core.deliveries import NO_TEMPLATE, Question
from core.i18n import Texts
from core.scopes import Scope

DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
USUAL = "90"
PERIOD, TEMPLATE = "days", "template"  # parts of a link
EVERY, NONE = "", "none"


def pick(t: Texts, scope: Scope) -> Question:
    """Let a person choose the period and the template."""
    period, template = st.columns([3, 2])
    with period:
        first, last = _pick_days(t)
    with template:
        only = _pick_template(t)
    return Question(scope, first, last, t.zone, only)


def _pick_days(t: Texts) -> tuple[date, date]:
    asked = st.query_params.get(PERIOD, USUAL)
    st.session_state["delivery_days"] = asked if asked in DAYS else USUAL
    chosen = st.segmented_control(
        t("delivery.period"),
        list(DAYS),
        required=True,
        format_func=lambda one: t("delivery.days", n=DAYS[one]),
        key="delivery_days",
        on_change=lambda: _write(PERIOD, "delivery_days"),
    )
    today = runtime().clock().astimezone(t.zone).date()
    return today - timedelta(days=DAYS[chosen or USUAL] - 1), today


def _pick_template(t: Texts) -> int | None:
    names = {EVERY: t("delivery.every_template"), NONE: t("delivery.no_template")}
    known = deliveries.template_names(runtime())
    names |= {str(one): name for one, name in known.items()}
    asked = st.query_params.get(TEMPLATE, EVERY)
    if asked not in names:
        st.warning(t("delivery.unknown_template"), icon=":material/search_off:")
    st.session_state["delivery_template"] = asked if asked in names else EVERY
    chosen = st.selectbox(
        t("delivery.template"),
        list(names),
        format_func=names.__getitem__,
        key="delivery_template",
        on_change=lambda: _write(TEMPLATE, "delivery_template"),
    )
    if chosen == EVERY:
        return None
    is_number = chosen.isdecimal() and len(chosen) <= DIGITS_MOST
    return int(chosen) if is_number else NO_TEMPLATE


def _write(part: str, key: str) -> None:
    if chosen := st.session_state[key]:
        st.query_params[part] = chosen
    else:
        st.query_params.pop(part, None)
