"""The table of activities: what is due, and which one was chosen."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from console.runtime import runtime
from console.widgets import ROW_PX, ROWS_SHOWN, day_format, table_height
from core.i18n import Texts

COLUMNS = "due due_on model subject contact company owner contact_address".split()
ROWS_BELOW_CARD = 10
MARKS = {"done": "✓", "late": "!", "today": "●", "ahead": ""}


def table(t: Texts, found: pd.DataFrame) -> None:
    """Show the activities; choosing a row writes its id into the address bar."""
    rows = _rows(t, found)
    key = f"activities-{hash(tuple(rows['id']))}"
    some = "activity" in st.query_params
    st.dataframe(
        rows,
        hide_index=True,
        height=table_height(len(rows), ROWS_BELOW_CARD if some else ROWS_SHOWN),
        row_height=ROW_PX,
        placeholder="",
        column_order=COLUMNS,
        column_config=_columns(t),
        on_select=lambda: _choose(key, rows),
        selection_mode="single-row",
        key=key,
        alt=t("activities.title"),
    )


def due_words(t: Texts, due_on: date, *, done: bool) -> str:
    """Tell how an activity stands today, by a sign and a word."""
    today = runtime().clock().astimezone(t.zone).date()
    name = "today" if due_on == today else "late" if due_on < today else "ahead"
    name = "done" if done else name
    return f"{MARKS[name]} {t(f'activities.is_{name}')}".strip()


def _rows(t: Texts, found: pd.DataFrame) -> pd.DataFrame:
    times = zip(found["due_on"], found["done_at"], strict=True)
    return found.assign(
        model=[t(f"model.{model}") for model in found["model"]],
        due=[due_words(t, due_on, done=not pd.isna(at)) for due_on, at in times],
    )


def _columns(t: Texts) -> dict[str, Any]:
    names = ("model", "contact", "company", "owner", "contact_address")
    return {
        "due": t("activities.due"),
        "due_on": st.column_config.DateColumn(t("field.due_on"), format=day_format(t)),
        "subject": st.column_config.TextColumn(t("field.subject"), width=210),
        **{name: t(f"field.{name}") for name in names},
    }


def _choose(key: str, rows: pd.DataFrame) -> None:
    picked = st.session_state[key]["selection"]["rows"]
    st.session_state.pop("executing", None)
    if picked:
        st.query_params["activity"] = str(int(rows["id"].iloc[picked[0]]))
    else:
        st.query_params.pop("activity", None)


def facts(t: Texts, activity: Any) -> str:
    """Put what is known of an activity into a line."""
    due = due_words(t, activity.due_on, done=activity.done_at is not None)
    known = (
        t(f"model.{activity.model}"), due, activity.contact, activity.contact_address,
        activity.company, f"{t('field.owner')}: {activity.owner}",
    )  # fmt: skip
    return " · ".join(fact for fact in known if fact)
