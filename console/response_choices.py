"""What is asked of response times: whose answers, by which time; kept in the link."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TypeVar

import streamlit as st

from console.month_pick import pick_months
from console.scope_pick import pick_scope
from core.i18n import Texts
from core.responses import By, Question, Side


class Compared(StrEnum):
    """What is compared with each other: the frames of a report, by name."""

    PEOPLE = "people"
    TEAMS = "teams"
    DOMAINS = "domains"
    WEEKDAYS = "weekdays"


One = TypeVar("One", Side, By, Compared)


def pick(t: Texts, today: date) -> Question:
    """Let a person choose."""
    left, right = st.columns(2)
    with left:
        scope = pick_scope(t)
    with right:
        first, last = pick_months(t, today)
    with st.container(horizontal=True, gap="medium"):
        side = _one_of(t, "side", "sides", Side.OURS)
        by = _one_of(t, "by", "times", By.CALENDAR)
    return Question(scope, first, last, side, by)


def pick_compared(t: Texts) -> Compared:
    """Let a person choose what is compared."""
    return _one_of(t, "group", "groups", Compared.PEOPLE)


def _one_of(t: Texts, part: str, texts: str, usual: One) -> One:
    """Offer the values of a choice; what a link says wrongly is the usual one."""
    values = type(usual)
    asked = st.query_params.get(part, "")
    key = f"responses_{part}"
    st.session_state[key] = asked if asked in set(values) else str(usual)
    chosen = st.segmented_control(
        t(f"responses.{part}"),
        [str(one) for one in values],
        required=True,
        format_func=lambda one: t(f"responses.{texts}.{one}"),
        key=key,
        on_change=lambda: _write(part, key),
    )
    return values(chosen or usual)


def _write(part: str, key: str) -> None:
    st.query_params[part] = st.session_state[key]
