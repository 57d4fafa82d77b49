"""The dialog that ends an integration, once a person has read what that means."""

from __future__ import annotations

import streamlit as st

from console.runtime import ACTOR, runtime
from console.widgets import guarded, tell
from core import connect
from core.i18n import Texts
from core.model import Integration, Method


def show(t: Texts, one: Integration) -> None:
    """Ask before an integration is ended."""
    st.dialog(t("integrations.disconnect_title"))(_body)(t, one)


def _body(t: Texts, one: Integration) -> None:
    with guarded(t, "disconnect"):
        st.text(f"{one.owner} · {one.address}")
        st.markdown(t("integrations.disconnect_text"))
        if one.method is not Method.IMAP:
            st.markdown(t("integrations.disconnect_permission"))
        with st.container(horizontal=True):
            ended = st.button(
                t("integrations.disconnect"), type="primary", key="disconnect_yes"
            )
            kept = st.button(t("page.cancel"), key="disconnect_no")
        if ended:
            with st.spinner(t("integrations.ending")):
                ending = connect.disconnect(runtime(), one.id, ACTOR)
            tell(t(f"integrations.ended_{ending}" if ending else "integrations.ended"))
        if ended or kept:
            st.rerun()
