"""Sync status: is this mailbox being followed, and why not."""

import streamlit as st

from console import nav
from console.clocks import clocks
from console.language import texts
from console.runtime import ACTOR, runtime
from console.tables import events_table, folders_table, runs_table
from console.widgets import (
    Row,
    guarded,
    moment_of,
    nothing,
    page,
    pick_integration,
    state_badge,
    state_of,
    stored_problem,
    tell,
)
from core import watch
from core.i18n import Texts

EVERY = "2s"
FOLLOWED = {"ok", "syncing", "retrying"}
WAITING_FOR_A_PERSON = {"needs_password", "needs_permission"}


def buttons(t: Texts, one: int, *, paused: bool) -> None:
    """Offer what a person can do: sync now, pause or resume."""
    if st.button(
        t("sync.now"), key="sync_now", icon=":material/sync:", disabled=paused
    ):
        watch.sync_now(runtime(), one, ACTOR)
        st.toast(t("sync.asked"), icon=":material/sync:")
    act = watch.resume if paused else watch.pause
    label, icon = ("resume", "play_arrow") if paused else ("pause", "pause")
    if st.button(t(f"sync.{label}"), key=f"sync_{label}", icon=f":material/{icon}:"):
        act(runtime(), one, ACTOR)
        tell(t(f"sync.{label}d"))
        st.rerun()


@st.fragment(run_every=EVERY)
def live(t: Texts, one: int) -> None:
    """Show how it stands, without reloading."""
    with guarded(t, "sync"):
        show(t, one)


def show(t: Texts, one: int) -> None:
    """Show state, progress, problem, clocks, folders, runs and events."""
    found = watch.overview(runtime())
    row = found[found["id"] == one].iloc[0].to_dict()
    state = state_of(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(t, state)
        st.text(t(f"sync.means.{state}"))
        if state in WAITING_FOR_A_PERSON:
            st.page_link(
                nav.path("integrations"),
                label=t("integrations.reconnect"),
                icon=":material/key:",
            )
    if state in FOLLOWED:
        st.caption(following(t, one))
    progress(t, one)
    if row["problem_code"]:
        problem(t, row)
    clocks(t, row, runtime().clock(), stopped=state in {"paused", "disconnected"})
    st.subheader(t("sync.folders"), anchor=False)
    folders_table(t, watch.folders(runtime(), one))
    st.subheader(t("sync.runs"), anchor=False)
    runs_table(t, watch.recent_runs(runtime(), one))
    st.subheader(t("sync.events"), anchor=False)
    events_table(t, watch.recent_events(runtime(), one))


def following(t: Texts, one: int) -> str:
    """Say how new mail is noticed: the server tells, or it is asked."""
    if watch.is_watched(runtime(), one):
        return t("sync.watched")
    return t("sync.polling", n=runtime().settings.sync_every_s)


def progress(t: Texts, one: int) -> None:
    """Show how far the run at hand is, when it fetches messages."""
    run = watch.advance(runtime(), one)
    if run is None or not run.total:
        return
    text = t("sync.progress", done=run.done, total=run.total, rate=round(run.rate))
    st.progress(min(1.0, run.done / run.total), text=text)


def problem(t: Texts, row: Row) -> None:
    """Tell the last problem: what, since when, and how often."""
    facts = row["problem_facts"] if isinstance(row["problem_facts"], dict) else {}
    stored_problem(t, str(row["problem_code"]), facts)
    if since := moment_of(row, "problem_since"):
        failures = int(row["failures"])
        st.caption(t("sync.since", since=t.moment(since), n=failures))


t = texts()
with page(t, "sync"):
    everything = watch.overview(runtime())
    if everything.empty:
        nothing(t, "sync.empty", "integrations")
    else:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            one = pick_integration(t, everything)
            stands = watch.standing(runtime(), one)
            if stands.disconnected_at is None:
                buttons(t, one, paused=stands.state == "paused")
        live(t, one)
