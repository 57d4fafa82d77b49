"""Availability: which numbers can be known by which method, how surely, and why."""

import streamlit as st

from console.availability_badge import SIGNS, badge_text
from console.language import texts
from console.widgets import page
from core.availability import Level, Metric, level, never
from core.i18n import Texts
from core.model import Method

PART = "metric"  # of a link


def chosen(t: Texts) -> Metric | None:
    """Give the metric that a link names."""
    asked = st.query_params.get(PART, "")
    if asked and asked not in set(Metric):
        st.warning(t("availability.unknown"), icon=":material/search_off:")
    return Metric(asked) if asked in set(Metric) else None


def levels(t: Texts) -> None:
    """Say what the words and signs mean."""
    st.subheader(t("availability.lead_levels"), anchor=False)
    lines = [f"- {badge_text(t, one)} {t(f'level.{one}.means')}" for one in Level]
    st.markdown("\n".join(lines))


def matrix(t: Texts, marked: Metric | None) -> None:
    """Show the matrix as a table that is read aloud as one; a row may be marked."""
    st.subheader(t("availability.matrix"), anchor=False)
    heads = [t("availability.metric"), *(t(f"method.{by}") for by in Method)]
    rows = [heads, ["---"] * len(heads), *(_row(t, m, m is marked) for m in Metric)]
    st.markdown("\n".join(f"| {' | '.join(row)} |" for row in rows))


def reasons(t: Texts, metric: Metric) -> None:
    """Show what a metric is, and of each method why it is as it is."""
    st.markdown(t(f"metric.{metric}.definition"))
    lines = [
        f"- **{t(f'method.{by}')}** {badge_text(t, level(metric, by))}"
        f" {t(f'metric.{metric}.reason.{by}')}"
        for by in Method
    ]
    st.markdown("\n".join(lines))


def all_reasons(t: Texts) -> None:
    """Show the same of every metric; what no method tells stands open, on its own."""
    st.subheader(t("availability.never"), anchor=False)
    st.markdown(t("availability.never_text"))
    for one in never():
        with st.container(border=True, key=f"never_{one}"):
            st.markdown(f"**{t(f'metric.{one}.title')}**")
            reasons(t, one)
    st.subheader(t("availability.definitions"), anchor=False)
    for one in Metric:
        if one not in never():
            sign, _ = SIGNS[level(one)]
            with st.expander(t(f"metric.{one}.title"), icon=sign):
                reasons(t, one)


def _row(t: Texts, metric: Metric, is_marked: bool) -> list[str]:
    title = t(f"metric.{metric}.title")
    if is_marked:
        title = f":material/arrow_right_alt: **{title}** ({t('availability.chosen')})"
    return [title, *(badge_text(t, level(metric, by)) for by in Method)]


t = texts()
with page(t, "availability"):
    st.markdown(t("availability.lead"))
    if (one := chosen(t)) is not None:
        with st.container(border=True, key="chosen"):
            st.markdown(f"#### {t(f'metric.{one}.title')}")
            reasons(t, one)
    levels(t)
    matrix(t, one)
    all_reasons(t)
