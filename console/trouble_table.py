"""What was wrong with a mailbox, for how long, and how quickly it passes."""

from __future__ import annotations

from datetime import datetime, timedelta

import pandas as pd
import streamlit as st

from console.tables import short
from console.widgets import NONE, moment_column, number_column
from core.i18n import Texts
from core.incidents import Incident
from core.text import harmless

COLUMNS = "what words since ended_at lasted times".split()


def trouble_tables(
    t: Texts,
    found: list[Incident],
    recovery: dict[str, timedelta],
    now: datetime,
) -> None:
    """Show incidents, newest first, and the mean time to recover of each class."""
    if not found:
        st.caption(t("mailbox.no_trouble"))
        return
    st.dataframe(
        pd.DataFrame([_row(t, one, now) for one in found]),
        hide_index=True,
        placeholder=NONE,
        column_order=COLUMNS,
        column_config={
            "what": st.column_config.TextColumn(t("table.problem"), width=240),
            "words": st.column_config.TextColumn(t("table.words"), width=300),
            "since": moment_column(t, t("table.since")),
            "ended_at": moment_column(t, t("table.ended_at")),
            "lasted": t("table.lasted"),
            "times": number_column(t("table.times")),
        },
        key="trouble",
        alt=t("mailbox.view_errors"),
    )
    if recovery:
        means = [f"{short(t, c)}: {t.span(mean)}" for c, mean in recovery.items()]
        st.caption(f"**{t('mailbox.recovery')}** {' · '.join(means)}")


def _row(t: Texts, one: Incident, now: datetime) -> dict[str, object]:
    return {
        "what": short(t, one.code),
        "words": harmless(one.facts.get("server_says", "")),
        "since": pd.Timestamp(one.since),
        "ended_at": pd.Timestamp(one.ended_at) if one.ended_at else pd.NaT,
        "lasted": t.span((one.ended_at or now) - one.since),
        "times": one.times,
    }
