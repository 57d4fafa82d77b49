"""Sync status: is this mailbox being followed, and why not."""

from datetime import datetime

import pandas as pd
import streamlit as st

from console.language import texts
from console.runtime import ACTOR, runtime
from console.tables import events_table, folders_table, runs_table
from console.widgets import (
    Row,
    guarded,
    nothing,
    page,
    pick_integration,
    state_badge,
    state_of,
    stored_problem,
)
from core import watch
from core.i18n import Texts

EVERY = "2s"


def buttons(t: Texts, one: int, *, paused: bool) -> None:
    """Offer what a person can do: sync now, pause or resume."""
    with st.container(horizontal=True):
        if st.button(
            t("sync.now"), key="sync_now", icon=":material/sync:", disabled=paused
        ):
            watch.sync_now(runtime(), one, ACTOR)
            st.toast(t("sync.asked"), icon=":material/sync:")
        act = watch.resume if paused else watch.pause
        label, icon = ("resume", "play_arrow") if paused else ("pause", "pause")
        if st.button(
            t(f"sync.{label}"), key=f"sync_{label}", icon=f":material/{icon}:"
        ):
            act(runtime(), one, ACTOR)
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
    now = runtime().clock()
    state = state_of(row)
    with st.container(horizontal=True, vertical_alignment="center"):
        state_badge(t, state)
        st.text(t(f"sync.means.{state}"))
    progress(t, one)
    if row["problem_code"]:
        problem(t, row)
    clocks(t, row, now)
    st.subheader(t("sync.folders"), anchor=False)
    folders_table(t, watch.folders(runtime(), one))
    st.subheader(t("sync.runs"), anchor=False)
    runs_table(t, watch.recent_runs(runtime(), one))
    st.subheader(t("sync.events"), anchor=False)
    events_table(t, watch.recent_events(runtime(), one))


def progress(t: Texts, one: int) -> None:
    """Show how far the run at hand is, when it fetches messages."""
    run = watch.advance(runtime(), one)
    if run is None or not run.total:
        return
    text = t("sync.progress", done=run.done, total=run.total, rate=round(run.rate))
    st.progress(min(1.0, run.done / run.total), text=text)


def problem(t: Texts, row: Row) -> None:
    """Tell the last problem: what, since when, how often, and when it is tried again."""
    facts = row["problem_facts"]
    stored_problem(
        t, str(row["problem_code"]), facts if isinstance(facts, dict) else {}
    )
    since = row["problem_since"]
    if isinstance(since, pd.Timestamp):
        when = t.moment(since.to_pydatetime())
        st.caption(t("sync.since", since=when, n=int(str(row["failures"]))))


def clocks(t: Texts, row: Row, now: datetime) -> None:
    """Show the two clocks, the last sync and the next one."""
    columns = st.columns(4)
    names = ("seen_at", "login_ok_at", "last_sync_at", "next_at")
    for column, name in zip(columns, names, strict=True):
        at = row[name]
        known = not pd.isna(at)
        value = t.ago(at.to_pydatetime(), now) if known else t("sync.never")
        if name == "next_at" and known and at < now:
            value = t("sync.due")
        moment = t.second(at.to_pydatetime()) if known else None
        column.metric(
            t(f"sync.{name}"), value, border=True, help=t(f"sync.{name}_help"),
            delta=moment, delta_color="off", delta_arrow="off",
        )  # fmt: skip


t = texts()
with page(t, "sync"):
    everything = watch.overview(runtime())
    if everything.empty:
        nothing(t, "sync.empty", "integrations")
    else:
        one = pick_integration(t, everything)
        stands = watch.standing(runtime(), one)
        if stands.disconnected_at is None:
            buttons(t, one, paused=stands.state == "paused")
        live(t, one)
        every = t.duration(runtime().settings.sync_every_s)
        st.caption(t("sync.polling", every=every))
