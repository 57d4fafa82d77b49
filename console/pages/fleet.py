"""Fleet: every mailbox, the worst first; why it is not followed, and what to do."""

import streamlit as st

from console import alert_sinks, bundle_button
from console.fleet_choices import filters, totals
from console.fleet_matrix import matrix
from console.fleet_question import asked, forget
from console.fleet_table import pager, table
from console.language import texts
from console.runtime import runtime
from console.widgets import guarded, nothing, page
from core import fleet
from core.i18n import Texts

LIVE, DAY = "10s", "60s"
SHOWN = "fleet_shown"  # the rows of the table: the matrix has the same


@st.fragment(run_every=LIVE)
def rows(t: Texts) -> None:
    """Show totals and rows, without reloading; what is typed beside them stays."""
    with guarded(t, "fleet"):
        alert_sinks.failing(t)
        shown = fleet.page(runtime(), asked(), t.zone)
        ids = zip(shown.ids, shown.rows["address"], strict=True)
        st.session_state[SHOWN] = dict(ids)
        totals(t, shown)
        if shown.count:
            table(t, shown)
            pager(t, shown)
        else:
            st.info(t("fleet.none_found"), icon=":material/search_off:")
            if st.button(t("fleet.show_all"), key="fleet_show_all"):
                forget()
                st.rerun()


@st.fragment(run_every=DAY)
def day(t: Texts) -> None:
    """Show how the mailboxes of the table were followed for 24 hours."""
    with guarded(t, "fleet"):
        names = st.session_state.get(SHOWN)
        if not names:
            return
        st.subheader(t("fleet.day"), anchor=False)
        st.caption(t("fleet.day_help", zone=t.zone.key, seconds=fleet.SLOW_MS // 1000))
        slots = fleet.day(runtime())
        cells = fleet.cells(runtime(), list(names), slots)
        st.plotly_chart(
            matrix(names, cells, slots, t),
            key="fleet_matrix",
            alt=t("fleet.day"),
            config={"displayModeBar": False},
        )


t = texts()
with page(t, "fleet"):
    if fleet.is_empty(runtime()):
        nothing(t, "fleet.empty", "integrations")
    else:
        filters(t)
        rows(t)
        day(t)
        bundle_button.show(t)
