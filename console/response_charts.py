"""Response times: frames in, figures out; and lengths of time, put in words. Pure."""

from __future__ import annotations

import math

import pandas as pd
import plotly.graph_objects as go

from console import charts
from core.i18n import Texts
from core.response_frames import PERCENTILES
from core.responses import By

MINUTE, HOUR, DAY = 60, 3_600, 86_400
NONE = "\N{EN DASH}"
COLOURS = dict(
    zip(PERCENTILES, (charts.BLUE, charts.GREEN, charts.VERMILION), strict=True)
)
MARKS = (
    30, 2 * MINUTE, 15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 7 * DAY, 30 * DAY,
    120 * DAY, 400 * DAY,
)  # fmt: skip


def length(t: Texts, seconds: float, by: By) -> str:
    """Write how long it took: 40 s, 12 min, 3.5 h, 2 d; working time in hours."""
    if math.isnan(seconds):
        return NONE
    name, unit = _unit(seconds, by)
    value = seconds / unit
    # What is large is not told to a tenth.
    shown = round(value, 0 if unit < HOUR or value >= 10 else 1)  # noqa: PLR2004
    return t(f"responses.length.{name}", value=t.number(shown))


def _unit(seconds: float, by: By) -> tuple[str, int]:
    if seconds < MINUTE:
        return "seconds", 1
    if seconds < HOUR:
        return "minutes", MINUTE
    # A day of working time is not one of 24 hours.
    if seconds < 2 * DAY or by is By.BUSINESS:
        return "hours", HOUR
    return "days", DAY


def percent(t: Texts, share: float) -> str:
    """Write a share: 83 %."""
    return NONE if math.isnan(share) else f"{t.number(round(100 * share))} %"


def curve(found: pd.DataFrame, t: Texts, by: By) -> go.Figure | None:
    """Draw the share answered within a time; None: there is none.

    `found`: seconds, answered, as `core.responses` gives.
    """
    if found.empty or not found["answered"].gt(0).any():
        return None
    figure = charts.figure(t, hovermode="closest", showlegend=False)
    figure.add_scatter(
        x=found["seconds"],
        y=found["answered"],
        mode="lines",
        line={"shape": "linear", "width": 2, "color": charts.BLUE},
        customdata=[length(t, x, by) for x in found["seconds"]],
        hovertemplate="%{customdata}: %{y:.0%}<extra></extra>",
    )
    _times(figure.update_xaxes, found["seconds"].max(), t, by)
    title = t("chart.responses_curve.axis")
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", title=title)
    return figure


def months(found: pd.DataFrame, names: list[str], t: Texts, by: By) -> go.Figure | None:
    """Draw percentiles by month; None: nothing was answered.

    `found`: month, p50, p75, p90; `names`: of all months asked for, in their order.
    """
    if not found["answered"].sum():
        return None
    figure = charts.figure(t)
    for name, colour in COLOURS.items():
        values = found[name].astype("float64")
        figure.add_scatter(
            x=names,
            # Less than a logarithm's beginning is as short as can be told.
            y=values.clip(lower=MARKS[0]),
            mode="lines+markers",
            name=t(f"responses.column.{name}"),
            line={"color": colour, "width": 2},
            customdata=[length(t, x, by) for x in values],
            hovertemplate="%{customdata}<extra>%{fullData.name}</extra>",
        )
    low = found["p50"].min()
    _times(figure.update_yaxes, found["p90"].max(), t, by, low)
    figure.update_yaxes(title=t("chart.responses_months.axis"))
    figure.update_xaxes(type="category", nticks=charts.TICKS, tickangle=0)
    return figure


def _times(
    update: object, longest: float, t: Texts, by: By, shortest: float = MARKS[0]
) -> None:
    """Mark an axis by lengths of time, each step several times the one before."""
    longest = max(float(longest), MARKS[1])
    shortest = min(max(float(shortest), MARKS[0]), longest)
    low = max((x for x in MARKS if x <= shortest), default=MARKS[0])
    high = min((x for x in MARKS if x >= longest), default=MARKS[-1])
    shown = [x for x in MARKS if low <= x <= high]
    update(  # type: ignore[operator]  # update_xaxes or update_yaxes
        type="log",
        tickvals=shown,
        ticktext=[length(t, x, by) for x in shown],
        range=[math.log10(low) - 0.03, math.log10(max(high, low * 2)) + 0.03],
    )
