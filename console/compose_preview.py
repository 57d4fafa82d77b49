"""A mail as its recipient will see it: in the closed frame, as text, and its header.

The HTML goes into the same frame as that of mail from others, served apart and unable
to do anything (console/preview_routes.py): a template may come from anybody.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from console.runtime import runtime
from core import outbox, preview
from core.errors import MailError
from core.i18n import Texts
from core.preview import DraftLook
from core.text import harmless

VIEWS = ("html", "text", "headers")
FRAME_PX, TEXT_PX = 420, 420


def look(t: Texts, draft: outbox.Draft, name: str) -> None:
    """Show how a mail will look, or why it cannot be shown yet."""
    chosen = st.segmented_control(
        t("compose.preview"),
        VIEWS,
        default=VIEWS[0],
        required=True,
        format_func=lambda view: t(f"compose.view_{view}"),
        key=f"compose_{name}_view",
    )
    view = chosen or VIEWS[0]
    whole = view == "headers"  # what is attached takes long, and does not show
    wanted = draft if whole else replace(draft, attachments=())
    try:
        composed = outbox.composed(runtime(), wanted)
    except MailError:  # which is told where the mail is sent
        st.info(t("compose.no_preview"), icon=":material/visibility_off:")
        return
    _show(t, preview.look_at_draft(composed.content), view)
    if whole:
        st.caption(t("compose.size", size=t.size(composed.size_bytes)))
    for one in draft.attachments:
        st.text(f"{harmless(one.name)} · {t.size(len(one.content))}")


def _show(t: Texts, found: DraftLook, view: str) -> None:
    if view == "html":
        st.iframe(
            preview.draft_address(found.html), height=FRAME_PX, alt=t("preview.frame")
        )
        return
    words = found.text if view == "text" else found.headers
    st.code(words, language=None, wrap_lines=True, height=TEXT_PX)
    if view == "headers":
        st.caption(t("compose.no_bcc"))
