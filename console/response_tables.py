"""Tables of response times: what is compared, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st
from babel.dates import get_day_names

from console.chart_card import downloads
from console.response_charts import length
from console.response_choices import pick_compared
from console.widgets import NONE, moment_column, number_column, table_height
from core.i18n import Texts
from core.response_frames import PERCENTILES
from core.responses import (
    DOMAINS_MOST,
    EXACT_MOST,
    WAITING_MOST,
    Question,
    Report,
)

HOUR = 3_600
GROUPS = {
    "people": "owner",
    "teams": "team",
    "domains": "domain",
    "weekdays": "weekday",
}


def groups(t: Texts, found: Report, about: Mapping[str, str]) -> None:
    """Show people, teams, domains or weekdays beside each other."""
    name = str(pick_compared(t))
    frame: pd.DataFrame = getattr(found, name)
    if frame.empty:
        st.info(t(f"chart.responses_{name}.empty"), icon=":material/info:")
        return
    _table(t, name, frame)
    st.caption(t(f"chart.responses_{name}.definition", n=DOMAINS_MOST))
    if name == "domains" and found.newest_only:
        st.caption(t("responses.newest_only", n=EXACT_MOST))
    downloads(t, f"responses_{name}", frame, about)


def waiting(
    t: Texts, found: pd.DataFrame, question: Question, about: Mapping[str, str]
) -> None:
    """Show what waits, oldest first, each with a link to the message."""
    st.subheader(t("responses.list_title"), anchor=False)
    if found.empty:
        st.info(t("responses.list_empty"), icon=":material/done_all:")
        return
    ids = zip(found["integration_id"], found["message_id"], strict=True)
    shown = found.assign(
        link=[f"/messages?integration={one}&message={id_}" for one, id_ in ids],
        waited=[length(t, x, question.by) for x in found["waited_s"]],
        subject=found["subject"].replace("", t("responses.no_subject")),
    )
    who = t(f"responses.column.who_{question.side}")
    st.dataframe(
        shown,
        hide_index=True,
        height=table_height(len(shown)),
        column_order=[
            "link",
            "waited",
            "asked_at",
            "owner",
            "who",
            "subject",
            "domain",
        ],
        column_config={
            "link": st.column_config.LinkColumn(
                t("responses.open"), display_text=t("responses.open"), width="small"
            ),
            "waited": t("responses.column.waited"),
            "asked_at": moment_column(t, t("responses.column.asked_at")),
            "owner": t("responses.column.owner"),
            "who": st.column_config.TextColumn(who, width="medium"),
            "subject": t("responses.column.subject"),
            "domain": t("responses.column.domain"),
        },
        key="responses_waiting",
        alt=t("responses.list_title"),
    )
    st.caption(t("responses.list_help", n=WAITING_MOST))
    downloads(t, "responses_waiting", found, about)


def _table(t: Texts, name: str, frame: pd.DataFrame) -> None:
    first = GROUPS[name]
    hours = {
        one: frame[one].astype("float64").div(HOUR).round(2) for one in PERCENTILES
    }
    shown = frame.assign(**hours)
    if first == "weekday":
        days = get_day_names("wide", locale=t.locale)
        shown = shown.assign(weekday=[days[day - 1] for day in frame["weekday"]])
    columns: dict[str, Any] = {first: t(f"responses.column.{first}")}
    for one in ("answered", "waiting"):
        columns[one] = number_column(t(f"responses.column.{one}"))
    columns["reply_rate"] = st.column_config.NumberColumn(
        t("responses.column.reply_rate"), format="percent"
    )
    for one in PERCENTILES:
        label = t("responses.hours", share=t(f"responses.column.{one}"))
        columns[one] = number_column(label)
    st.dataframe(
        shown,
        hide_index=True,
        placeholder=NONE,
        height=table_height(len(shown)),
        column_order=list(columns),
        column_config=columns,
        key=f"responses_{name}",
        alt=t(f"chart.responses_{name}.title"),
    )
