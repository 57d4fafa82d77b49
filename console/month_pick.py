"""A period in whole months of the organisation, kept in the link."""

from __future__ import annotations

from datetime import date

import streamlit as st

from core.business import first_day, month_number
from core.i18n import Texts

PART = "months"
CHOICES = {"1": 1, "3": 3, "6": 6, "12": 12, "24": 24}
USUAL = "3"


def pick_months(t: Texts, today: date) -> tuple[int, int]:
    """Give the first and the last month, by number, both of them wanted."""
    asked = st.query_params.get(PART, USUAL)
    st.session_state["month_pick"] = asked if asked in CHOICES else USUAL
    chosen = st.segmented_control(
        t("month.label"),
        list(CHOICES),
        required=True,
        format_func=lambda one: t("month.last", n=CHOICES[one]),
        key="month_pick",
        help=t("month.help"),
        on_change=_write,
    )
    last = month_number(today)
    return last - CHOICES[chosen or USUAL] + 1, last


def month_text(t: Texts, month: int) -> str:
    """Write a month: 03/2026, 2026-03."""
    day = first_day(month)
    return f"{day:%m/%Y}" if t.language == "pt_BR" else f"{day:%Y-%m}"


def _write() -> None:
    st.query_params[PART] = st.session_state["month_pick"]
