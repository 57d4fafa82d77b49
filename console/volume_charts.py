"""Volume: frames in, figures out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from console import charts
from core.i18n import Texts
from core.metrics import Step

DIRECTIONS = {"received": charts.RECEIVED, "sent": charts.SENT}
LINE = {"width": 2}
BEFORE_MOST = 40  # steps; of more, a second line hides more than it shows
WEEK_MS = 7 * 24 * 60 * 60 * 1000


def bars(
    steps: pd.DataFrame, step: Step, t: Texts, before: pd.DataFrame | None
) -> go.Figure:
    """Draw received and sent upon each other, and how many there were before.

    `steps` and `before`: as `metrics.per_step` gives; the first of both stand together.
    """
    figure = charts.figure(t, barmode="stack", bargap=0.12)
    labels = names(steps, step, t)
    x = labels if step is Step.HOUR else steps["start"]
    for column, colour in DIRECTIONS.items():
        figure.add_bar(
            x=x,
            y=steps[column],
            name=t(f"direction.{column}"),
            marker={"color": colour},
            customdata=labels,
            hovertemplate=_hover("%{customdata}", t(f"direction.{column}")),
        )
    if before is not None and len(steps) <= BEFORE_MOST:
        total = (before["received"] + before["sent"]).head(len(steps))
        figure.add_scatter(
            x=x[: len(total)],
            y=total,
            mode="lines",
            name=t("volume.before"),
            line={"color": charts.BEFORE, "dash": "dot", **LINE},
            customdata=names(before.head(len(total)), step, t),
            hovertemplate=_hover("%{customdata}", t("volume.before")),
        )
    _time_axis(figure, steps["start"], step, t, charts.TICKS)
    charts.counts_axis(figure, (steps["received"] + steps["sent"]).max())
    return figure


def names(steps: pd.DataFrame, step: Step, t: Texts) -> list[str]:
    """Name each hour, day, week or month, no two of them alike."""
    if step is not Step.HOUR:
        return [_name(start, step, t) for start in steps["start"]]
    out: list[str] = []
    for at in steps["start"]:
        # At its end: half an hour may be left out where clocks are put forward.
        here = (at + pd.Timedelta(minutes=59)).tz_convert(t.zone)
        name = f"{t.day(here.date())} {here.hour:02d} h"
        out.append(f"{name} ({here:%z})" if name in out[-2:] else name)
    return out


def averages(days: pd.DataFrame, t: Texts) -> go.Figure:
    """Draw the average of a week at each day: start, received, sent."""
    figure = charts.figure(t)
    labels = names(days, Step.DAY, t)
    for column, colour in DIRECTIONS.items():
        figure.add_scatter(
            x=days["start"],
            y=days[column],
            mode="lines",
            name=t(f"direction.{column}"),
            line={"color": colour, **LINE},
            customdata=labels,
            hovertemplate=_hover("%{customdata}", t(f"direction.{column}"), ",.1f"),
        )
    charts.days_axis(figure, t, charts.TICKS_HALF)
    figure.update_yaxes(rangemode="tozero")
    return figure


def levels(days: pd.DataFrame, t: Texts) -> go.Figure:
    """Draw each day against its weekday, and their median of a week.

    start, messages, usual, level, trend.
    """
    figure = charts.figure(t, hovermode="closest")
    known = days.dropna(subset=["level"])
    said = [
        t("volume.level_cell", n=int(row["messages"]), usual=row["usual"])
        for row in known.to_dict("records")
    ]
    labels = names(known, Step.DAY, t)
    figure.add_scatter(
        x=known["start"],
        y=known["level"],
        mode="markers",
        name=t("volume.level_day"),
        marker={"color": charts.GREEN, "size": 5, "opacity": 0.45},
        customdata=list(zip(labels, said, strict=True)),
        hovertemplate="%{customdata[0]}: %{y:.0%}<br>%{customdata[1]}<extra></extra>",
    )
    figure.add_scatter(
        x=days["start"],
        y=days["trend"],
        mode="lines",
        name=t("volume.level_trend"),
        line={"color": charts.GREEN, **LINE},
        customdata=names(days, Step.DAY, t),
        hovertemplate="%{customdata}: %{y:.0%}<extra></extra>",
    )
    figure.add_hline(y=1, line={"color": charts.GREY, "dash": "dot", "width": 1})
    charts.days_axis(figure, t, charts.TICKS_HALF)
    figure.update_yaxes(rangemode="tozero", tickformat=".0%")
    return figure


def grown(sums: pd.DataFrame, step: Step, t: Texts) -> go.Figure:
    """Draw how bytes add up: start, received_bytes, sent_bytes."""
    figure = charts.figure(t)
    labels = names(sums, step, t)
    x = labels if step is Step.HOUR else sums["start"]
    for column, colour in DIRECTIONS.items():
        sizes = [t.size(int(value)) for value in sums[f"{column}_bytes"]]
        figure.add_scatter(
            x=x,
            y=sums[f"{column}_bytes"],
            mode="lines",
            stackgroup="one",
            name=t(f"direction.{column}"),
            line={"color": colour, **LINE},
            customdata=list(zip(labels, sizes, strict=True)),
            hovertemplate=f"%{{customdata[0]}}<br>{t(f'direction.{column}')}:"
            " %{customdata[1]}<extra></extra>",
        )
    _time_axis(figure, sums["start"], step, t, charts.TICKS_HALF)
    figure.update_yaxes(rangemode="tozero", tickformat="~s", ticksuffix="B")
    return figure


def ages(counts: Mapping[str, int], t: Texts) -> go.Figure:
    """Draw unread mail by its age."""
    figure = charts.figure(t, height=200, margin=charts.BARE)
    figure.update_layout(hovermode="closest", showlegend=False)
    labels = [t(f"volume.age.{age}") for age in counts]
    figure.add_bar(
        x=list(counts.values()),
        y=labels,
        orientation="h",
        text=[t.number(n) for n in counts.values()],
        textposition="auto",
        marker={"color": charts.RECEIVED},
        hovertemplate="%{y}: %{x:,d}<extra></extra>",
    )
    few = {"dtick": 1} if max(counts.values()) < charts.FEW else {}
    figure.update_xaxes(rangemode="tozero", tickformat=",d", showgrid=True, **few)
    figure.update_yaxes(autorange="reversed", showgrid=False, type="category")
    return figure


def _time_axis(
    figure: go.Figure, starts: pd.Series, step: Step, t: Texts, ticks: int
) -> None:
    """Write some of the hours, days, weeks or months below what begins with them."""
    each = -(-len(starts) // ticks)
    match step:
        case Step.HOUR:
            figure.update_xaxes(type="category", nticks=ticks, tickangle=0)
            return
        case Step.DAY:
            charts.days_axis(figure, t, ticks)
            return
        case Step.WEEK:
            dtick: int | str = each * WEEK_MS
            pattern = charts.day_pattern(t)
        case Step.MONTH:
            dtick, pattern = f"M{each}", "%m/%Y" if t.language == "pt_BR" else "%Y-%m"
    first = starts.iloc[0].isoformat()
    figure.update_xaxes(type="date", tickformat=pattern, tick0=first, dtick=dtick)


def _name(start: pd.Timestamp, step: Step, t: Texts) -> str:
    if step is Step.WEEK:
        year, week, _ = start.isocalendar()
        return t("volume.week_name", week=str(week), year=str(year), day=t.day(start))
    if step is Step.MONTH:
        return f"{start:%m/%Y}" if t.language == "pt_BR" else f"{start:%Y-%m}"
    return t.day(start)


def _hover(when: str, what: str, number: str = ",d") -> str:
    return f"{when}<br>{what}: %{{y:{number}}}<extra></extra>"
