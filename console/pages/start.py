"""Start: two doors for a newcomer; a short overview for everybody else."""

from datetime import timedelta

import streamlit as st

from console import connect_dialog, nav
from console.language import texts
from console.runtime import ACTOR, runtime
from console.widgets import page, state_badge, state_of
from core import activities, volume, watch
from core.i18n import Texts
from core.volume import Question

WAITING = "demo_waiting"


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
    if watch.demo_ready(runtime()):
        st.session_state[WAITING] = False
        st.session_state["demo_open"] = True
        st.rerun()
    st.info(t("start.demo.starting"), icon=":material/hourglass_top:")


def overview(t: Texts) -> None:
    """Show how many mailboxes are how, and what came today."""
    found = watch.overview(runtime())
    live = found[found["disconnected_at"].isna()]
    today = runtime().clock().astimezone(t.zone).date()
    asked = Question(tuple(live["id"]), today - timedelta(days=1), today, t.zone)
    days = volume.per_day(runtime(), asked)
    columns = st.columns(4)
    ok = int((live["shown_state"].isin(["ok", "syncing"])).sum())
    columns[0].metric(t("start.mailboxes"), t.number(len(live)), border=True)
    columns[1].metric(t("start.followed"), t.number(ok), border=True)
    columns[2].metric(t("start.held"), t.number(int(live["held"].sum())), border=True)
    received = int(days["received"].iloc[-1])
    columns[3].metric(t("start.today"), t.number(received), border=True)
    for row in live.to_dict("records"):
        with st.container(border=True, horizontal=True, vertical_alignment="center"):
            state_badge(t, state_of(row))
            st.text(f"{row['owner']} · {row['address']}")
            for name in ("sync", "messages", "volume"):
                st.page_link(
                    nav.path(name),
                    label=t(f"nav.{name}"),
                    query_params={"integration": str(row["id"])},
                )


t = texts()
with page(t, "start"):
    if made := connect_dialog.connected():
        if watch.integration(runtime(), made).demo:
            activities.import_demo(runtime(), ACTOR)
        st.switch_page(nav.path("sync"), query_params={"integration": str(made)})
    if watch.live(runtime()):
        overview(t)
    else:
        doors(t)
        if st.session_state.get(WAITING):
            wait_for_demo(t)
        if st.session_state.pop("demo_open", False):
            connect_dialog.show(t, demo=runtime().demo())
