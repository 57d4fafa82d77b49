"""Delivery: what became of the mail that was sent, and why there is no open rate."""

import streamlit as st

from console import data_quality, delivery_charts, delivery_tables, nav
from console.availability_badge import badge
from console.chart_card import card, downloads
from console.delivery_choices import pick
from console.language import texts
from console.runtime import runtime
from console.scope_pick import pick_scope
from console.widgets import page
from core import deliveries
from core.availability import Metric, never
from core.deliveries import Deliveries, Question
from core.i18n import Texts
from core.ladder import STEPS


def about(asked: Question) -> dict[str, str]:
    """Say what made a table: it goes into the file's metadata."""
    template = "" if asked.template is None else str(asked.template)
    return {
        "of": asked.scope.text,
        "from": asked.first.isoformat(),
        "to": asked.last.isoformat(),
        "zone": asked.zone.key,
        "template": template,
    }


def planned(t: Texts, found: Deliveries) -> None:
    """Show the activities that the period held, apart from the mails."""
    due, done = found.activities
    st.markdown(t("delivery.activities", n=due, done=done))


def mails(t: Texts, asked: Question, found: Deliveries) -> None:
    """Lead to the mails of each step that was seen, in the outbox."""
    base = {"integration": asked.scope.text if asked.scope.is_mailbox else "all"}
    if asked.template is not None:
        base["template"] = str(asked.template or "none")
    parts: dict[str, dict[str, str]] = {"planned": {}, "sent": {"stage": "sent"}}
    with st.container(horizontal=True, gap="small", key="delivery_mails"):
        st.caption(t("delivery.mails"), width="content", help=t("delivery.mails_help"))
        for step in STEPS:
            if found.totals[step]:
                st.page_link(
                    nav.path("outbox"),
                    label=t(f"delivery.step.{step}"),
                    icon=":material/arrow_outward:",
                    query_params=base | parts.get(step, {"seen": step}),
                )


def charts(t: Texts, asked: Question, found: Deliveries) -> None:
    """Show the ladder, and the same by day."""
    steps = found.days.drop(columns="day").sum().rename_axis("step")
    some = bool(found.totals["planned"])
    card(
        t, "delivery_ladder", Metric.DELIVERY,
        delivery_charts.ladder(found.totals, t) if some else None,
        steps.rename("mails").reset_index(), about(asked),
    )  # fmt: skip
    if some:
        mails(t, asked, found)
    card(
        t, "delivery_days", Metric.DELIVERY,
        delivery_charts.days(deliveries.bars(found.days), t) if some else None,
        found.days, about(asked), zone=asked.zone.key,
    )  # fmt: skip


def tables(t: Texts, asked: Question, found: Deliveries) -> None:
    """Show the same by template and by owner; a row leads to its mails."""
    for name, show, data in (
        ("templates", delivery_tables.by_template, found.templates),
        ("owners", delivery_tables.by_owner, found.mailboxes),
    ):
        st.subheader(t(f"delivery.by_{name}"), anchor=False)
        st.caption(t("delivery.row_leads"))
        show(t, data)
        downloads(t, f"delivery_{name}", data, about(asked))


def without(t: Texts) -> None:
    """Say what is not shown here, and why: never as a nought."""
    st.subheader(t("delivery.no_open_rate"), anchor=False)
    st.markdown(t("delivery.no_open_rate_why"))
    for column, one in zip(st.columns(len(never())), never(), strict=True):
        with column.container(border=True, height="stretch", key=f"without_{one}"):
            st.markdown(f"**{t(f'metric.{one}.title')}**")
            badge(t, one)
            st.markdown(t(f"metric.{one}.reason.imap"))


t = texts()
with page(t, "delivery"):
    scope = pick_scope(t)
    asked = pick(t, scope)
    data_quality.line(t, scope)
    found = deliveries.deliveries(runtime(), asked)
    planned(t, found)
    charts(t, asked, found)
    if found.totals["planned"]:
        tables(t, asked, found)
    without(t)
