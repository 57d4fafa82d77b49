"""Integrations: every method, what is connected, and the way to the dialog."""

import streamlit as st

from console import connect_dialog, disconnect_dialog, nav, sign_in_dialog
from console.connected import connected_list, reconnect_asked
from console.language import texts
from console.runtime import runtime
from console.widgets import escaped, guarded, page, stored_problem, tell
from core import activities, watch
from core.i18n import Texts
from core.model import Integration, Method

BUTTONS = (Method.GOOGLE, Method.MICROSOFT)


def method_cards(t: Texts, owner: str) -> None:
    """Show the three methods, each with its button or the reason why not."""
    taken = taken_by(owner)
    *others, imap = st.columns(3)
    for place, method in zip(others, BUTTONS, strict=True):
        with place.container(border=True, height="stretch", key=f"method_{method}"):
            st.markdown(f"#### {sign_in_dialog.ICONS[method]} {t(f'method.{method}')}")
            st.markdown(t(f"integrations.{method}"))
            if st.button(
                t(f"lead.{method}.go"),
                key=f"connect_{method}",
                disabled=bool(taken and owner),
            ):
                sign_in_dialog.show(t, method, owner)
    with imap.container(border=True, height="stretch", key="method_imap"):
        st.markdown(f"#### :material/dns: {t('method.imap')}")
        st.markdown(t("integrations.imap"))
        connect_with_imap(t, owner, taken)


def connect_with_imap(t: Texts, owner: str, taken: list[Integration]) -> None:
    """Offer the dialog, or say why this owner has to disconnect first."""
    if not taken:
        if st.button(t("integrations.connect"), type="primary", key="connect_imap"):
            connect_dialog.show(t, owner)
        return
    reason(t, taken)
    if not owner and st.button(
        t("integrations.another"), key="connect_another", icon=":material/person_add:"
    ):
        connect_dialog.show(t)


def taken_by(owner: str) -> list[Integration]:
    """Give the live integrations that stand in an owner's way, or in anybody's."""
    if not owner:
        return watch.live(runtime())
    mine = watch.live_of(runtime(), owner)
    return [mine] if mine else []


def reason(t: Texts, taken: list[Integration]) -> None:
    """Say why another one cannot be connected, and offer to end the one there is."""
    if len(taken) > 1:
        st.info(t("integrations.taken_many", n=len(taken)), icon=":material/info:")
        return
    text = t("integrations.taken", owner=escaped(taken[0].owner))
    st.info(text, icon=":material/info:")
    st.text(taken[0].address)
    if st.button(
        t("integrations.disconnect"), key="disconnect_taken", icon=":material/link_off:"
    ):
        disconnect_dialog.show(t, taken[0])


def arrived_from(t: Texts) -> str:
    """Give the owner of the activity that a person came from, and say so."""
    asked = st.query_params.get("activity", "")
    owner = ""
    if asked.isdecimal():
        with guarded(t, "integrations"):
            activity, _ = activities.sender_for(runtime(), int(asked))
            owner = activity.owner
            st.caption(
                t("integrations.for_activity", subject=escaped(activity.subject))
            )
    return owner


def go_on(t: Texts, made: int) -> None:
    """After connecting: back to the activity, or to the state of the sync."""
    tell(t("integrations.done"))
    asked = st.query_params.get("activity", "")
    if asked.isdecimal():
        st.switch_page(nav.path("activities"), query_params={"activity": asked})
    st.switch_page(nav.path("sync"), query_params={"integration": str(made)})


def back_from_provider(t: Texts) -> None:
    """End a sign-in whose page has led back here, or say why it could not begin."""
    if ticket := st.query_params.get("sign_in"):
        sign_in_dialog.arrived(t, ticket)
    elif code := st.query_params.get("sign_in_problem"):
        stored_problem(t, code, {})
        del st.query_params["sign_in_problem"]  # told once


t = texts()
with page(t, "integrations"):
    if made := connect_dialog.connected():
        go_on(t, made)
    if not sign_in_dialog.asked_for(t):
        back_from_provider(t)
        reconnect_asked(t)
    st.markdown(t("integrations.intro"))
    method_cards(t, arrived_from(t))
    connected_list(t)
