"""What a person may choose on the volume page; every choice lives in the link."""

from __future__ import annotations

from datetime import date, timedelta

import streamlit as st

from console.runtime import runtime
from console.widgets import day_format
from core import metrics
from core.i18n import Texts
from core.model import Kind

DAYS = {"7": 7, "30": 30, "90": 90, "365": 365}
CUSTOM = "custom"
PERIODS = [*DAYS, CUSTOM]
USUAL = "90"
EARLIEST = date(2000, 1, 1)
KINDS = [str(kind) for kind in Kind]


def pick_period(t: Texts) -> str:
    """Let a person choose how far back to look."""
    asked = st.query_params.get("period", USUAL)
    st.session_state["volume_period"] = asked if asked in PERIODS else USUAL
    chosen = st.segmented_control(
        t("volume.period"),
        PERIODS,
        required=True,
        format_func=lambda p: t(f"volume.days_{p}"),
        key="volume_period",
        on_change=_write_period,
    )
    return chosen or USUAL


def pick_days(t: Texts, period: str) -> tuple[date, date]:
    """Give the first and last day of a period; ask for those of one's own."""
    today = runtime().clock().astimezone(t.zone).date()
    if period != CUSTOM:
        return today - timedelta(days=DAYS[period] - 1), today
    # Not one field for both: Streamlit offers periods in English below such a calendar.
    asked = _asked_days(today)
    return _day(t, "from", asked[0], today), _day(t, "to", asked[1], today)


def pick_kinds(t: Texts) -> tuple[str, ...]:
    """Let a person choose the kinds; persons and lists are the usual ones."""
    asked = [k for k in st.query_params.get("kinds", "").split(",") if k in KINDS]
    st.session_state["volume_kinds"] = asked or list(metrics.DEFAULT_KINDS)
    chosen = st.pills(
        t("volume.kinds"),
        KINDS,
        selection_mode="multi",
        format_func=lambda k: t(f"kind.{k}"),
        key="volume_kinds",
        on_change=_write_kinds,
    )
    return tuple(chosen) or metrics.DEFAULT_KINDS


def _asked_days(today: date) -> tuple[date, date]:
    try:
        first = date.fromisoformat(st.query_params.get("from", ""))
        last = date.fromisoformat(st.query_params.get("to", ""))
    except ValueError:
        return today - timedelta(days=DAYS[USUAL] - 1), today
    first, last = max(min(first, last), EARLIEST), min(max(first, last), today)
    return min(first, today), max(last, EARLIEST)


def _write_period() -> None:
    for name in ("from", "to"):
        st.query_params.pop(name, None)
    st.query_params["period"] = st.session_state["volume_period"]


def _day(t: Texts, name: str, asked: date, today: date) -> date:
    st.session_state[f"volume_{name}"] = asked
    return st.date_input(
        t(f"volume.{name}"),
        min_value=EARLIEST,
        max_value=today,
        format=day_format(t),
        key=f"volume_{name}",
        on_change=_write_days,
        width=150,
    )


def _write_days() -> None:
    first, last = st.session_state["volume_from"], st.session_state["volume_to"]
    st.query_params["from"] = min(first, last).isoformat()
    st.query_params["to"] = max(first, last).isoformat()


def _write_kinds() -> None:
    st.query_params["kinds"] = ",".join(st.session_state["volume_kinds"])
