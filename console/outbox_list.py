"""The mails of the outbox: how many in each stage, a page of them, and one is chosen.

It is drawn anew by itself. Who chooses here turns the address and asks for the whole
page, which shows the mail beside.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from console.outbox_address import PICKED, also, number, picked, stage, turn
from console.runtime import runtime
from console.widgets import (
    NONE,
    ROW_PX,
    escaped,
    moment_column,
    table_height,
)
from core import deliveries, outbox
from core.i18n import Texts
from core.outgoing import Mail, Picked, Stage
from core.words import explain_code

PAGE = 50
ROWS, ROWS_BESIDE = 14, 6
TURNED = "outbox_turned"  # the whole page is to be drawn
# Never colour alone, and a table's cells have none: each stage has a sign and a word.
SIGNS = {
    Stage.QUEUED: "…",
    Stage.SENDING: "⟳",
    Stage.SENT: "✓",
    Stage.FAILED: "✕",
    Stage.UNCERTAIN: "?",
    Stage.CANCELLED: NONE,
}


def stages(t: Texts, integration_id: int | None) -> None:
    """Show how many mails are in each stage; one may be chosen."""
    counts = outbox.counts(runtime(), integration_id)
    st.session_state["outbox_stage"] = stage()
    st.pills(
        t("outbox.stages"),
        list(Stage),
        format_func=lambda one: f"{word(t, one)} · {t.number(counts.get(one, 0))}",
        key="outbox_stage",
        on_change=_choose_stage,
        label_visibility="collapsed",
    )


def rows(t: Texts, integration_id: int | None) -> None:
    """Show a page of mails, newest first."""
    chosen = (only,) if (only := stage()) else ()
    found = outbox.listed(
        runtime(),
        stages=chosen,
        integration_id=integration_id,
        before=number("before") or None,
        most=PAGE + 1,
        picked=picked(),
    )
    shown = found[:PAGE]
    some_only = picked() != Picked()
    if some_only:
        _picked(t)
    if shown:
        _table(t, shown)
        _pager(t, shown[-1].id if len(found) > PAGE else 0)
    elif number("before"):
        turn()
        st.session_state[TURNED] = True
    else:
        st.info(t("outbox.none_found"), icon=":material/outbox:")
        if only or integration_id is not None or some_only:
            st.button(t("outbox.show_all"), key="outbox_show_all", on_click=_show_all)
    if st.session_state.pop(TURNED, False):
        st.rerun()


def word(t: Texts, one: Stage) -> str:
    """Give sign and word of a stage."""
    return f"{SIGNS[one]} {t(f'outbox.stage.{one}')}"


def note(t: Texts, one: Mail) -> str:
    """Say in a line when a mail is tried next, or why it is as it is."""
    problem = one.problem
    why = explain_code(t, problem.code, problem.facts).what if problem else ""
    if one.stage is Stage.QUEUED:
        return _waits(t, one, why)
    if one.ended_why and one.stage in {Stage.CANCELLED, Stage.SENT}:
        return t(f"outbox.ended.{one.stage}_{one.ended_why}")
    if one.stage is Stage.SENT and one.answered_at is not None:
        return t("outbox.answered", at=t.moment(one.answered_at))
    return why or (t("outbox.looked_for") if one.stage is Stage.UNCERTAIN else "")


def _waits(t: Texts, one: Mail, why: str) -> str:
    if one.tries:
        return t("outbox.next_try", at=t.moment(one.next_at), why=why).strip()
    if one.not_before > runtime().clock():
        return t("outbox.planned", at=t.moment(one.not_before))
    return t("outbox.waits")


def _table(t: Texts, shown: Sequence[Mail]) -> None:
    ids = tuple(one.id for one in shown)
    chosen = number("mail")
    # Selections are positions: other rows must be another table.
    key = f"outbox-{hash(ids)}"
    st.dataframe(
        _cells(t, shown),
        hide_index=True,
        height=table_height(len(shown), ROWS_BESIDE if chosen else ROWS),
        row_height=ROW_PX,
        placeholder=NONE,
        column_config={
            "at": moment_column(t, t("table.at")) | {"width": 125},
            "stage": _column(t("outbox.stage_head"), 104),
            "from": _column(t("table.from"), 150),
            "to": _column(t("table.to"), 150),
            "subject": _column(t("field.subject"), 150),
            "note": _column(t("outbox.note_head"), 260),
        },
        on_select=lambda: _choose_row(key, ids),
        selection_mode="single-row",
        selection_default={
            "selection": {"rows": [ids.index(chosen)] if chosen in ids else []}
        },
        key=key,
        alt=t("outbox.table"),
    )


def _cells(t: Texts, shown: Sequence[Mail]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "at": pd.to_datetime([m.sent_at or m.made_at for m in shown], utc=True),
            "stage": [word(t, m.stage) for m in shown],
            "from": [m.sender_address for m in shown],
            "to": [", ".join(r.address for r in m.recipients) for m in shown],
            "subject": [m.subject for m in shown],
            "note": [note(t, m) for m in shown],
        }
    )


def _column(label: str, width: int) -> Any:
    return st.column_config.TextColumn(label, width=width)


def _pager(t: Texts, older: int) -> None:
    newest = bool(number("before"))
    if not older and not newest:
        return
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            t("messages.newest"), key="outbox_newest", icon=":material/first_page:",
            disabled=not newest, on_click=_turn,
        )  # fmt: skip
        st.button(
            t("messages.older"), key="outbox_older", icon=":material/chevron_right:",
            icon_position="right", disabled=not older, on_click=_turn,
            kwargs={"before": str(older)},
        )  # fmt: skip


def _choose_stage() -> None:
    chosen = st.session_state["outbox_stage"]
    _turn(stage=str(chosen) if chosen else "")


def _choose_row(key: str, ids: Sequence[int]) -> None:
    rows = st.session_state[key]["selection"]["rows"]
    also("mail", str(ids[rows[0]]) if rows and rows[0] < len(ids) else "")
    st.session_state[TURNED] = True


def _picked(t: Texts) -> None:
    """Say which mails are shown only, and let a person see all."""
    asked = picked()
    said: list[str] = []
    if asked.template is not None:
        said.append(_template(t, asked.template))
    if asked.seen is not None:
        said.append(t(f"delivery.step.{str(asked.seen.name).lower()}"))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        words = t("outbox.picked", what=escaped(", ".join(said)))
        st.caption(f":material/filter_alt: {words}", width="content")
        st.button(
            t("outbox.picked_not"), key="outbox_picked_not", type="tertiary",
            icon=":material/close:", on_click=_turn, kwargs=dict.fromkeys(PICKED, ""),
        )  # fmt: skip


def _template(t: Texts, template_id: int) -> str:
    if not template_id:
        return t("delivery.no_template")
    name = deliveries.template_names(runtime()).get(template_id, str(template_id))
    return t("outbox.picked_template", name=name)


def _show_all() -> None:
    _turn(stage="", integration="all", **dict.fromkeys(PICKED, ""))


def _turn(**changes: str) -> None:
    turn(**changes)
    st.session_state[TURNED] = True
