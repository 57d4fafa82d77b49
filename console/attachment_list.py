"""The attachments of a message: listed from its structure, downloaded one at a time."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

import pandas as pd
import streamlit as st

from console.runtime import runtime
from console.widgets import explanation
from core import preview as looking
from core.errors import MailError
from core.i18n import Texts
from core.preview import Attachment, File
from core.words import explain

LISTED_MOST = 50
AT_HAND_S = 240.0  # less than core.preview keeps it


def show(
    t: Texts, found: tuple[Attachment, ...], integration_id: int, message_id: int
) -> None:
    """List attachments, each with its button."""
    if not found:
        return
    st.caption(t("preview.attachments", n=len(found)))
    with st.container(key="attachments", gap="xsmall"):
        for one in found[:LISTED_MOST]:
            _row(t, one, integration_id, message_id)
    if len(found) > LISTED_MOST:
        st.caption(t("preview.more_attachments", n=len(found) - LISTED_MOST))


def links_frame(links: Iterable[Any]) -> pd.DataFrame:
    """Give the links of a mail as a table of mere text."""
    rows = [
        {"elsewhere": "⚠" if one.elsewhere else "", "text": one.text, "url": one.url}
        for one in links
    ]
    return pd.DataFrame(rows, columns=["elsewhere", "text", "url"])


def _row(t: Texts, one: Attachment, integration_id: int, message_id: int) -> None:
    name, kind, act = st.columns([5, 4, 2], vertical_alignment="center")
    name.text(one.name)
    kind.text(f"{one.type} · {t.size(one.size_bytes)}")
    for code in one.odd:
        name.caption(t(f"preview.file.{code}"))
    key = f"{integration_id}_{message_id}_{one.section}"
    with act:
        if st.session_state.get(f"attached_{key}", 0.0) < time.monotonic():
            wanted = st.button(
                t("preview.fetch_file"),
                key=f"fetch_{key}",
                icon=":material/cloud_download:",
            )
            if not wanted:
                return
    _deliver(t, one, integration_id, message_id, key)


def _deliver(
    t: Texts, one: Attachment, integration_id: int, message_id: int, key: str
) -> None:
    """Fetch a part with progress, then offer it; once fetched it is at hand."""
    try:
        file = _fetched(t, one, integration_id, message_id)
    except MailError as error:
        st.session_state.pop(f"attached_{key}", None)
        explanation(t, explain(t, error, now=True))
        return
    st.session_state[f"attached_{key}"] = time.monotonic() + AT_HAND_S
    st.download_button(
        t("preview.save_file", size=t.size(len(file.data))),
        file.data,
        file_name=file.name,
        mime="application/octet-stream",  # never shown by the browser itself
        key=f"save_{key}",
        icon=":material/download:",
        on_click="ignore",
    )


def _fetched(t: Texts, one: Attachment, integration_id: int, message_id: int) -> File:
    bar = st.empty()

    def on_bytes(come: int, of: int) -> None:
        told = t("preview.progress", come=t.size(come), of=t.size(of))
        bar.progress(min(1.0, come / max(1, of)), text=told)

    try:
        return looking.attachment(
            runtime(), integration_id, message_id, one.section, on_bytes
        )
    finally:
        bar.empty()
