"""The table of messages, and what is known of the one that was chosen."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st

from console.widgets import ROW_PX, ROWS_SHOWN, Row, moment_column, table_height
from core.browse import Page, Question
from core.i18n import Texts

COLUMNS = ["mark", "at", "sender", "to", "subject", "clip", "size_bytes"]
ROWS_BESIDE_DETAILS = 9
IN_BRACKETS = re.compile(r"\s*<[^<>]*>")
DETAILS = ("subject", "from", "to", "cc", "date", "kind", "size", "folders")


def table(t: Texts, shown: Page, query: Question) -> None:
    """Show a page of messages; choosing a row writes its id into the address bar."""
    some = st.query_params.get("message", "")
    rows = _rows(shown.rows)
    # Selections are positions: another page of messages must be another table.
    key = f"messages-{hash(tuple(rows['message_id']))}"
    st.dataframe(
        rows,
        hide_index=True,
        height=table_height(len(rows), ROWS_BESIDE_DETAILS if some else ROWS_SHOWN),
        row_height=ROW_PX,
        placeholder="",
        column_order=COLUMNS if query.folder_id else [*COLUMNS, "folders"],
        column_config={
            "mark": st.column_config.TextColumn(t("table.new"), width=52),
            "at": moment_column(t, t("table.date")),
            "sender": st.column_config.TextColumn(t("table.from"), width=215),
            "to": st.column_config.TextColumn(t("table.to"), width=105),
            "subject": st.column_config.TextColumn(t("field.subject"), width=190),
            "clip": st.column_config.TextColumn(t("table.clip"), width=58),
            "size_bytes": st.column_config.NumberColumn(
                t("table.size"), format="localized", width=105
            ),
            "folders": st.column_config.TextColumn(t("table.folders"), width=85),
        },
        on_select=lambda: _choose(key, rows),
        selection_mode="single-row",
        key=key,
        alt=t("messages.title"),
    )


def details(t: Texts, m: Row) -> None:
    """Show what is known of a message, as mere text."""
    with st.container(border=True, key="message_details", gap="xsmall"):
        for name, value in _details(t, m).items():
            left, right = st.columns([1, 6])
            left.caption(t(f"detail.{name}"))
            right.text(value)
        st.caption(t("messages.no_body"))


def sender(name: str, address: str) -> str:
    """Write a name with its address."""
    return f"{name} <{address}>" if name else address


def _rows(found: pd.DataFrame) -> pd.DataFrame:
    names = zip(found["from_name"], found["from_address"], strict=True)
    return found.assign(
        mark=found["unread"].map({True: "●", False: ""}),
        clip=found["attachment"].map({True: "✓", False: ""}),
        # Always with the address: a name may be another's address (Mailsploit).
        sender=[sender(name, address) for name, address in names],
        to=[IN_BRACKETS.sub("", to) or to for to in found["recipients"]],
    )


def _choose(key: str, rows: pd.DataFrame) -> None:
    picked = st.session_state[key]["selection"]["rows"]
    if picked:
        st.query_params["message"] = str(int(rows["message_id"].iloc[picked[0]]))
    else:
        st.query_params.pop("message", None)


def _details(t: Texts, m: Row) -> dict[str, str]:
    """Give what is known, by the names of `detail.*`; what is empty is left out."""
    values = {
        "subject": m["subject"],
        "from": sender(m["from_name"], m["from_address"]),
        "to": m["recipients"],
        "cc": m["copied"],
        "date": t.second(m["at"].to_pydatetime()),
        "kind": t(f"one_of.{m['kind']}") + " · " + t(f"direction.{m['direction']}"),
        "size": t.size(int(m["size_bytes"])),
        "folders": m["folders"] or t("messages.nowhere"),
    }
    return {name: str(values[name]) for name in DETAILS if values[name]}
