"""The mails of an activity, each with what became of it."""

from __future__ import annotations

import streamlit as st

from core.i18n import Texts


def mails(t: Texts, activity_id: int) -> None:
    """Show the mails of an activity, the newest first, each with its ladder."""
    del activity_id
    st.caption(t("activities.not_tracked"))
