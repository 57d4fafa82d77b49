"""The reader's language and time zone: the browser's, unless chosen otherwise."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from core.i18n import LANGUAGES, Texts, choose

CHOSEN = "language_chosen"


def texts() -> Texts:
    """Give the texts for this reader."""
    language = st.session_state.get(CHOSEN) or choose(st.context.locale)
    return Texts(language, zone_name())


def zone_name() -> str:
    """Give the browser's time zone (IANA name); UTC when it is unknown."""
    name = st.context.timezone or "UTC"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return "UTC"
    return name


def switch(t: Texts) -> None:
    """Show the switch of languages, in the sidebar."""
    names = list(LANGUAGES)
    st.sidebar.selectbox(
        t("nav.language"),
        names,
        index=names.index(t.language),
        format_func=LANGUAGES.__getitem__,
        key="language_switch",
        on_change=_remember,
    )


def _remember() -> None:
    st.session_state[CHOSEN] = st.session_state["language_switch"]
