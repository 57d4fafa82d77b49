"""Which integration, and which of its folders: chosen by a person, kept in the link."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from core import watch
from core.i18n import Texts
from core.watch import Choice

# Parts of a link.
OWN_TO_ONE = ("folder", "before", "after", "message", "thread", "flat")
DIGITS_MOST = 10  # of an id
EVERY, ALL = 0, "all"  # as an id, and in a link
MOST = 100  # in a list; of more, a person finds one by typing


def pick_integration(t: Texts, every: str = "") -> int | None:
    """Let a person choose an integration; its id lives in the address bar.

    An id that does not exist falls back to the first, and says so. Gives None where
    there is no integration at all. `every`: what all of them are called, which may be
    chosen too, and gives `EVERY`.
    """
    many = watch.how_many(runtime()) > MOST
    search = _search(t) if many else ""
    offered = {c.id: c for c in watch.choices(runtime(), search, MOST)}
    asked = st.query_params.get("integration", "")
    numbered = asked.isdecimal() and len(asked) <= DIGITS_MOST
    known = watch.choice(runtime(), int(asked)) if numbered else None
    chose_every = bool(every) and asked == ALL
    if asked and known is None and not chose_every:
        st.warning(t("page.unknown_integration"), icon=":material/search_off:")
    if known is not None and known.id not in offered:
        offered = {known.id: known, **offered}
    if not offered:
        return None
    chosen = known.id if known is not None else next(iter(offered))
    chosen = EVERY if chose_every else chosen
    st.session_state["integration_pick"] = chosen
    st.selectbox(
        t("page.integration"),
        [EVERY, *offered] if every else list(offered),
        format_func=lambda one: _label(t, offered[one]) if one else every,
        key="integration_pick",
        on_change=_write_integration,
    )
    return chosen


def pick_folder(t: Texts, one: int, everything: str) -> int | None:
    """Let a person choose a folder of an integration, or `everything`; as in the link.

    Gives None for everything.
    """
    found = watch.folder_titles(runtime(), one)
    titles = {"": everything, **{str(number): name for number, name in found.items()}}
    asked = st.query_params.get("folder", "")
    if asked not in titles:
        st.warning(t("page.unknown_folder"), icon=":material/search_off:")
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
    chosen = st.session_state["integration_pick"]
    st.query_params["integration"] = str(chosen or ALL)


def _write_folder() -> None:
    for name in OWN_TO_ONE:
        st.query_params.pop(name, None)
    if chosen := st.session_state["folder_pick"]:
        st.query_params["folder"] = chosen
