"""The block list: whom the organisation does not write to, and why."""

from __future__ import annotations

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import escaped, refused, tell
from core import outbox
from core.errors import BadInput
from core.i18n import Texts
from core.outbox import Blocked

PATTERN_MOST, REASON_MOST = 320, 200
FIELDS = ("blocked_pattern", "blocked_reason")


def panel(t: Texts) -> None:
    """Show who is on the list; let a person add and take off."""
    found = outbox.blocked(runtime())
    count = len(found)
    title = t("outbox.blocked", n=count) if count else t("outbox.blocked_empty")
    with st.expander(title, icon=":material/block:"):
        st.markdown(t("outbox.blocked_text"))
        _add(t)
        if not found:
            st.caption(t("outbox.blocked_none"))
        for one in found:
            with st.container(
                border=True, horizontal=True, vertical_alignment="center"
            ):
                _row(t, one)


def _add(t: Texts) -> None:
    pattern, reason, button = st.columns([3, 4, 1], vertical_alignment="bottom")
    whom = pattern.text_input(
        t("outbox.blocked_pattern"), key=FIELDS[0], max_chars=PATTERN_MOST,
        placeholder=t("outbox.blocked_example"), autocomplete="off",
    )  # fmt: skip
    why = reason.text_input(
        t("outbox.blocked_reason"), key=FIELDS[1], max_chars=REASON_MOST,
        autocomplete="off",
    )  # fmt: skip
    if button.button(
        t("outbox.blocked_add"), key="blocked_add", icon=":material/add:",
        width="stretch",
    ):  # fmt: skip
        _block(t, whom or "", why or "")


def _block(t: Texts, whom: str, why: str) -> None:
    try:
        new = outbox.block(runtime(), whom, why, ACTOR)
    except BadInput as error:
        refused(t, error)
        return
    for name in FIELDS:
        del st.session_state[name]
    tell(t("outbox.blocked_added" if new else "outbox.blocked_known"))
    st.rerun()


def _row(t: Texts, one: Blocked) -> None:
    whom = t(
        "outbox.blocked_domain"
        if one.pattern.startswith("@")
        else "outbox.blocked_one",
        pattern=one.pattern,
    )
    by = t("outbox.blocked_by", actor=one.actor, at=t.moment(one.at))
    st.text(f"{whom}\n{one.reason} · {by}", width="stretch")
    with st.popover(t("outbox.blocked_remove"), icon=":material/delete:"):
        st.markdown(t("outbox.blocked_remove_text", pattern=escaped(one.pattern)))
        if st.button(
            t("outbox.blocked_remove_yes"), key=f"unblock_{one.id}", type="primary"
        ):
            outbox.unblock(runtime(), one.id, ACTOR)
            tell(t("outbox.blocked_removed"))
            st.rerun()
