"""The numbers and charts of the volume page, each with its definition and data."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from console import volume_charts, volume_heat, volume_way
from console.availability_badge import badge
from console.chart_card import card, downloads
from console.runtime import runtime
from console.widgets import number_column, table_height
from core import metrics, volume, volume_parts
from core.availability import Metric
from core.i18n import Texts
from core.metrics import Against, Change, Step
from core.scopes import Scope
from core.volume import Question, Volume
from core.volume_parts import By

TREND_LEAST = 14  # days of which a trend says something


def totals(t: Texts, found: Volume, against: Against) -> None:
    """Show the sums beside those of the compared period, and where most was."""
    columns = st.columns(4)
    changes = found.changes
    for column, name in zip(columns, metrics.DIRECTIONS, strict=False):
        one = changes[name]
        _metric(t, column, t(f"direction.{name}"), t.number(one.now), one)
    received, sent = (changes[f"{name}_bytes"] for name in metrics.DIRECTIONS)
    before = None
    if received.before is not None and sent.before is not None:
        before = received.before + sent.before
    size = Change(received.now + sent.now, before)
    _metric(t, columns[2], t("volume.size"), t.size(size.now), size)
    step = found.question.step
    most = int((found.steps["received"] + found.steps["sent"]).to_numpy().argmax())
    name = volume_charts.names(found.steps, step, t)[most]
    if step is Step.WEEK:  # its whole name is too wide
        name = t.day(found.steps["start"].iloc[most])
    label = t(f"volume.busiest.{step}")
    columns[3].metric(label, name, border=True, height="stretch")
    _compared(t, found, against)


def bars(t: Texts, found: Volume, about: dict[str, str]) -> None:
    """Show what came and went, per step."""
    step = found.question.step
    name = f"volume_{step}"
    figure = volume_charts.bars(found.steps, step, t, found.before)
    way = volume_way.from_bars(t, found, f"figure_{name}")
    card(t, name, Metric.VOLUME, figure, found.steps, about, way, zone=t.zone.key)


def trends(t: Texts, found: Volume, about: dict[str, str]) -> None:
    """Show the average of a week, and each day against its weekday."""
    enough = found.question.days.count >= TREND_LEAST
    first = pd.Timestamp(found.question.days.first)
    inside = found.daily["start"] >= first
    average = metrics.moving_average(found.daily)[inside]
    level = metrics.weekday_level(found.daily[inside])
    left, right = st.columns(2)
    with left:
        there = enough and average[["received", "sent"]].notna().to_numpy().any()
        figure = volume_charts.averages(average, t) if there else None
        card(t, "volume_average", Metric.VOLUME, figure, average, about)
    with right:
        there = enough and level["level"].notna().any()
        figure = volume_charts.levels(level, t) if there else None
        card(t, "volume_level", Metric.VOLUME, figure, level, about)


def weeks(t: Texts, found: Volume, about: dict[str, str]) -> None:
    """Show in which hours of the week mail comes and goes."""
    hours = metrics.week(found.slots, t.zone)
    for column, direction in zip(st.columns(2), metrics.DIRECTIONS, strict=True):
        name = f"volume_week_{direction}"
        some = bool(hours[direction].sum())
        figure = volume_heat.week(hours, direction, t) if some else None
        way = volume_way.from_cells(t, found, direction, f"figure_{name}")
        data = hours[["weekday", "hour", direction]]
        with column:
            card(t, name, Metric.VOLUME, figure, data, about, way, zone=t.zone.key)


def size(t: Texts, found: Volume, about: dict[str, str]) -> None:
    """Show how the bytes of the period add up."""
    sums = metrics.growth(found.steps)
    figure = volume_charts.grown(sums, found.question.step, t)
    card(t, "volume_size", Metric.SIZE, figure, sums, about)


def backlog(t: Texts, scope: Scope, about: dict[str, str]) -> None:
    """Show unread mail: of one mailbox by its age, of several as a sum."""
    found = volume.backlog(runtime(), scope, t.zone)
    if found.ages is None:
        data = pd.DataFrame({"unread": [found.unread], "mailboxes": [found.mailboxes]})
        with st.container(border=True, key="chart_volume_unread"):
            badge(t, Metric.UNREAD)
            label = t("volume.unread", n=found.mailboxes)
            st.metric(label, t.number(found.unread))
            st.caption(t("volume.unread_definition"))
            downloads(t, "volume_unread", data, about)
        return
    data = pd.DataFrame({"age": list(found.ages), "unread": list(found.ages.values())})
    figure = volume_charts.ages(found.ages, t) if found.unread else None
    card(t, "volume_backlog", Metric.UNREAD, figure, data, about, zone=t.zone.key)


def parts(t: Texts, question: Question, about: dict[str, str]) -> None:
    """Show the teams or the mailboxes with most mail; a row leads to its own page."""
    if not (ways := volume_parts.ways(runtime(), question.scope)):
        return
    with st.container(border=True, key="chart_volume_parts"):
        st.markdown(f"**{t('volume.parts')}**")
        by = _way(t, ways)
        told = volume_parts.largest(runtime(), question, by)
        if told.days_most or told.rows.empty:
            words = t("volume.parts_many", n=told.days_most)
            st.info(words if told.days_most else t("volume.nothing"))
            return
        whole = told.rows["received_bytes"] + told.rows["sent_bytes"]
        st.dataframe(
            told.rows.assign(megabytes=(whole / 1e6).round(1)),
            column_order=["name", "received", "sent", "megabytes", "share"],
            column_config={
                "name": st.column_config.TextColumn(t(f"volume.by_of.{by}")),
                "received": number_column(t("direction.received")),
                "sent": number_column(t("direction.sent")),
                "megabytes": number_column(t("volume.megabytes")),
                "share": st.column_config.ProgressColumn(
                    t("volume.share"), format="percent", min_value=0, max_value=1
                ),
            },
            height=table_height(len(told.rows), 12),
            hide_index=True,
            key="volume_parts",
            on_select=lambda: _into(told.rows),
            selection_mode="single-row",
        )
        st.caption(t("volume.parts_definition", n=told.of, shown=len(told.rows)))
        downloads(t, "volume_parts", told.rows, about)


def _way(t: Texts, ways: list[By]) -> By:
    """Let a person choose teams or mailboxes, where there are both."""
    asked = st.query_params.get("by", ways[0])
    chosen = By(asked) if asked in ways else ways[0]
    if len(ways) > 1:
        st.session_state["volume_by"] = str(chosen)
        st.segmented_control(
            t("volume.by"),
            [str(one) for one in ways],
            required=True,
            format_func=lambda one: t(f"volume.by_of.{one}"),
            key="volume_by",
            label_visibility="collapsed",
            on_change=_write_by,
        )
    return chosen


def _write_by() -> None:
    st.query_params["by"] = st.session_state["volume_by"]


def _into(rows: pd.DataFrame) -> None:
    """Go into the team or the mailbox of the row that was chosen."""
    chosen = st.session_state["volume_parts"]["selection"]["rows"]
    if chosen:
        st.query_params["of"] = str(rows["scope"].iloc[chosen[0]])


def _metric(t: Texts, column: object, label: str, value: str, change: Change) -> None:
    share = change.share
    column.metric(  # type: ignore[attr-defined]  # a column of Streamlit
        label,
        value,
        None if share is None else _percent(t, share),
        delta_color="off",  # more mail is neither good nor bad
        border=True,
        height="stretch",
    )


def _percent(t: Texts, share: float) -> str:
    """Write a change; a minus of ASCII first, by which Streamlit draws its arrow."""
    sign = "-" if share < 0 else "+"
    return f"{sign}{t.number(round(abs(share) * 100, 1))}%"


def _compared(t: Texts, found: Volume, against: Against) -> None:
    """Say with what the sums were compared, or why they were not."""
    if against is Against.NONE:
        return
    if found.compared is None:
        st.caption(t("volume.not_compared"))
        return
    days = found.compared
    words = [t("volume.compared", first=t.day(days.first), last=t.day(days.last))]
    if found.held_since is not None and found.held_since > days.first:
        words.append(t("volume.compared_partly", day=t.day(found.held_since)))
    st.caption(" ".join(words))
