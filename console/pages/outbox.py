"""Outbox: mail that waits, is sent or is not; how mailboxes send, and to whom never."""

import streamlit as st

from console import outbox_blocked, outbox_list, outbox_mail, outbox_sender
from console.language import texts
from console.outbox_acts import acts
from console.outbox_address import also, number
from console.pick import ALL, EVERY, pick_integration
from console.runtime import runtime
from console.widgets import guarded, nothing, page
from core import watch
from core.i18n import Texts

LIVE = "5s"


@st.fragment(run_every=LIVE)
def live_list(t: Texts, integration_id: int | None) -> None:
    """Show how many there are and which, without reloading; what is chosen stays."""
    with guarded(t, "outbox"):
        outbox_list.stages(t, integration_id)
        outbox_list.rows(t, integration_id)


@st.fragment(run_every=LIVE)
def live_mail(t: Texts, mail_id: int) -> None:
    """Show the mail that was chosen, without reloading."""
    with guarded(t, "outbox"):
        outbox_mail.mail(t, mail_id)


def pick(t: Texts) -> int | None:
    """Let a person choose a mailbox, or all; None: there is none."""
    if "integration" not in st.query_params:
        also("integration", ALL)
    return pick_integration(t, every=t("outbox.every"))


t = texts()
with page(t, "outbox"):
    one = pick(t)
    if one is None:
        nothing(t, "outbox.empty", "integrations")
    else:
        live_list(t, None if one == EVERY else one)
        if chosen := number("mail"):
            with guarded(t, "outbox"):
                acts(t, chosen)
            live_mail(t, chosen)
        if one != EVERY:
            outbox_sender.panel(
                t,
                watch.integration(runtime(), one),
                opened=st.query_params.get("panel") == "sender",
            )
        else:
            st.caption(t("outbox.sender_choose"))
    outbox_blocked.panel(t)
