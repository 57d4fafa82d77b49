"""The live integrations as a list: whose, where, how each is, and its ways on."""

from __future__ import annotations

import streamlit as st

from console import connect_dialog, disconnect_dialog, nav, sign_in_dialog
from console.runtime import runtime
from console.widgets import Row, all_of_them, guarded, state_badge, state_of
from core import watch
from core.i18n import Texts
from core.model import Integration, Method

SHOWN = 50  # the others are on the fleet page


def connected_list(t: Texts) -> None:
    """List the live integrations, each with its state and its way out."""
    found = watch.overview(runtime())
    live = found[found["disconnected_at"].isna()]
    st.subheader(t("integrations.connected"), anchor=False)
    if live.empty:
        st.caption(t("integrations.none"))
    for row in live.head(SHOWN).to_dict("records"):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            mailbox(t, row)
    all_of_them(t, len(live), SHOWN)


def mailbox(t: Texts, row: Row) -> None:
    """Show a mailbox: whose, where, since when, how it is, and the ways on."""
    state_badge(t, state_of(row))
    servers = f"IMAP {row['imap_host']} · SMTP {row['smtp_host']}"
    since = t("integrations.since", at=t.moment(row["connected_at"].to_pydatetime()))
    st.text(f"{row['owner']} · {row['address']}\n{servers}\n{since}")
    st.space("stretch")
    st.page_link(
        nav.path("sync"),
        label=t("nav.sync"),
        icon=":material/sync:",
        query_params={"integration": str(row["id"])},
    )
    if st.button(
        t("integrations.reconnect"), key=f"again_{row['id']}", icon=":material/key:"
    ):
        show_again(t, watch.integration(runtime(), int(row["id"])))
    if st.button(
        t("integrations.disconnect"),
        key=f"disconnect_{row['id']}",
        icon=":material/link_off:",
    ):
        disconnect_dialog.show(t, watch.integration(runtime(), int(row["id"])))


def show_again(t: Texts, one: Integration) -> None:
    """Open the dialog that connects a mailbox again, by its own method."""
    if one.method is Method.IMAP:
        connect_dialog.show_again(t, one)
    else:
        sign_in_dialog.show_again(t, one)


def reconnect_asked(t: Texts) -> None:
    """Open the dialog for the mailbox that a link of another page names, once."""
    asked = st.query_params.get("reconnect", "")
    if asked:
        del st.query_params["reconnect"]
    if asked.isdecimal():
        with guarded(t, "integrations"):
            one = watch.integration(runtime(), int(asked))
            if watch.standing(runtime(), one.id).disconnected_at is None:
                show_again(t, one)
