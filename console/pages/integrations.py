"""Integrations: every method, what is connected, and the way to the dialog."""

import streamlit as st

from console import connect_dialog, nav
from console.language import texts
from console.runtime import ACTOR, runtime
from console.widgets import escaped, page, state_badge, state_of
from core import activities, connect, watch
from core.i18n import Texts
from core.model import Integration


def method_cards(t: Texts, owner: str) -> None:
    """Show the three methods; only what works can be pressed."""
    google, microsoft, imap = st.columns(3)
    for place, name in ((google, "google"), (microsoft, "microsoft")):
        with place.container(border=True, height="stretch"):
            st.markdown(f"#### {t(f'method.{name}')}")
            st.markdown(t(f"integrations.{name}"))
            st.badge(t("integrations.later"), icon=":material/schedule:", color="gray")
    with imap.container(border=True, height="stretch"):
        st.markdown(f"#### {t('method.imap')}")
        st.markdown(t("integrations.imap"))
        taken = taken_by(owner)
        if taken is not None:
            reason(t, taken)
            if not owner and st.button(
                t("integrations.another"), type="tertiary", key="connect_another"
            ):
                connect_dialog.show(t)
        elif st.button(t("integrations.connect"), type="primary", key="connect_imap"):
            connect_dialog.show(t, owner)


def taken_by(owner: str) -> Integration | None:
    """Give the live integration that stands in the way of an owner, or of anybody."""
    if owner:
        return watch.live_of(runtime(), owner)
    return next(iter(watch.live(runtime())), None)


def reason(t: Texts, taken: Integration) -> None:
    """Say why another one cannot be connected, and offer to end this one."""
    text = t("integrations.taken", owner=escaped(taken.owner))
    st.info(text, icon=":material/info:")
    st.text(taken.address)
    if st.button(t("integrations.disconnect"), key="disconnect_taken"):
        confirm(t, taken)


def confirm(t: Texts, one: Integration) -> None:
    """Ask before an integration is ended."""

    def body() -> None:
        st.text(f"{one.owner} · {one.address}")
        st.markdown(t("integrations.disconnect_text"))
        with st.container(horizontal=True):
            if st.button(
                t("integrations.disconnect"), type="primary", key="disconnect_yes"
            ):
                connect.disconnect(runtime(), one.id, ACTOR)
                st.session_state["disconnected"] = True
                st.rerun()
            if st.button(t("page.cancel"), key="disconnect_no"):
                st.rerun()

    st.dialog(t("integrations.disconnect_title"))(body)()


def connected_list(t: Texts) -> None:
    """List the live integrations, each with its state and its way out."""
    found = watch.overview(runtime())
    live = found[found["disconnected_at"].isna()]
    st.subheader(t("integrations.connected"), anchor=False)
    if live.empty:
        st.caption(t("integrations.none"))
    for row in live.to_dict("records"):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            state_badge(t, state_of(row))
            servers = f"IMAP {row['imap_host']} · SMTP {row['smtp_host']}"
            st.text(f"{row['owner']} · {row['address']}\n{servers}")
            st.page_link(
                nav.path("sync"),
                label=t("nav.sync"),
                icon=":material/sync:",
                query_params={"integration": str(row["id"])},
            )
            if st.button(t("integrations.disconnect"), key=f"disconnect_{row['id']}"):
                confirm(t, watch.integration(runtime(), int(row["id"])))


def arrived_from(t: Texts) -> str:
    """Give the owner of the activity that a person came from, and say so."""
    asked = st.query_params.get("activity", "")
    if not asked.isdecimal():
        return ""
    activity, _ = activities.sender_for(runtime(), int(asked))
    st.caption(escaped(t("integrations.for_activity", subject=activity.subject)))
    return str(activity.owner)


def go_on(made: int) -> None:
    """After connecting: back to the activity, or to the state of the sync."""
    asked = st.query_params.get("activity", "")
    if asked.isdecimal():
        st.switch_page(nav.path("activities"), query_params={"activity": asked})
    st.switch_page(nav.path("sync"), query_params={"integration": str(made)})


t = texts()
with page(t, "integrations"):
    if made := connect_dialog.connected():
        go_on(made)
    if st.session_state.pop("disconnected", False):
        st.toast(t("integrations.ended"), icon=":material/link_off:")
    st.markdown(t("integrations.intro"))
    method_cards(t, arrived_from(t))
    connected_list(t)
