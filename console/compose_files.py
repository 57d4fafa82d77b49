"""Files that go with a mail: taken from the uploader, kept until it is sent."""

from __future__ import annotations

import mimetypes

import streamlit as st

from console.compose_draft import Writing, key_of
from console.widgets import escaped
from core.i18n import Texts
from core.letters import ATTACHED_MOST, Attachment
from core.text import harmless

TOGETHER_MB = ATTACHED_MOST >> 20  # as `server.maxUploadSize`
MB = 1 << 20
ANY = "application/octet-stream"


def files(t: Texts, w: Writing) -> None:
    """Let a person add files and take them away; tell how large they are."""
    key = f"{key_of(w, 'files')}_{w.taken}"
    st.file_uploader(
        t("compose.files"),
        accept_multiple_files=True,
        max_upload_size=TOGETHER_MB,
        help=t("compose.files_help", n=TOGETHER_MB),
        key=key,
        on_change=_take,
        args=(w, key),
    )
    for number, one in enumerate(w.files):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(f"{harmless(one.name)} · {t.size(len(one.content))}")
            st.button(
                t("compose.file_remove"),
                key=f"{key_of(w, 'remove')}_{number}",
                icon=":material/close:",
                type="tertiary",
                on_click=_remove,
                args=(w, one),
            )
    if w.left_out:
        names = ", ".join(harmless(name) for name in w.left_out)
        st.warning(escaped(t("compose.files_left_out", n=TOGETHER_MB, names=names)))
    if len(w.files) > 1:
        total = t.size(_together(w.files))
        st.caption(t("compose.files_total", n=len(w.files), size=total))


def _take(w: Writing, key: str) -> None:
    """Take over what was uploaded: the uploader forgets it when it is not drawn."""
    w.left_out = []
    for one in st.session_state[key] or ():
        kind = one.type or mimetypes.guess_type(one.name)[0] or ANY
        added = Attachment(one.name, kind, one.getvalue())
        if _together([*w.files, added]) > TOGETHER_MB * MB:
            w.left_out.append(one.name)
        else:
            w.files.append(added)
    w.taken += 1


def _remove(w: Writing, one: Attachment) -> None:
    w.files = [kept for kept in w.files if kept is not one]
    w.left_out = []


def _together(files: list[Attachment]) -> int:
    return sum(len(one.content) for one in files)
