"""What is known of a message that was chosen, as mere text."""

from __future__ import annotations

import streamlit as st

from console.message_columns import sender
from console.message_link import also
from console.privacy_banner import subject_words
from console.widgets import Row
from core.i18n import Texts
from core.model import Privacy

BESIDE = ("date", "kind", "size", "folders")  # the look inside tells the rest
DETAILS = ("subject", "from", "to", "cc", *BESIDE)


def details(t: Texts, m: Row, level: Privacy, *, inside: bool) -> None:
    """Show what is known of a message; `inside`: its own headers are shown below."""
    with st.container(border=True, key="message_details", gap="xsmall"):
        for name, value in _details(t, m, level, inside=inside).items():
            left, right = st.columns([1, 6])
            left.caption(t(f"detail.{name}"))
            right.text(value)


def conversation_button(t: Texts, m: Row) -> None:
    """Lead to the conversation of a message, if there are others in it."""
    if int(m["in_thread"]) > 1:
        st.button(
            t("conversation.open", n=int(m["in_thread"])),
            key="conversation_open",
            icon=":material/forum:",
            on_click=also,
            kwargs={"thread": int(m["thread"]), "flat": False},
        )


def _details(t: Texts, m: Row, level: Privacy, *, inside: bool) -> dict[str, str]:
    """Give what is known, by the names of `detail.*`; what is empty is left out."""
    values = {
        "subject": subject_words(t, level, m["subject"]),
        "from": sender(m["from_name"], m["from_address"]),
        "to": m["recipients"],
        "cc": m["copied"],
        "date": t.second(m["at"].to_pydatetime()),
        "kind": t(f"one_of.{m['kind']}") + " · " + t(f"one_way.{m['direction']}"),
        "size": t.size(int(m["size_bytes"])),
        "folders": m["folders"] or t("messages.nowhere"),
    }
    shown = BESIDE if inside else DETAILS
    return {name: str(values[name]) for name in shown if values[name]}
