"""Volume: what was received and sent per day, and what IMAP cannot tell."""

from datetime import date, timedelta

import pandas as pd
import streamlit as st

from console import charts
from console.language import texts
from console.runtime import runtime
from console.widgets import nothing, page, pick_integration
from core import metrics, volume, watch
from core.i18n import Texts
from core.volume import Question

PERIODS = {"7": 7, "30": 30, "90": 90, "365": 365}
USUAL = "90"
KINDS = ["person", "list", "automatic", "bounce", "receipt"]


def ask(name: str, allowed: list[str], usual: str) -> str:
    """Read a choice from the address bar; what is not allowed is the usual one."""
    value = st.query_params.get(name, usual)
    return value if value in allowed else usual


def keep(name: str) -> None:
    """Write a choice into the address bar."""
    value = st.session_state[f"volume_{name}"]
    text = ",".join(value) if isinstance(value, list) else str(value or "")
    st.query_params[name] = text


def choose_folder(t: Texts, one: int) -> int | None:
    """Let a person choose a folder, or all mail counted once."""
    found = watch.folders(runtime(), one)
    found = found[found["selectable"] & found["missing_since"].isna()]
    titles = {"": t("volume.all_folders")}
    titles |= {str(r["id"]): str(r["title"]) for r in found.to_dict("records")}
    st.session_state["volume_folder"] = ask("folder", list(titles), "")
    chosen = st.selectbox(
        t("table.folder"), list(titles), format_func=titles.__getitem__,
        key="volume_folder", on_change=keep, args=("folder",),
    )  # fmt: skip
    return int(chosen) if chosen else None


def choose_period(t: Texts) -> str:
    """Let a person choose how far back to look."""
    st.session_state["volume_period"] = ask("period", list(PERIODS), USUAL)
    chosen = st.segmented_control(
        t("volume.period"), list(PERIODS), required=True,
        format_func=lambda p: t(f"volume.days_{p}"),
        key="volume_period", on_change=keep, args=("period",),
    )  # fmt: skip
    return chosen or USUAL


def choose_kinds(t: Texts) -> tuple[str, ...]:
    """Let a person choose the kinds; persons and lists are the usual ones."""
    asked = [k for k in st.query_params.get("kinds", "").split(",") if k in KINDS]
    st.session_state["volume_kinds"] = asked or list(metrics.DEFAULT_KINDS)
    chosen = st.pills(
        t("volume.kinds"), KINDS, selection_mode="multi",
        format_func=lambda k: t(f"kind.{k}"),
        key="volume_kinds", on_change=keep, args=("kinds",),
    )  # fmt: skip
    return tuple(chosen) or metrics.DEFAULT_KINDS


def show(t: Texts, days: pd.DataFrame) -> None:
    """Show totals, the chart, its definition and its data."""
    left, middle, right = st.columns(3)
    left.metric(
        t("direction.received"), t.number(int(days["received"].sum())), border=True
    )
    middle.metric(t("direction.sent"), t.number(int(days["sent"].sum())), border=True)
    busiest = days["day"].iloc[
        int((days["received"] + days["sent"]).to_numpy().argmax())
    ]
    right.metric(t("volume.busiest"), t.day(busiest), border=True)
    with st.container(border=True):
        st.markdown(f"**{t('volume.chart')}**")
        st.badge(t("availability.exact"), icon=":material/verified:", color="green")
        st.plotly_chart(
            charts.volume(days, t),
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


def not_available(t: Texts) -> None:
    """Say what IMAP cannot tell, and why: never as a nought."""
    st.subheader(t("unavailable.title"), anchor=False)
    for column, name in zip(st.columns(2), ("opens", "receipts"), strict=True):
        with column.container(border=True, height="stretch"):
            st.markdown(f"**{t(f'unavailable.{name}.title')}**")
            st.badge(t("availability.none"), icon=":material/block:", color="gray")
            st.markdown(t(f"unavailable.{name}.text"))


def period_of(today: date, chosen: str) -> tuple[date, date]:
    """Give the first and last day of a period that ends today."""
    return today - timedelta(days=PERIODS[chosen] - 1), today


t = texts()
with page(t, "volume"):
    everything = watch.overview(runtime())
    if everything.empty:
        nothing(t, "volume.empty", "integrations")
    else:
        one = pick_integration(t, everything)
        left, right = st.columns([1, 1], vertical_alignment="bottom")
        with left:
            folder = choose_folder(t, one)
        with right:
            first, last = period_of(
                runtime().clock().astimezone(t.zone).date(), choose_period(t)
            )
        asked = Question((one,), first, last, t.zone, folder, choose_kinds(t))
        days = volume.per_day(runtime(), asked)
        if days[["received", "sent"]].to_numpy().sum():
            show(t, days)
        else:
            st.info(t("volume.nothing"), icon=":material/info:")
    not_available(t)
