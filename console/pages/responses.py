"""Response time: how long answers take, ours and theirs, and who waits for one."""

import math

import streamlit as st
from babel.dates import get_day_names

from console import data_quality, response_charts, response_tables
from console.availability_badge import badge
from console.chart_card import card
from console.language import texts
from console.month_pick import month_text
from console.response_charts import length
from console.response_choices import pick
from console.runtime import runtime
from console.widgets import nothing, page
from core import responses, watch
from core.availability import Metric
from core.business import Calendar
from core.i18n import Texts
from core.responses import By, Question, Report, Side

NUMBERS = {"half": "p50", "three_quarters": "p75", "nine_tenths": "p90"}


def numbers(t: Texts, found: Report, by: By) -> None:
    """Show how many were answered, and within which time; never a mean."""
    total = found.total
    with st.container(horizontal=True, key="responses_numbers"):
        st.metric(t("responses.answered"), t.number(total["answered"]), border=True)
        waits = t.number(total["waiting"])
        st.metric(t("responses.waiting_count"), waits, border=True)
        rate = response_charts.percent(t, total["reply_rate"])
        st.metric(t("responses.reply_rate"), rate, border=True)
        for label, name in NUMBERS.items():
            took = length(t, total[name], by)
            st.metric(t(f"responses.{label}"), took, border=True)
    st.markdown(f"**{t('responses.shares')}**")
    with st.container(horizontal=True, key="responses_shares"):
        for within, share in found.shares.itertuples(index=False):
            st.metric(length(t, within, by), response_charts.percent(t, share))


def definitions(t: Texts, question: Question, within: float, by: Calendar) -> None:
    """Say what is counted, and by which time."""
    badge(t, Metric.RESPONSE)
    ours = question.side is Side.OURS
    said = [t("responses.definition" if ours else "responses.definition_theirs")]
    if question.by is By.BUSINESS:
        days = get_day_names("abbreviated", locale=t.locale)
        said.append(
            t(
                "responses.business_is",
                n=len(by.own),
                weekdays=", ".join(days[one - 1] for one in sorted(by.weekdays)),
                opens=f"{by.opens:%H:%M}",
                closes=f"{by.closes:%H:%M}",
                zone=by.zone,
                holidays=by.holidays or t("responses.no_holidays"),
            )
        )
    else:
        said.append(t("responses.calendar_is", zone=by.zone))
    percent = math.ceil(100 * within)
    said.append(t("responses.within", n=percent) if within else t("responses.exact"))
    st.caption(" ".join(said))


def show(t: Texts, question: Question, found: Report) -> None:
    """Show numbers, charts and tables of a scope."""
    about = {
        "of": question.scope.text,
        "side": str(question.side),
        "by": str(question.by),
        "months": f"{question.first_month}-{question.last_month}",
    }
    numbers(t, found, question.by)
    definitions(t, question, found.within, responses.calendar(runtime()))
    curve = response_charts.curve(found.curve, t, question.by)
    card(t, "responses_curve", Metric.RESPONSE, curve, found.curve, about)
    names = [month_text(t, month) for month in found.months["month"]]
    months = response_charts.months(found.months, names, t, question.by)
    card(t, "responses_months", Metric.RESPONSE, months, found.months, about)
    response_tables.groups(t, found, about)
    waiting = responses.waiting(runtime(), question)
    response_tables.waiting(t, waiting, question, about)


t = texts()
with page(t, "responses"):
    if not watch.how_many(runtime()):
        nothing(t, "responses.empty", "integrations")
    else:
        question = pick(t, responses.today(runtime()))
        found = responses.report(runtime(), question)
        data_quality.line(t, question.scope, responses.calendar(runtime()).zone)
        if found.total["answered"] or found.total["waiting"]:
            show(t, question, found)
        else:
            asks = t(f"responses.asks.{question.side}")
            st.info(t("responses.nothing", side=asks), icon=":material/info:")
