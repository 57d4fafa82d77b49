"""Alerts: what is wrong now and was told, to whom, by which rules, and what was."""

import streamlit as st

from console import alert_history, alert_list, alert_rules, alert_sinks
from console.language import texts
from console.runtime import runtime
from console.widgets import guarded, nothing, page
from core import alerts
from core.i18n import Texts

EVERY = "5s"


@st.fragment(run_every=EVERY)
def live(t: Texts) -> None:
    """Show failing sinks and open alerts, without reloading."""
    with guarded(t, "alerts"):
        alert_sinks.failing(t)
        st.subheader(t("alerts.open"), anchor=False)
        alert_list.cards(t)


def nobody_is_told(t: Texts) -> None:
    """Say that there is no sink yet, and lead to the dialog."""
    nothing(t, "alerts.no_sinks")
    if st.button(
        t("alerts.sink_add"), key="sink_first", type="primary", icon=":material/add:"
    ):
        alert_sinks.open_dialog(t)


t = texts()
with page(t, "alerts"):
    alert_list.asked_for(t)
    if not alerts.all_sinks(runtime()):
        nobody_is_told(t)
    live(t)
    alert_list.snoozes(t)
    alert_sinks.section(t)
    alert_rules.section(t)
    alert_history.section(t)
