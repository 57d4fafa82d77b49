"""Of whom numbers are: everybody, a team, or one mailbox; kept in the link."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from core import scopes, watch
from core.i18n import Texts
from core.scopes import ALL, Scope

PART = "of"  # of a link
MOST = 200  # mailboxes in a list; of more, a person finds one by typing


def pick_scope(t: Texts) -> Scope:
    """Let a person choose whom the numbers are of; an unknown one falls back to all."""
    asked = st.query_params.get(PART, ALL.text)
    known = scopes.find(runtime(), asked)
    if known is None:
        st.warning(t("scope.unknown"), icon=":material/search_off:")
    chosen = known or ALL
    many = watch.how_many(runtime()) > MOST
    search = _search(t) if many else ""
    offered = {ALL.text: t("scope.all")}
    for team in scopes.teams(runtime()):
        offered[team.text] = t("scope.team", team=team.name)
    for one in watch.choices(runtime(), search, MOST):
        offered[str(one.id)] = f"{one.owner} \u00b7 {one.address}"
    offered.setdefault(chosen.text, chosen.name)
    st.session_state["scope_pick"] = chosen.text
    st.selectbox(
        t("scope.label"),
        list(offered),
        format_func=offered.__getitem__,
        key="scope_pick",
        on_change=_write,
    )
    return chosen


def _search(t: Texts) -> str:
    return st.text_input(
        t("mailbox.find"),
        key="scope_find",
        icon=":material/search:",
        max_chars=200,
        help=t("mailbox.find_help", n=MOST),
    )


def _write() -> None:
    st.query_params[PART] = st.session_state["scope_pick"]
    st.query_params.pop("folder", None)
