"""Correspondents: whom mail comes from and goes to, who is new, who fell silent."""

import streamlit as st

from console import correspondent_cards as cards, correspondent_way, data_quality
from console.language import texts
from console.month_pick import pick_months
from console.runtime import runtime
from console.scope_pick import pick_scope
from console.widgets import nothing, page
from core import correspondents, watch
from core.correspondents import WHATS, Question
from core.i18n import Texts

PART = "what"  # of a link


def choices(t: Texts) -> Question:
    """Let a person choose whose correspondents, of which months, and of which kind."""
    scope = pick_scope(t)
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        first, last = pick_months(t, correspondents.this_month(runtime()))
        what = pick_what(t)
    data_quality.line(t, scope, correspondents.zone(runtime()))
    return Question(scope.id, what, first, last)


def pick_what(t: Texts) -> str:
    """Let a person choose between addresses and domains; kept in the link."""
    asked = st.query_params.get(PART, WHATS[0])
    st.session_state["what_pick"] = asked if asked in WHATS else WHATS[0]
    chosen = st.segmented_control(
        t("correspondents.what"),
        WHATS,
        required=True,
        format_func=lambda one: t(f"correspondents.whats.{one}"),
        key="what_pick",
        help=t("correspondents.what_help"),
        on_change=_write_what,
    )
    return chosen or WHATS[0]


def _write_what() -> None:
    st.query_params[PART] = st.session_state["what_pick"]


def show(t: Texts, question: Question) -> None:
    """Show the lists, two beside each other."""
    received, sent = (
        correspondents.top(runtime(), question, one)
        for one in correspondents.DIRECTIONS
    )
    since = correspondents.held_since(runtime(), question.scope)
    known = since is not None and since < question.first_month
    new = correspondents.new(runtime(), question) if known else None
    cards.totals(t, received, sent, new)
    st.caption(t("correspondents.click"))
    left, right = st.columns(2)
    with left:
        cards.top(t, question, received, "received")
    with right:
        cards.top(t, question, sent, "sent")
    left, right = st.columns(2)
    with left:
        cards.new(t, question, new, since)
    with right:
        cards.silent(t, question)


t = texts()
with page(t, "correspondents"):
    correspondent_way.follow()
    if watch.how_many(runtime()):
        show(t, choices(t))
    else:
        nothing(t, "correspondents.empty", "integrations")
