"""What is known of a message that was chosen, as mere text."""

from __future__ import annotations

import streamlit as st

from console.message_columns import sender
from console.message_link import also
from console.widgets import Row
from core.i18n import Texts

DETAILS = ("subject", "from", "to", "cc", "date", "kind", "size", "folders")


def details(t: Texts, m: Row) -> None:
    """Show what is known of a message, and the way to its conversation."""
    with st.container(border=True, key="message_details", gap="xsmall"):
        for name, value in _details(t, m).items():
            left, right = st.columns([1, 6])
            left.caption(t(f"detail.{name}"))
            right.text(value)
        st.caption(t("messages.no_body"))


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


def _details(t: Texts, m: Row) -> dict[str, str]:
    """Give what is known, by the names of `detail.*`; what is empty is left out."""
    values = {
        "subject": m["subject"],
        "from": sender(m["from_name"], m["from_address"]),
        "to": m["recipients"],
        "cc": m["copied"],
        "date": t.second(m["at"].to_pydatetime()),
        "kind": t(f"one_of.{m['kind']}") + " · " + t(f"one_way.{m['direction']}"),
        "size": t.size(int(m["size_bytes"])),
        "folders": m["folders"] or t("messages.nowhere"),
    }
    return {name: str(values[name]) for name in DETAILS if values[name]}
