"""The button that makes a support bundle, and the link where to ask for help."""

from __future__ import annotations

from functools import partial

import streamlit as st

from console.runtime import runtime
from core import bundle
from core.i18n import Texts


def show(t: Texts, integration_id: int | None = None) -> None:
    """Offer a bundle about one integration, or about all; it is made when asked for."""
    opened = runtime()
    with st.container(horizontal=True):
        st.download_button(
            t("bundle.button"),
            data=partial(bundle.make, opened, integration_id, t),
            file_name=bundle.file_name(opened.clock()),
            mime="application/zip",
            key=f"bundle_{integration_id or 'all'}",
            help=t("bundle.button_help"),
            icon=":material/medical_services:",
            on_click="ignore",
        )
        if opened.settings.help_url:
            st.link_button(
                t("bundle.open_request"),
                opened.settings.help_url,
                icon=":material/open_in_new:",
            )
