"""What a person may choose in the activity panel: a state with its count, filters."""

from __future__ import annotations

import streamlit as st

from console.activity_question import ALL, GROUPS, OPEN, ask, asked, turn
from console.runtime import runtime
from core import activities
from core.activities import Model, Page
from core.i18n import Texts

ICONS = {
    OPEN: "task_alt",
    "late": "error",
    "today": "today",
    "upcoming": "event",
    "done": "check_circle",
    "answered": "reply",
    ALL: "list",
}


def groups(t: Texts, shown: Page) -> None:
    """Show how many there are in each state, as buttons that filter."""
    counts: dict[str, int] = {str(one): n for one, n in shown.counts.items()}
    counts[OPEN] = sum(shown.counts[one] for one in activities.OPEN)
    counts[ALL] = sum(shown.counts.values())
    with st.container(horizontal=True, gap="small", key="activity_groups"):
        for name in GROUPS:
            st.button(
                t(f"activities.group.{name}", count=counts[name]),
                key=f"activity_group_{name}",
                icon=f":material/{ICONS[name]}:",
                type="primary" if asked(t).state == name else "secondary",
                help=t(f"activities.group_help.{name}"),
                on_click=turn,
                kwargs={"state": "" if name == OPEN else name},
            )


def filters(t: Texts) -> None:
    """Let a person search, and choose a model and an owner."""
    search, model, owner = st.columns([3, 1, 1], vertical_alignment="bottom")
    st.session_state["activity_search"] = ask("q")
    search.text_input(
        t("activities.search"),
        key="activity_search",
        icon=":material/search:",
        max_chars=200,
        on_change=lambda: turn(q=st.session_state["activity_search"]),
    )
    st.session_state["activity_model"] = asked(t).model
    model.selectbox(
        t("field.model"),
        ["", *Model],
        key="activity_model",
        filter_mode=None,
        format_func=lambda one: (
            t(f"model.{one}") if one else t("activities.every_model")
        ),
        on_change=lambda: turn(model=str(st.session_state["activity_model"])),
    )
    with owner:
        _owner(t)


def _owner(t: Texts) -> None:
    chosen = asked(t).owner_id
    names = {0: t("activities.every_owner"), **activities.owners(runtime(), chosen)}
    st.session_state["activity_owner"] = chosen if chosen in names else 0
    st.selectbox(
        t("field.owner"),
        list(names),
        key="activity_owner",
        format_func=names.__getitem__,
        on_change=lambda: turn(owner=str(st.session_state["activity_owner"] or "")),
    )
