"""What can be done with the messages that were chosen, and the one that is open."""

from __future__ import annotations

from collections.abc import Collection

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console import nav
from console.message_acts import bar
from console.message_address import View
from console.message_details import conversation_button, details
from console.message_preview import preview
from console.runtime import runtime
from console.widgets import guarded
from core import browse, watch
from core.i18n import Texts


def place() -> DeltaGenerator:
    """Make the place for what can be done: as high with acts as without any."""
    return st.container(
        horizontal=True, vertical_alignment="center", key="message_chosen"
    )


def acts(t: Texts, integration_id: int, ids: list[int], folder_id: int | None) -> None:
    """Offer what can be done with messages of one mailbox."""
    if len(ids) == 1:  # of more, the bar says how many
        st.caption(t("messages.chosen", n=1), width="content")
    bar(t, integration_id, ids, folder_id)
    if len(ids) == 1:
        reply(t, ids[0])


def reply(t: Texts, message_id: int) -> None:
    """Lead to an answer to a message."""
    asked = {"answer": str(message_id)}
    label, icon = t("compose.reply"), ":material/reply:"
    st.page_link(nav.path("compose"), label=label, icon=icon, query_params=asked)


def chosen(t: Texts, view: View, ids: list[int]) -> None:
    """Offer acts on what was chosen; nothing where it is of several mailboxes."""
    if not ids:
        st.caption(t("messages.choose"))
        return
    mailboxes = _mailboxes(view, ids)
    if len(mailboxes) == 1:
        acts(t, next(iter(mailboxes)), ids, view.folder or None)
    else:
        st.caption(t("messages.chosen_of_many", n=len(ids)))


def opened(t: Texts, view: View) -> None:
    """Show the message that the address names, below everything else."""
    if not view.message:
        return
    with guarded(t, "messages"):
        one = view.integration or mailbox_of(view.message)
        known = browse.message(runtime(), one, view.message)
        if not view.thread:
            conversation_button(t, known)
        level = watch.privacy_of(runtime(), one)
        above = st.container()
        inside = preview(t, one, view.message, sent=known["direction"] == "sent")
        with above:
            details(t, known, level, inside=inside)


def mailbox_of(message_id: int) -> int:
    """Give the mailbox of a message; 0, which is none, if there is no such message."""
    return browse.whose(runtime(), [message_id]).get(message_id, 0)


def _mailboxes(view: View, ids: Collection[int]) -> set[int]:
    if view.integration:
        return {view.integration}
    return set(browse.whose(runtime(), ids).values())
