"""When mail usually comes to a mailbox, and what its silence means: words and a map."""

from __future__ import annotations

import streamlit as st

from console.runtime import runtime
from console.week_chart import week
from core import quiet
from core.i18n import Texts
from core.quiet import DAYS_LEAST, Quiet
from core.silence import IMPROBABLE, written


def habit(t: Texts, integration_id: int) -> None:
    """Show what is to be expected of a mailbox, and what came since its last mail."""
    known = quiet.of(runtime(), integration_id, t.zone)
    st.markdown(f"**{t('habit.title')}**")
    st.markdown(sentence(t, known))
    if not known.days:
        return
    st.plotly_chart(
        week(known.week, t),
        key="habit_week",
        alt=t("habit.chart"),
        config={"displayModeBar": False},
    )
    st.caption(t("habit.definition", zone=t.zone.key, days=known.days))


def sentence(t: Texts, known: Quiet) -> str:
    """Say how a mailbox stands against its own habit."""
    if not known.enough or known.last_arrival_at is None:
        return t("habit.too_little", n=known.days, least=DAYS_LEAST)
    facts = {
        "since": t.moment(known.last_arrival_at),
        "p": _related(t, known.p),
        "n": max(1, round(known.expected)),
    }
    if known.silent:
        return t("habit.silent", **facts)
    if known.silent_at is None:
        return t("habit.never", **facts)
    return t(
        "habit.usual",
        **facts,
        at=t.moment(known.silent_at),
        limit=_number(t, IMPROBABLE),
    )


def _number(t: Texts, p: float) -> str:
    return written(p).replace(".", "," if t.language == "pt_BR" else ".")


def _related(t: Texts, p: float) -> str:
    number = _number(t, p)
    return number if number.startswith("<") else f"= {number}"
