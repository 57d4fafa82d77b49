"""Start: two doors for a newcomer; a short overview for everybody else."""

import pandas as pd
import streamlit as st

from console import connect_dialog, nav
from console.language import texts
from console.runtime import ACTOR, runtime
from console.widgets import (
    Row,
    all_of_them,
    guarded,
    page,
    state_badge,
    state_of,
)
from core import activities, fleet, volume, watch
from core.i18n import Texts

WAITING = "demo_waiting"
READY = "demo_open"
SHOWN = 10  # mailboxes, the worst first
FOLLOWED = {"ok", "syncing"}
LINKS = {"sync": "sync", "messages": "mail", "volume": "bar_chart"}


def doors(t: Texts) -> None:
    """Greet, and show the two ways in."""
    st.markdown(t("start.greeting"))
    left, right = st.columns(2)
    with left.container(border=True, height="stretch"):
        st.markdown(f"#### :material/mail: {t('start.own.title')}")
        st.markdown(t("start.own.text"))
        if st.button(t("start.own.go"), type="primary", key="door_own"):
            st.switch_page(nav.path("integrations"))
    with right.container(border=True, height="stretch"):
        st.markdown(f"#### :material/science: {t('start.demo.title')}")
        st.markdown(t("start.demo.text"))
        if st.button(t("start.demo.go"), key="door_demo"):
            watch.want_demo(runtime())
            st.session_state[WAITING] = True
            st.rerun()


@st.fragment(run_every="1s")
def wait_for_demo(t: Texts) -> None:
    """Wait until the demo's servers answer, then let the page open the dialog."""
    with guarded(t, "start"):
        if watch.demo_ready(runtime()):
            st.session_state[WAITING] = False
            st.session_state[READY] = True
            st.rerun()
        st.info(t("start.demo.starting"), icon=":material/hourglass_top:")


@st.fragment(run_every="5s")
def overview(t: Texts) -> None:
    """Show how many mailboxes are how, and what came today."""
    with guarded(t, "start"):
        found = watch.overview(runtime()).query("disconnected_at.isna()")
        numbers(t, found, [state_of(dict(row)) for row in found.to_dict("records")])
        worst = fleet.page(runtime(), fleet.Question(), t.zone, SHOWN)
        for row in worst.rows.to_dict("records"):
            mailbox(t, row)
        all_of_them(t, worst.live, SHOWN)


def numbers(t: Texts, found: pd.DataFrame, states: list[str]) -> None:
    """Show what the mailboxes are, all together."""
    today = runtime().clock().astimezone(t.zone).date()
    ids = [int(one) for one in found["id"]]
    shown = {
        "mailboxes": len(found),
        "followed": sum(state in FOLLOWED for state in states),
        "held": int(found["held"].sum()),
        "today": volume.received_on(runtime(), ids, today, t.zone),
    }
    for column, (name, value) in zip(st.columns(4), shown.items(), strict=True):
        about = t(f"start.{name}_help") if t.has(f"start.{name}_help") else None
        column.metric(t(f"start.{name}"), t.number(value), help=about, border=True)


def mailbox(t: Texts, row: Row) -> None:
    """Show a mailbox in a line, with the ways to its pages."""
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        state_badge(t, str(row["state"]))
        st.text(f"{row['owner']} · {row['address']}")
        st.space("stretch")
        for name, icon in LINKS.items():
            st.page_link(
                nav.path(name),
                label=t(f"nav.{name}"),
                icon=f":material/{icon}:",
                query_params={"integration": str(row["id"])},
            )


def go_on(made: int) -> None:
    """After connecting: to the state of its sync; the demo brings activities too."""
    if watch.integration(runtime(), made).demo:
        activities.import_demo(runtime(), ACTOR)
    st.switch_page(nav.path("sync"), query_params={"integration": str(made)})


t = texts()
with page(t, "start"):
    if made := connect_dialog.connected():
        go_on(made)
    if watch.live(runtime()):
        overview(t)
    else:
        doors(t)
        if st.session_state.get(WAITING):
            wait_for_demo(t)
        if st.session_state.pop(READY, False):
            connect_dialog.show(t, demo=runtime().demo())
