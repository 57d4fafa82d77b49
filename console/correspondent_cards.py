"""Lists of correspondents: bars, the table, the definition, and the data."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from console import charts, correspondent_charts, correspondent_way
from console.chart_card import card
from console.month_pick import month_text
from console.runtime import runtime
from console.widgets import ROW_PX, number_column, table_height
from core import correspondents
from core.availability import Metric
from core.correspondents import Listed, Question
from core.i18n import Texts
from core.scopes import Scope

BARS = 10
SHOWN = {  # columns of each table: half a page has room for four
    "writers": ("name", "messages", "share", "internal"),
    "readers": ("name", "messages", "share", "internal"),
    "newcomers": ("name", "messages", "share", "first_month"),
    "silent": ("name", "messages", "internal", "last_month"),
}
COLOURS = {"received": charts.RECEIVED, "sent": charts.SENT}


def totals(t: Texts, received: Listed, sent: Listed, new: Listed | None) -> None:
    """Show how many messages there are in all, and how many new correspondents."""
    columns = st.columns(3)
    for column, name, found in (
        (columns[0], "received", received),
        (columns[1], "sent", sent),
    ):
        column.metric(t(f"direction.{name}"), t.number(found.total), border=True)
    said = t("correspondents.unknown") if new is None else counted(t, new)
    columns[2].metric(t("correspondents.new"), said, border=True)


def counted(t: Texts, found: Listed) -> str:
    """Write how many there are in all: exactly, or at least."""
    number = t.number(found.in_all)
    return number if found.all_counted else t("correspondents.at_least", number=number)


def top(t: Texts, question: Question, found: Listed, direction: str) -> None:
    """Show with whom most messages are."""
    name = "writers" if direction == "received" else "readers"
    _list(t, question, found, name, direction)


def new(t: Texts, question: Question, found: Listed | None, since: int | None) -> None:
    """Show who wrote for the first time; None: that cannot be told."""
    if found is None:
        nobody = pd.DataFrame(columns=list(correspondents.LISTED))
        at = "" if since is None else month_text(t, since)
        card(t, "new_unknown", Metric.CORRESPONDENTS, None, nobody, {}, month=at)
        return
    _list(t, question, found, "newcomers", "received")


def silent(t: Texts, question: Question) -> None:
    """Show who used to write, and did not since the period began."""
    found = correspondents.silent(runtime(), question)
    _list(t, question, found, "silent", "received", ever=True)


def _list(
    t: Texts, question: Question, found: Listed, name: str, direction: str,
    *, ever: bool = False,
) -> None:  # fmt: skip
    frame = found.frame
    names = [str(one) for one in frame["name"]]
    click = (names, question, direction)
    drawn = frame.head(BARS)
    figure = None
    if not frame.empty:
        figure = correspondent_charts.bars(drawn, t, COLOURS[direction])
    card(
        t, name, Metric.CORRESPONDENTS, figure, frame, _about(question, name),
        on_select=correspondent_way.from_bars(*click, f"figure_{name}", ever=ever),
        month=month_text(t, question.first_month), n=correspondents.USED_TO_WRITE,
    )  # fmt: skip
    if not found.exact:
        st.caption(t(f"correspondents.about.{'silent' if ever else 'top'}"))
    if not frame.empty:
        on_select = correspondent_way.from_rows(*click, f"table_{name}", ever=ever)
        _table(t, question, frame, name, on_select)


def _table(
    t: Texts, question: Question, frame: pd.DataFrame, name: str, on_select: Any
) -> None:
    inside = [
        t(f"correspondents.{'yes' if one else 'no'}") for one in frame["internal"]
    ]
    pattern = "MM/YYYY" if t.language == "pt_BR" else "YYYY-MM"
    shown = frame.assign(internal=inside)
    st.dataframe(
        shown,
        hide_index=True,
        column_order=SHOWN[name],
        row_height=ROW_PX,
        height=table_height(len(shown), BARS),
        column_config={
            "name": st.column_config.TextColumn(
                t(f"correspondents.what_of.{question.what}"), width="medium"
            ),
            "messages": number_column(t("correspondents.messages")),
            "share": st.column_config.NumberColumn(
                t("correspondents.share"), format="percent"
            ),
            "internal": t("correspondents.internal"),
            **{
                one: st.column_config.DateColumn(
                    t(f"correspondents.{one}"), format=pattern
                )
                for one in ("first_month", "last_month")
            },
        },
        on_select=on_select,
        selection_mode="single-row",
        key=f"table_{name}",
        alt=t(f"chart.{name}.title"),
    )


def _about(question: Question, name: str) -> dict[str, str]:
    return {
        "list": name,
        "of": Scope(question.scope).text,
        "what": question.what,
        "first_month": str(question.first_month),
        "last_month": str(question.last_month),
    }
