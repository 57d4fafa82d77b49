"""Messages: a table of any size, paged by key; everything chosen is in the link."""

import streamlit as st

from console import message_chosen, message_layout, message_views
from console.language import texts
from console.message_acts import state
from console.message_address import View, filtered, question
from console.message_bar import bar, not_understood, own_days
from console.message_chosen import chosen, mailbox_of, opened
from console.message_export import export
from console.message_filters import chips, more
from console.message_link import asked, clear, refused
from console.message_pager import counted, pager, unfinished, waiting
from console.message_table import table
from console.message_thread import thread
from console.pick import EVERY
from console.privacy_banner import banner
from console.runtime import runtime
from console.widgets import guarded, nothing, page
from core import browse, watch
from core.browse import Question
from core.i18n import Texts


def asked_for(t: Texts, view: View) -> Question:
    """Give what is asked for: of one mailbox, or of all that there are."""
    today = runtime().clock().astimezone(t.zone).date()
    one = view.integration or EVERY
    integrations = watch.every_id(runtime()) if one == EVERY else (one,)
    return question(view, integrations, today, t.zone.key)


def choices(t: Texts, view: View) -> None:
    """Offer filters, columns and views; tell which filters are active."""
    with st.container(horizontal=True, vertical_alignment="bottom", key="choices"):
        own_days(t)
        more(t)
        message_layout.popover(t)
        message_views.popover(t)
    chips(t, view)
    not_understood(t)
    if parts := refused():
        words = t("messages.refused", parts=", ".join(parts))
        st.warning(words, icon=":material/link_off:")


def results(t: Texts, view: View) -> None:
    """Show the messages that are asked for, and what can be done with some."""
    wanted = asked_for(t, view)
    if view.integration:
        banner(t, view.integration)
        state(t, view.integration)
    shown = browse.page(runtime(), wanted, before=view.before, after=view.after)
    count = pager(t, wanted, shown)
    waiting(t)
    acts = message_chosen.place()
    picked: list[int] = []
    if not shown.rows.empty:
        picked = table(t, shown.rows, message_layout.columns(view))
    elif not shown.unfinished:
        none(t, view)
    unfinished(t, shown)
    if not shown.rows.empty:
        with acts:
            chosen(t, view, picked)
            export(t, wanted, picked)
    count.text(counted(t, browse.count(runtime(), wanted)), width="content")


def none(t: Texts, view: View) -> None:
    """Say why there are no messages, and lead on."""
    if set(filtered(view)) - {"folder"}:
        st.info(t("messages.none_found"), icon=":material/search_off:")
        st.button(t("filter.clear"), key="none_clear", on_click=clear)
        return
    one = view.integration or EVERY
    reading = one != EVERY and watch.advance(runtime(), one) is not None
    key = "reading" if reading else "none_yet"
    st.info(t(f"messages.{key}"), icon=":material/info:")


def conversation(t: Texts, view: View) -> None:
    """Show a conversation instead of the table."""
    with guarded(t, "messages"):
        one = mailbox_of(view.thread)
        if one:
            banner(t, one)
            state(t, one)
        picked = thread(t, one)
        if picked is not None:
            with message_chosen.place():
                chosen(t, view, picked)
    opened(t, view)


t = texts()
with page(t, "messages"):
    message_layout.own_way()
    if asked().thread and not asked().flat:
        conversation(t, asked())
    elif (view := bar(t)) is None:
        nothing(t, "messages.empty", "integrations")
    else:
        with guarded(t, "messages"):
            choices(t, view)
            results(t, view)
        opened(t, view)
