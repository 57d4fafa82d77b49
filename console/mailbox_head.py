"""How a mailbox stands, in words: state, reason, what to do, doubts, clocks."""

from __future__ import annotations

import streamlit as st

from console.clocks import clocks
from console.runtime import runtime
from console.widgets import (
    Row,
    escaped,
    moment_of,
    state_badge,
    state_of,
    stored_problem,
)
from core import watch
from core.i18n import Texts
from core.incidents import Incident
from core.words import explain_code

FOLLOWED = {"ok", "syncing", "retrying"}
SHOWN = 3  # doubts; the others wait behind a click


def head(t: Texts, one: int) -> None:
    """Show state, progress, problem, doubts and clocks of a mailbox."""
    row = watch.one(runtime(), one)
    state = state_of(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(t, state)
        st.text(t(f"sync.means.{state}"))
    if state in FOLLOWED:
        st.caption(_following(t, one))
    _progress(t, one)
    if row["problem_code"]:
        _problem(t, row)
    _doubts(t, watch.warnings(runtime(), one))
    clocks(t, row, runtime().clock(), stopped=state in {"paused", "disconnected"})


def _following(t: Texts, one: int) -> str:
    """Say how new mail is noticed: the server tells, or it is asked."""
    if watch.is_watched(runtime(), one):
        return t("sync.watched")
    return t("sync.polling", n=runtime().settings.sync_every_s)


def _progress(t: Texts, one: int) -> None:
    """Show how far the run at hand is, when it fetches messages."""
    run = watch.advance(runtime(), one)
    if run is None or not run.total:
        return
    text = t("sync.progress", done=run.done, total=run.total, rate=round(run.rate))
    st.progress(min(1.0, run.done / run.total), text=text)


def _problem(t: Texts, row: Row) -> None:
    """Tell the last problem: what, since when, and how often."""
    facts = row["problem_facts"] if isinstance(row["problem_facts"], dict) else {}
    stored_problem(t, str(row["problem_code"]), facts)
    if since := moment_of(row, "problem_since"):
        failures = int(row["failures"])
        st.caption(t("sync.since", since=t.moment(since), n=failures))


def _doubts(t: Texts, found: list[Incident]) -> None:
    """Tell what is to be doubted though the sync is well, the worst first."""
    for one in found[:SHOWN]:
        _doubt(t, one)
    if more := found[SHOWN:]:
        with st.expander(t("mailbox.more_warnings", n=len(more)), key="more_warnings"):
            for one in more:
                _doubt(t, one)


def _doubt(t: Texts, one: Incident) -> None:
    told = explain_code(t, one.code, one.facts)
    since = t("mailbox.since", at=t.moment(one.since))
    st.warning(
        f"{escaped(told.what)} :small[{escaped(since)}]  \n"
        f"**{t('page.what_to_do')}** {escaped(told.do)}",
        icon=":material/warning:",
    )
