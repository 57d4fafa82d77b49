"""Which integration, and which of its folders: chosen by a person, kept in the link."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from core import watch
from core.i18n import Texts
from core.watch import Choice

OWN_TO_ONE = ("folder", "before", "after", "message")  # parts of a link
MOST = 100  # in a list; of more, a person finds one by typing


def pick_integration(t: Texts) -> int | None:
    """Let a person choose an integration; its id lives in the address bar.

    An id that does not exist falls back to the first, and says so. Gives None where
    there is no integration at all.
    """
    many = watch.how_many(runtime()) > MOST
    search = _search(t) if many else ""
    offered = {c.id: c for c in watch.choices(runtime(), search, MOST)}
    asked = st.query_params.get("integration", "")
    known = watch.choice(runtime(), int(asked)) if asked.isdecimal() else None
    if asked and known is None:
        st.warning(t("page.unknown_integration"), icon=":material/search_off:")
    if known is not None and known.id not in offered:
        offered = {known.id: known, **offered}
    if not offered:
        return None
    chosen = known.id if known is not None else next(iter(offered))
    st.session_state["integration_pick"] = chosen
    st.selectbox(
        t("page.integration"),
        list(offered),
        format_func=lambda one: _label(t, offered[one]),
        key="integration_pick",
        on_change=_write_integration,
    )
    return chosen


def pick_folder(t: Texts, one: int, everything: str) -> int | None:
    """Let a person choose a folder of an integration, or `everything`; as in the link.

    Gives None for everything.
    """
    found = watch.folders(runtime(), one)
    found = found[found["selectable"] & found["missing_since"].isna()]
    titles = {"": everything}
    titles |= {str(row["id"]): str(row["title"]) for row in found.to_dict("records")}
    asked = st.query_params.get("folder", "")
    st.session_state["folder_pick"] = asked if asked in titles else ""
    chosen = st.selectbox(
        t("table.folder"),
        list(titles),
        format_func=titles.__getitem__,
        key="folder_pick",
        on_change=_write_folder,
    )
    return int(chosen) if chosen else None


def _search(t: Texts) -> str:
    return st.text_input(
        t("mailbox.find"),
        key="integration_find",
        icon=":material/search:",
        max_chars=200,
        help=t("mailbox.find_help", n=MOST),
    )


def _label(t: Texts, one: Choice) -> str:
    ended = f" · {t('state.disconnected')}" if one.ended else ""
    return f"{one.owner} · {one.address}{ended}"


def _write_integration() -> None:
    for name in OWN_TO_ONE:
        st.query_params.pop(name, None)
    st.query_params["integration"] = str(st.session_state["integration_pick"])


def _write_folder() -> None:
    for name in OWN_TO_ONE:
        st.query_params.pop(name, None)
    if chosen := st.session_state["folder_pick"]:
        st.query_params["folder"] = chosen
