"""The table of messages: any number of rows can be chosen, one of them is opened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from console.message_address import write
from console.message_columns import cells, described
from console.message_link import also, asked
from console.runtime import runtime
from console.widgets import ROW_PX, ROWS_SHOWN, table_height
from core import watch
from core.i18n import Texts

ROWS_BESIDE_DETAILS = 9


def table(t: Texts, rows: pd.DataFrame, columns: Collection[str]) -> list[int]:
    """Show rows of a page; give the ids of the messages that are chosen.

    A single one that is chosen is opened: its id is written into the address bar.
    """
    ids = [int(one) for one in rows["message_id"]]
    opened = asked().message
    # Selections are positions: another page of messages must be another table.
    key = f"messages-{hash((*ids, _asked_for()))}"
    mailboxes = (
        watch.named(runtime(), {int(one) for one in rows["integration_id"]})
        if "mailbox" in columns
        else {}
    )
    bare = {int(one) for one in rows["integration_id"][rows["subject"] == ""]}
    levels = {one: watch.privacy_of(runtime(), one) for one in bare}
    event: Any = st.dataframe(
        cells(t, rows, mailboxes, levels),
        hide_index=True,
        height=table_height(len(rows), ROWS_BESIDE_DETAILS if opened else ROWS_SHOWN),
        row_height=ROW_PX,
        placeholder="",
        column_order=list(columns),
        column_config=described(t),
        on_select=lambda: _choose(key, ids),
        selection_mode="multi-row",
        selection_default={"selection": {"rows": _rows_of(opened, ids)}},
        key=key,
        alt=t("messages.table"),
    )
    return _chosen(event, ids)


def _asked_for() -> tuple[tuple[str, str], ...]:
    return tuple(write(replace(asked(), message=0, cols=())).items())


def _rows_of(opened: int, ids: list[int]) -> list[int]:
    return [ids.index(opened)] if opened in ids else []


def _chosen(event: Any, ids: list[int]) -> list[int]:
    return [ids[at] for at in event["selection"]["rows"] if at < len(ids)]


def _choose(key: str, ids: list[int]) -> None:
    chosen = _chosen(st.session_state[key], ids)
    also(message=chosen[0] if len(chosen) == 1 else 0)
