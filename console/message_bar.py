"""What of the messages is looked at: which mailbox, folder and period, which words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import streamlit as st

from console.message_address import CUSTOM, PERIODS, View
from console.message_link import asked, turn
from console.pick import EVERY, pick_folder, pick_integration
from console.runtime import runtime
from console.widgets import day_format, escaped
from core.browse import typed
from core.i18n import Texts

EARLIEST = date(1970, 1, 1)
OPERATORS = (
    *("words", "quoted", "minus", "from", "to", "subject", "domain", "days", "is"),
    *("has", "size", "kind"),
)


def bar(t: Texts) -> View | None:
    """Let a person choose; give what is asked, of a mailbox and a folder that exist.

    Gives None where there is no mailbox at all.
    """
    mailbox, folder, period, words = st.columns([3, 2, 2, 4])
    with mailbox:
        if (one := pick_integration(t, t("messages.every_mailbox"))) is None:
            return None
    with folder:
        within = _folder(t, one)
    with period:
        _period(t)
    with (
        words,
        st.container(
            horizontal=True, vertical_alignment="bottom", gap="xsmall", key="search_row"
        ),
    ):
        _search(t)
        with st.popover(t("search_help.open"), key="search_help"):
            _help(t)
    return replace(asked(), integration=one, folder=within)


def not_understood(t: Texts) -> None:
    """Tell what of the search was not understood, and is left aside."""
    if unclear := typed(asked().q).unclear:
        st.warning(
            t("messages.unclear", words=escaped("  ".join(unclear))),
            icon=":material/help:",
        )


def own_days(t: Texts) -> None:
    """Let a person choose the first and the last day, if the period is their own."""
    if asked().period == CUSTOM:
        _day(t, "since")
        _day(t, "until")


def _folder(t: Texts, one: int) -> int:
    if one != EVERY:
        return pick_folder(t, one, t("messages.all_folders")) or 0
    st.selectbox(
        t("table.folder"), [t("messages.all_folders")], disabled=True, key="no_folder"
    )
    return 0


def _period(t: Texts) -> None:
    key = "message_period"
    st.session_state[key] = asked().period
    st.selectbox(
        t("messages.period"),
        ["", *PERIODS, CUSTOM],
        format_func=lambda one: t(f"period.{one or 'all'}"),
        key=key,
        on_change=lambda: turn(period=st.session_state[key], since=None, until=None),
    )


def _search(t: Texts) -> None:
    st.session_state["search"] = asked().q
    st.text_input(
        t("messages.search"),
        key="search",
        icon=":material/search:",
        placeholder=t("messages.search_example"),
        max_chars=500,
        on_change=lambda: turn(q=st.session_state["search"]),
    )


def _help(t: Texts) -> None:
    st.markdown(f"**{t('search_help.title')}**")
    st.markdown(t("search_help.text"))
    rows = [
        f"| `{t(f'search_help.{name}')}` | {t(f'search_told.{name}')} |"
        for name in OPERATORS
    ]
    st.markdown("\n".join(["| | |", "|:--|:--|", *rows]), width=600)


def _day(t: Texts, name: str) -> None:
    key = f"message_{name}"
    held = getattr(asked(), name)
    today = runtime().clock().astimezone(t.zone).date()
    st.session_state[key] = held
    st.date_input(
        t(f"messages.{name}"),
        value=None,
        min_value=min(EARLIEST, held or EARLIEST),
        max_value=max(today, held or today),
        format=day_format(t),
        key=key,
        on_change=lambda: turn(period=CUSTOM, **{name: st.session_state[key]}),
        width=150,
    )
