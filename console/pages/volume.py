"""Volume: what was received and sent per day, and what IMAP cannot tell."""

import pandas as pd
import streamlit as st

from console import volume_charts
from console.language import texts
from console.pick import pick_folder, pick_integration
from console.runtime import runtime
from console.volume_choices import pick_days, pick_kinds, pick_period
from console.widgets import nothing, page
from core import volume
from core.i18n import Texts
from core.volume import Question

AVAILABLE = {
    "exact": (":material/verified:", "green"),
    "derived": (":material/rule:", "blue"),
}


def choices(t: Texts) -> Question | None:
    """Let a person choose what to count."""
    left, right = st.columns(2)
    with left:
        if (one := pick_integration(t)) is None:
            return None
    with right:
        folder = pick_folder(t, one, t("volume.all_folders"))
    with st.container(horizontal=True, vertical_alignment="top", gap="medium"):
        period = pick_period(t)
        first, last = pick_days(t, period)
        kinds = pick_kinds(t)
    return Question((one,), first, last, t.zone, folder, kinds)


def show(t: Texts, days: pd.DataFrame) -> None:
    """Show totals, the chart, its definition and its data."""
    totals(t, days)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t('volume.chart')}**", width="content")
            for name, (icon, colour) in AVAILABLE.items():
                st.badge(t(f"availability.{name}"), icon=icon, color=colour)  # type: ignore[arg-type]  # a literal
        st.plotly_chart(
            volume_charts.bars(days, t),
            key="volume_chart",
            alt=t("volume.chart"),
            config={"displayModeBar": False},
        )
        st.caption(t("volume.definition", zone=t.zone.key))
        st.download_button(
            t("volume.download"),
            days.to_csv(index=False).encode("utf-8-sig"),
            file_name="malote-volume.csv",
            mime="text/csv",
            key="volume_csv",
            icon=":material/download:",
            on_click="ignore",
        )


def totals(t: Texts, days: pd.DataFrame) -> None:
    """Show the sums, and the day with most."""
    received, sent, busiest = st.columns(3)
    for column, name in ((received, "received"), (sent, "sent")):
        label = t(f"direction.{name}")
        column.metric(label, t.number(int(days[name].sum())), border=True)
    most = int((days["received"] + days["sent"]).to_numpy().argmax())
    busiest.metric(t("volume.busiest"), t.day(days["day"].iloc[most]), border=True)


def not_available(t: Texts) -> None:
    """Say what IMAP cannot tell, and why: never as a nought."""
    st.subheader(t("unavailable.title"), anchor=False)
    for column, name in zip(st.columns(2), ("opens", "receipts"), strict=True):
        with column.container(border=True, height="stretch", key=f"without_{name}"):
            st.markdown(f"**{t(f'unavailable.{name}.title')}**")
            st.badge(t("availability.none"), icon=":material/block:", color="gray")
            st.markdown(t(f"unavailable.{name}.text"))


t = texts()
with page(t, "volume"):
    if (question := choices(t)) is None:
        nothing(t, "volume.empty", "integrations")
    else:
        days = volume.per_day(runtime(), question)
        if days[["received", "sent"]].to_numpy().sum():
            show(t, days)
        else:
            st.info(t("volume.nothing"), icon=":material/info:")
    not_available(t)
