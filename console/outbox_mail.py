"""A mail of the outbox: who it is for, what servers said, and what became of it."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from console import nav
from console.ladder_view import ladder_view
from console.outbox_acts import DRAWN
from console.outbox_list import note, word
from console.runtime import runtime
from console.widgets import NONE, ROW_PX, escaped, stored_problem, table_height
from core import outbox, watch
from core.errors import NotFound
from core.i18n import Texts
from core.ladder import ladder
from core.model import State
from core.outgoing import CopyStage, Mail, Recipient, Stage, Verdict

PEOPLE = 8
SIGNS = {
    Verdict.WAITING: "…",
    Verdict.ACCEPTED: "✓",
    Verdict.DEFERRED: "↻",
    Verdict.REFUSED: "✕",
}


def mail(t: Texts, mail_id: int) -> None:
    """Show a mail as it is now; other acts are offered once its stage is another."""
    one = outbox.one(runtime(), mail_id)
    seen = (one.id, one.stage)
    drawn = st.session_state.get(DRAWN, seen)
    if drawn[0] == one.id and drawn != seen:
        st.session_state[DRAWN] = seen
        st.rerun()
    with st.container(border=True, key="outbox_mail"):
        _head(t, one)
        _people(t, one)
        _state(t, one)
        seen_of = outbox.evidence_of(runtime(), [one.id]).get(one.id, [])
        ladder_view(t, ladder(one, seen_of))


def _head(t: Texts, one: Mail) -> None:
    st.markdown(f"#### {escaped(one.subject) or t('preview.no_subject')}")
    lines = {
        "from": one.sender,
        "made": t.second(one.made_at),
        "sent": t.second(one.sent_at) if one.sent_at else "",
        "size": t.size(one.size_bytes),
        "said": one.said,
        "copy": "" if one.copy is CopyStage.NONE else t(f"outbox.copy.{one.copy}"),
    }
    with st.container(gap="xsmall"):
        for name, value in lines.items():
            if value:
                left, right = st.columns([1, 6])
                left.caption(t(f"outbox.detail.{name}"))
                right.text(value)
    with st.container(horizontal=True):
        if one.activity_id is not None:
            st.page_link(
                nav.path("activities"),
                label=t("compose.to_activity"),
                icon=":material/task_alt:",
                query_params={"activity": str(one.activity_id)},
            )
        _follows(t, one)


def _follows(t: Texts, one: Mail) -> None:
    """Lead to the mail that this one follows, if that is not answered."""
    if one.follows_id is not None:
        st.page_link(
            nav.path("outbox"),
            label=t("outbox.follows"),
            icon=":material/reply_all:",
            query_params={"mail": str(one.follows_id)},
        )


def _people(t: Texts, one: Mail) -> None:
    rows = [
        {
            "field": t(f"compose.{who.field}"),
            "person": f"{who.name} <{who.address}>" if who.name else who.address,
            "verdict": _verdict(t, one, who),
            "code": str(who.code or ""),
            "said": who.said,
        }
        for who in one.recipients
    ]
    widths = {"field": 60, "person": 260, "verdict": 160, "code": 60, "said": 420}
    columns: dict[str, Any] = {
        name: st.column_config.TextColumn(t(f"outbox.people.{name}"), width=width)
        for name, width in widths.items()
    }
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        height=table_height(len(rows), PEOPLE),
        row_height=ROW_PX,
        placeholder=NONE,
        column_config=columns,
        key="outbox_people",
        alt=t("outbox.people_table"),
    )


def _verdict(t: Texts, one: Mail, who: Recipient) -> str:
    """Say what the server said of a recipient; of an uncertain mail nobody heard it."""
    if one.stage is Stage.UNCERTAIN and who.verdict is Verdict.WAITING:
        return t("outbox.verdict.unknown")
    return f"{SIGNS[who.verdict]} {t(f'outbox.verdict.{who.verdict}')}"


def _state(t: Texts, one: Mail) -> None:
    """Say how it stands, and what is wrong, in words."""
    st.markdown(f"**{escaped(word(t, one.stage))}**")
    if one.stage is Stage.UNCERTAIN:
        st.info(t("outbox.uncertain_text"), icon=":material/help:")
        return
    if one.problem is not None:
        stored_problem(t, one.problem.code, one.problem.facts)
    if (said := note(t, one)) and not (one.problem and one.stage is Stage.FAILED):
        st.text(said)
    if one.stage is Stage.QUEUED and _paused(one.integration_id):
        st.warning(t("outbox.mailbox_stopped"), icon=":material/pause_circle:")


def _paused(integration_id: int) -> bool:
    """Tell whether its mailbox is paused or disconnected: nothing is sent meanwhile."""
    try:
        stands = watch.standing(runtime(), integration_id)
    except NotFound:
        return True
    return stands.state is State.PAUSED or stands.disconnected_at is not None
