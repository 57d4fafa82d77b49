"""A conversation: its messages in the order of time, and who answers whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from console.message_columns import CLIP, sender, signs
from console.message_link import also, asked, turn
from console.runtime import runtime
from console.widgets import NONE, ROW_PX, moment_column, table_height
from core import watch
from core.conversation import MOST, Conversation, conversation
from core.i18n import Texts

ROWS_SHOWN, ROWS_BESIDE_DETAILS = 18, 9
STEP, HOOK = "\N{EM SPACE}\N{EM SPACE}", "↳ "
SIGN = {"sent": "→", "received": "←"}  # and a word: never a sign alone
COLUMNS = (
    *("number", "from", "direction", "date", "subject", "answers", "flags"),
    *("attachment", "folders"),
)
WIDTHS = {
    "number": 45, "from": 290, "direction": 102, "subject": 190, "answers": 95,
    "flags": 56, "attachment": 60, "folders": 120,
}  # fmt: skip


def thread(t: Texts, integration_id: int) -> list[int] | None:
    """Show the conversation that the address names; give the ids that are chosen.

    Gives None where there is nothing to choose from.
    """
    found = conversation(runtime(), integration_id, asked().thread)
    _head(t, found)
    if known := watch.choice(runtime(), integration_id):
        st.text(f"{known.owner} · {known.address}")
    if found.rows.empty:
        st.info(t("conversation.none"), icon=":material/info:")
        return None
    if found.count > len(found.rows):
        st.caption(t("conversation.more", shown=MOST, n=found.count))
    return _table(t, found)


def cells(t: Texts, found: pd.DataFrame) -> pd.DataFrame:
    """Write rows of a conversation in words, under the names of `COLUMNS`."""
    rows = found.to_dict("records")
    return pd.DataFrame(
        {
            "number": range(1, len(rows) + 1),
            "from": [_indented(row) for row in rows],
            "direction": [
                f"{SIGN[row['direction']]} {t('one_way.' + row['direction'])}"
                for row in rows
            ],
            "date": found["at"],
            "subject": found["subject"],
            "answers": [_answers(t, row) for row in rows],
            "flags": [signs(row) for row in rows],
            "attachment": [CLIP if row["attachment"] else "" for row in rows],
            "folders": [row["folders"] or t("conversation.nowhere") for row in rows],
        }
    )


def _head(t: Texts, found: Conversation) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="thread_head"):
        st.button(
            t("conversation.back"),
            key="thread_back",
            icon=":material/arrow_back:",
            on_click=also,
            kwargs={"thread": 0, "message": 0},
        )
        if not found.count:
            return
        st.subheader(t("conversation.title", n=found.count), anchor=False)
        st.space("stretch")
        st.button(
            t("conversation.flat"),
            key="thread_flat",
            icon=":material/table_rows:",
            on_click=turn,
            kwargs={"flat": True},
        )


def _table(t: Texts, found: Conversation) -> list[int]:
    ids = [int(one) for one in found.rows["message_id"]]
    opened = asked().message
    key = f"thread-{found.thread}-{hash(tuple(ids))}"
    most = ROWS_BESIDE_DETAILS if opened else ROWS_SHOWN
    event: Any = st.dataframe(
        cells(t, found.rows),
        hide_index=True,
        height=table_height(len(ids), most),
        row_height=ROW_PX,
        placeholder=NONE,
        column_order=COLUMNS,
        column_config=_described(t),
        on_select=lambda: _open(key, ids),
        selection_mode="multi-row",
        selection_default={
            "selection": {"rows": [ids.index(opened)] if opened in ids else []}
        },
        key=key,
        alt=t("conversation.table"),
    )
    return [ids[at] for at in event["selection"]["rows"] if at < len(ids)]


def _open(key: str, ids: list[int]) -> None:
    chosen = st.session_state[key]["selection"]["rows"]
    also(message=ids[chosen[0]] if len(chosen) == 1 else 0)


def _described(t: Texts) -> dict[str, Any]:
    text = st.column_config.TextColumn
    told = {
        name: text(t(f"column.{name}"), width=width) for name, width in WIDTHS.items()
    }
    number = st.column_config.NumberColumn(t("column.number"), width=WIDTHS["number"])
    date = moment_column(t, t("column.date")) | {"width": 125}
    return {**told, "number": number, "date": date}


def _indented(row: Mapping[Any, Any]) -> str:
    who = sender(row["from_name"], row["from_address"])
    return STEP * (row["depth"] - 1) + HOOK + who if row["depth"] else who


def _answers(t: Texts, row: Mapping[Any, Any]) -> str:
    return t("conversation.answers", n=row["answers"]) if row["answers"] else ""
