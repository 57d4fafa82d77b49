"""The history of alerts as a table, newest first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from console.alert_list import told_words
from console.runtime import runtime
from console.widgets import ROW_PX, moment_column, nothing, table_height
from core import alerts
from core.alerts import Shown
from core.i18n import Texts

SHOWN = 200
ROWS = 12
MOMENT_PX = 130
MOMENTS = ("since", "fired_at", "recovered_at")
WORDS = ("address", "owner", "what", "rule", "told")
ORDER = (
    "fired_at", "recovered_at", "what", "address", "owner", "told", "rule", "since",
)  # fmt: skip


def section(t: Texts) -> None:
    """Show what fired, over or not."""
    st.subheader(t("alerts.history"), anchor=False)
    found = alerts.history(runtime(), SHOWN)
    if not found:
        nothing(t, "alerts.no_history")
        return
    st.caption(t("alerts.history_of", n=len(found)))
    columns: dict[str, Any] = {name: t(f"alerts.column.{name}") for name in WORDS}
    moments: dict[str, Any] = {
        name: {**moment_column(t, t(f"alerts.column.{name}")), "width": MOMENT_PX}
        for name in MOMENTS
    }
    st.dataframe(
        frame(t, found),
        hide_index=True,
        height=table_height(len(found), ROWS),
        row_height=ROW_PX,
        placeholder="",
        column_order=ORDER,
        column_config=columns | moments,
        alt=t("alerts.history"),
    )


def frame(t: Texts, found: list[Shown]) -> pd.DataFrame:
    """Give one row per alert, in the reader's words."""
    heard = frozenset(one.alert.rule_id for one in found)
    rows = [
        {
            "fired_at": one.alert.fired_at,
            "recovered_at": one.alert.recovered_at,
            "since": one.alert.since,
            "what": alerts.short(t, one.alert.code),
            "address": one.alert.address,
            "owner": one.alert.owner,
            "rule": alerts.rule_name(t, one.rule),
            "told": told_words(t, one, heard),
        }
        for one in found
    ]
    out = pd.DataFrame(rows)
    return out.assign(**{n: pd.to_datetime(out[n], utc=True) for n in MOMENTS})
