"""The rows of the fleet: frames in, shown in words; a chosen row is opened."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
import streamlit as st

from console import nav
from console.fleet_question import ask, asked, turn
from console.widgets import (
    NONE,
    ROW_PX,
    Row,
    moment_column,
    number_column,
    table_height,
)
from core.fleet import Page, Sort
from core.i18n import Texts
from core.words import explain_code

ROWS_SHOWN = 14
COLUMNS = (
    "state owner address reason lag since coverage unread today do provider_name team"
    " seen_at login_ok_at"
).split()
BESIDE = 4  # columns before the one that rows are sorted by
SORTED_BY = {
    Sort.PROVIDER: "provider_name",
    Sort.COVERAGE: "coverage",
    Sort.UNREAD: "unread",
    Sort.SINCE: "since",
}
# Never colour alone, and a table's cells have none: each state has a sign and a word.
SIGNS = {
    "ok": "✓",
    "waiting": "…",
    "syncing": "⟳",
    "retrying": "↻",
    "needs_password": "✕",
    "needs_permission": "✕",
    "needs_attention": "✕",
    "paused": "‖",
    "disconnected": NONE,
}
WARNING = "!"
MINUTE, HOUR, DAY = 60, 3600, 86_400


def table(t: Texts, shown: Page) -> None:
    """Show a page of the fleet; choosing a row opens the state of its sync."""
    # Selections are positions: other rows must be another table.
    key = f"fleet-{hash(shown.ids)}"
    event: Any = st.dataframe(
        told(t, shown.rows),
        hide_index=True,
        height=table_height(len(shown.rows), ROWS_SHOWN),
        row_height=ROW_PX,
        placeholder=NONE,
        column_order=columns(asked().sort),
        column_config=_columns(t),
        on_select="rerun",
        selection_mode="single-row",
        key=key,
        alt=t("fleet.title"),
    )
    if chosen := event["selection"]["rows"]:
        one = shown.ids[chosen[0]]
        st.switch_page(nav.path("sync"), query_params={"integration": str(one)})


def columns(sort: Sort) -> list[str]:
    """Give the columns in their order: what rows are sorted by is in sight."""
    name = SORTED_BY.get(sort)
    rest = [column for column in COLUMNS if column != name]
    return [*rest[:BESIDE], name, *rest[BESIDE:]] if name else rest


def pager(t: Texts, shown: Page) -> None:
    """Show which rows these are, and the way to the others."""
    first = (shown.number - 1) * shown.size
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(
            t(
                "fleet.range",
                first=first + 1,
                last=first + len(shown.rows),
                n=shown.count,
            )
        )
        st.space("stretch")
        if shown.pages > 1:
            _turners(t, shown)
    if ask("page") not in {"", str(shown.number)}:
        turn(page=_page(shown.number))


def _turners(t: Texts, shown: Page) -> None:
    """Offer the first, the previous, the next and the last page."""
    ways = {
        "first": ("first_page", 1),
        "previous": ("chevron_left", shown.number - 1),
        "next": ("chevron_right", shown.number + 1),
        "last": ("last_page", shown.pages),
    }
    for name, (icon, number) in ways.items():
        if name == "next":
            st.text(t("fleet.page", number=shown.number, pages=shown.pages))
        there = 1 <= number <= shown.pages and number != shown.number
        if st.button(
            t(f"fleet.{name}"),
            key=f"fleet_{name}",
            icon=f":material/{icon}:",
            disabled=not there,
        ):
            turn(page=_page(number))
            st.rerun()  # the whole page: the matrix follows too


def _page(number: int) -> str:
    return "" if number == 1 else str(number)


def told(t: Texts, rows: pd.DataFrame) -> pd.DataFrame:
    """Write rows of `core.fleet.Page` in words, under the names of `COLUMNS`."""
    records = rows.to_dict("records")
    explained = [
        explain_code(t, row["code"], row["facts"]) if row["code"] else None
        for row in records
    ]
    return rows.assign(
        state=[state(t, row) for row in records],
        lag=[age(t, row["lag_s"]) for row in records],
        coverage=[_coverage(t, row) for row in records],
        reason=[_reason(t, row) for row in records],
        do=[told.do if told else "" for told in explained],
    )[["id", *COLUMNS]]


def state(t: Texts, row: Row) -> str:
    """Give sign and word of a state; well but for a warning is told as such."""
    if row["group"] == "warning" and row["state"] in {"ok", "waiting"}:
        return f"{WARNING} {t('fleet.warning')}"
    return f"{SIGNS[row['state']]} {t('state.' + row['state'])}"


def age(t: Texts, seconds: float) -> str:
    """Write an age shortly: 40 s, 12 min, 3 h, 2 d; what is not known is empty."""
    if math.isnan(seconds):
        return ""
    for unit, name in ((DAY, "d"), (HOUR, "h"), (MINUTE, "min")):
        if seconds >= unit:
            return f"{t.number(int(seconds // unit))} {name}"
    return f"{max(0, int(seconds))} s"


def _reason(t: Texts, row: Row) -> str:
    """Say in a few words what is wrong."""
    code = row["code"]
    if not code:
        return ""
    if t.has(f"short.{code}"):
        words = t(f"short.{code}")
        return words[:1].upper() + words[1:]
    return explain_code(t, code, row["facts"]).what


def _coverage(t: Texts, row: Row) -> str:
    if row["coverage"] == "short":
        return t("coverage.short", n=int(row["short"]))
    return t(f"fleet.coverage.{row['coverage']}")


def _columns(t: Texts) -> dict[str, Any]:
    text = st.column_config.TextColumn
    widths = {
        "state": 142, "owner": 132, "address": 200, "reason": 165, "lag": 65,
        "coverage": 115, "provider_name": 115, "team": 100, "do": 450,
    }  # fmt: skip
    return {
        name: text(
            t(f"table.{name}"),
            help=t(f"fleet.help.{name}"),
            width=width,
        )
        for name, width in widths.items()
    } | {
        **{name: _moment(t, name) for name in ("since", "seen_at", "login_ok_at")},
        **{name: _count(t, name) for name in ("unread", "today")},
    }


def _count(t: Texts, name: str) -> Any:
    return number_column(t(f"table.{name}")) | {"help": t(f"fleet.help.{name}")}


def _moment(t: Texts, name: str) -> Any:
    return moment_column(t, t(f"table.{name}")) | {
        "help": t(f"fleet.help.{name}"),
        "width": 125,
    }
