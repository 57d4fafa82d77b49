"""What is kept of a mailbox, in one calm line, and words for what is not."""

from __future__ import annotations

import streamlit as st

from console import nav
from console.runtime import runtime
from core import watch
from core.i18n import Texts
from core.model import Privacy


def banner(t: Texts, integration_id: int) -> None:
    """Say the level of privacy of a mailbox, and where it is changed."""
    level = watch.privacy_of(runtime(), integration_id)
    name, keeps = t(f"privacy.{level}.name"), t(f"privacy.{level}.keeps")
    # One line: what is kept is told by whoever asks for it.
    with st.container(
        horizontal=True, vertical_alignment="center", key="privacy_banner"
    ):
        words = t("privacy.banner", level=name)
        st.caption(f":material/shield_lock: {words}", width="content", help=keeps)
        st.page_link(
            nav.path("sync"),
            label=t("privacy.where"),
            query_params={"integration": str(integration_id)},
        )


def subject_words(t: Texts, level: Privacy, subject: str) -> str:
    """Give a subject as it is shown: where none is kept, the words for that."""
    return subject or ("" if level.allows_subject else t("privacy.not_stored"))
