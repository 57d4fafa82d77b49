"""The table of activities: how each stands, and which one was chosen."""

from __future__ import annotations

from typing import Any

import streamlit as st

from console.activity_question import chosen, open_one, turn
from console.widgets import ROW_PX, ROWS_SHOWN, day_format, table_height
from core.activities import Page
from core.i18n import Texts

COLUMNS = (
    "state due_on model subject contact company owner template contact_address"
).split()
ROWS_BELOW_CARD = 10
# Never colour alone, and a table's cells have none: each state has a sign and a word.
MARKS = {"late": "!", "today": "●", "upcoming": "○", "done": "✓", "answered": "↩"}


def table(t: Texts, shown: Page) -> None:
    """Show a page of activities; choosing a row writes its id into the address bar."""
    rows = shown.rows.assign(
        model=[t(f"model.{model}") for model in shown.rows["model"]],
        state=[told(t, state) for state in shown.rows["state"]],
    )
    ids = [int(one) for one in rows["id"]]
    opened = chosen()
    # Selections are positions: other rows must be another table.
    key = f"activities-{hash((*ids, opened))}"
    st.dataframe(
        rows,
        hide_index=True,
        height=table_height(len(rows), ROWS_BELOW_CARD if opened else ROWS_SHOWN),
        row_height=ROW_PX,
        placeholder="",
        column_order=COLUMNS,
        column_config=_columns(t),
        on_select=lambda: _choose(key, ids),
        selection_mode="single-row",
        selection_default={
            "selection": {"rows": [ids.index(opened)] if opened in ids else []}
        },
        key=key,
        alt=t("activities.title"),
    )


def pager(t: Texts, shown: Page) -> None:
    """Say how many there are, and lead to the other pages."""
    with st.container(horizontal=True, vertical_alignment="center", key="pager"):
        st.text(t("activities.count", n=shown.count), width="content")
        st.space("stretch")
        if not shown.previous and not shown.next:
            return
        _way(t, "first", "first_page", there=bool(shown.previous))
        _way(t, "previous", "chevron_left", there=bool(shown.previous),
             before=shown.previous)  # fmt: skip
        _way(t, "next", "chevron_right", there=bool(shown.next), after=shown.next)


def told(t: Texts, state: str) -> str:
    """Tell a state by a sign and a word."""
    return f"{MARKS[state]} {t(f'activities.is_{state}')}"


def _way(t: Texts, name: str, icon: str, *, there: bool, **to: str) -> None:
    st.button(
        t(f"activities.{name}"),
        key=f"activities_{name}",
        icon=f":material/{icon}:",
        icon_position="right" if name == "next" else "left",
        disabled=not there,
        on_click=turn,
        kwargs=to,
    )


def _columns(t: Texts) -> dict[str, Any]:
    text = st.column_config.TextColumn
    return {
        "state": text(t("activities.due"), width=115),
        "due_on": st.column_config.DateColumn(
            t("field.due_on"), format=day_format(t), width=100
        ),
        "model": text(t("field.model"), width=90),
        "subject": text(t("field.subject"), width=300),
        "template": text(t("activities.about_template")),
        **{
            name: text(t(f"field.{name}"))
            for name in ("contact", "company", "owner", "contact_address")
        },
    }


def _choose(key: str, ids: list[int]) -> None:
    picked = st.session_state[key]["selection"]["rows"]
    open_one(ids[picked[0]] if picked and picked[0] < len(ids) else 0)
