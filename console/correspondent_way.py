"""From a correspondent to the messages."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import streamlit as st

from console import nav
from core.business import first_day
from core.correspondents import Question
from core.metrics import DEFAULT_KINDS
from core.scopes import EVERYBODY

GO = "correspondent_go"  # a query of the messages page, to go to


def follow() -> None:
    """Go to the messages that were asked for by a click."""
    if asked := st.session_state.pop(GO, None):
        st.switch_page(nav.path("messages"), query_params=asked)


def from_bars(
    names: Sequence[str], question: Question, direction: str, key: str, *, ever: bool
) -> Callable[[], None]:
    """Give what happens when a bar is clicked on."""

    def go() -> None:
        points = st.session_state[key]["selection"]["points"]
        places = [int(one["point_index"]) for one in points]
        _go(names, places, question, direction, ever=ever)

    return go


def from_rows(
    names: Sequence[str], question: Question, direction: str, key: str, *, ever: bool
) -> Callable[[], None]:
    """Give what happens when a line of a table is clicked on."""

    def go() -> None:
        places = list(st.session_state[key]["selection"]["rows"])
        _go(names, places, question, direction, ever=ever)

    return go


def query(
    name: str, question: Question, direction: str, *, ever: bool
) -> dict[str, str]:
    """Give the query of the messages of a name; `ever`: of any time.

    The messages page knows no teams: of one, messages of all mailboxes are shown.
    """
    asked = {
        "integration": str(question.scope) if question.scope > 0 else EVERYBODY,
        "direction": direction,
        "kinds": ",".join(DEFAULT_KINDS),
        "q": _search(name, question.what, direction),
    }
    if not ever:
        ends = first_day(question.last_month + 1) - timedelta(days=1)
        asked["since"] = first_day(question.first_month).isoformat()
        asked["until"] = ends.isoformat()
    return asked


def _search(name: str, what: str, direction: str) -> str:
    quoted = name.replace('"', " ")  # which is no part of a word, either
    if what == "domain":
        return f'domain:"{quoted.removeprefix("@")}"'
    return f'{"to" if direction == "sent" else "from"}:"{quoted}"'


def _go(
    names: Sequence[str],
    places: Sequence[Any],
    question: Question,
    direction: str,
    *,
    ever: bool,
) -> None:
    if places and places[0] < len(names):
        name = names[places[0]]
        st.session_state[GO] = query(name, question, direction, ever=ever)
