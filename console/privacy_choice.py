"""The choice of how much is kept of a mailbox, with what each level means."""

from __future__ import annotations

import streamlit as st

from core.i18n import Texts
from core.model import Privacy

LEVELS = list(Privacy)


def choose(t: Texts, key: str, now: Privacy = Privacy.BODY) -> Privacy:
    """Show the three levels, and what is stored and what is not at each."""
    st.session_state.setdefault(key, now)
    chosen = st.radio(
        t("privacy.choose"),
        LEVELS,
        format_func=lambda level: t(f"privacy.{level}.name"),
        captions=[t(f"privacy.{level}.keeps") for level in LEVELS],
        key=key,
    )
    return Privacy(chosen or now)
