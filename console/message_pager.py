"""How many messages there are, where among them one is, and the way to others."""

from __future__ import annotations

from datetime import date

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from console.message_bar import EARLIEST
from console.message_link import turn
from console.runtime import runtime
from console.widgets import day_format
from core import browse
from core.browse import Count, Page, Question
from core.i18n import Texts

WAITING_MOST = 1_000  # messages on their way into the index that nobody is told of


def pager(t: Texts, question: Question, shown: Page) -> DeltaGenerator:
    """Show the day at which the page begins, and the way to others.

    Gives the place for the count: counting may take longer than the page itself.
    """
    with st.container(horizontal=True, vertical_alignment="center", key="pager"):
        place = st.container(width="content")
        st.space("stretch")
        _day(t, question, shown)
        _way(t, "newest", "first_page", there=bool(shown.newer))
        _way(t, "newer", "chevron_left", there=bool(shown.newer), after=shown.newer)
        _way(t, "older", "chevron_right", there=bool(shown.older), before=shown.older)
    return place


def counted(t: Texts, found: Count) -> str:
    """Say how many there are: exactly, or about, or more than what was counted."""
    if found.exact and not found.found:  # nought is no plural in Portuguese
        return t("messages.none")
    if found.exact:
        return t("messages.count", n=found.found)
    if found.about and found.about > found.found:
        return t("messages.about", n=found.about)
    return t("messages.more", n=found.found)


def unfinished(t: Texts, shown: Page) -> None:
    """Say that there may be more, further back, and lead on from there."""
    if not shown.unfinished:
        return
    at = browse.moment_of(shown.older)
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(
            t(
                "messages.unfinished",
                n=browse.SCAN_MOST,
                day=t.day(at.astimezone(t.zone)) if at else "",
            )
        )
        st.button(
            t("messages.go_on"),
            key="go_on",
            icon=":material/history:",
            on_click=turn,
            kwargs={"before": shown.older},
        )


def waiting(t: Texts) -> None:
    """Say calmly that many messages are still being taken into the index."""
    if (count := browse.waiting(runtime())) > WAITING_MOST:
        st.caption(f":material/hourglass_top: {t('messages.waiting', n=count)}")


def _day(t: Texts, question: Question, shown: Page) -> None:
    """Show the day of the first message of the page; another day is jumped to."""
    today = runtime().clock().astimezone(t.zone).date()
    first = None if shown.rows.empty else _day_of(t, shown)
    st.session_state["jump"] = first
    st.date_input(
        t("messages.jump"),
        value=None,
        min_value=min(EARLIEST, first or EARLIEST),
        max_value=max(today, first or today),
        format=day_format(t),
        key="jump",
        on_change=lambda: _jump(st.session_state["jump"], question.zone),
        label_visibility="collapsed",
        help=t("messages.jump"),
        width=158,
    )


def _jump(day: date | None, zone: str) -> None:
    turn(before=browse.before_day(day, zone) if day else "")


def _day_of(t: Texts, shown: Page) -> date:
    first = shown.rows["at"].iloc[0].to_pydatetime()
    return date.fromordinal(first.astimezone(t.zone).toordinal())


def _way(t: Texts, name: str, icon: str, *, there: bool, **to: str) -> None:
    st.button(
        t(f"messages.{name}"),
        key=name,
        icon=f":material/{icon}:",
        icon_position="right" if name == "older" else "left",
        disabled=not there,
        on_click=turn,
        kwargs=to,
    )
