"""What became of mail: frames in, figures out. Pure.

A ladder, not a funnel that narrows: a step that nobody told of may have been made, so
bars stand beside each other and say of how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from core.i18n import Texts
from core.ladder import OF, STEPS

BLUE, VERMILION, GREEN, PURPLE, ORANGE = (
    *("#0072B2", "#D55E00", "#009E73"),
    *("#CC79A7", "#E69F00"),
)
GREY = "#8A94A6"
GRID = "rgba(128,140,160,0.22)"
CLEAR = "rgba(0,0,0,0)"
COLOURS = {
    "planned": GREY,
    "sent": BLUE,
    "accepted": BLUE,
    "permanent": VERMILION,
    "temporary": ORANGE,
    "displayed": PURPLE,
    "answered": GREEN,
}
# What nobody asked for tells no share: a receipt that did not come says nothing.
WITHOUT_SHARE = {"displayed"}
LADDER_PX, DAYS_PX = 330, 300
DAYS = ("sent", "answered", "permanent", "temporary")


def ladder(totals: Mapping[str, int], t: Texts) -> go.Figure:
    """Draw how many mails each step was seen of, with what it is a share of."""
    figure = go.Figure(layout=_layout(t, LADDER_PX, {"l": 8, "r": 8, "t": 8, "b": 8}))
    figure.add_bar(
        orientation="h",
        y=[t(f"delivery.step.{step}") for step in STEPS],
        x=[totals[step] for step in STEPS],
        customdata=list(STEPS),
        text=[share(t, totals, step) for step in STEPS],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [COLOURS[step] for step in STEPS]},
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    most = max(totals.values())
    # Room for the words beside the longest bar.
    figure.update_xaxes(range=[0, most * 1.45], visible=False)
    figure.update_yaxes(autorange="reversed", showgrid=False)
    return figure


def days(found: pd.DataFrame, t: Texts) -> go.Figure:
    """Draw mails by the day for which they were planned. `found`: day, and `STEPS`."""
    figure = go.Figure(layout=_layout(t, DAYS_PX, {"l": 8, "r": 8, "t": 36, "b": 8}))
    pattern = "%d/%m/%Y" if t.language == "pt_BR" else "%Y-%m-%d"
    for step in DAYS:
        name = t(f"delivery.step.{step}")
        figure.add_bar(
            x=found["day"],
            y=found[step],
            name=name,
            marker={"color": COLOURS[step], "line": {"width": 0}},
            hovertemplate=f"%{{x|{pattern}}}<br>{name}: %{{y:,d}}<extra></extra>",
        )
    few = {"dtick": 1} if found[list(DAYS)].to_numpy().max() < len(STEPS) else {}
    figure.update_xaxes(type="date", tickformat=pattern, nticks=8, showgrid=False)
    figure.update_yaxes(rangemode="tozero", tickformat=",d", **few)
    return figure


def share(t: Texts, totals: Mapping[str, int], step: str) -> str:
    """Write a count with its share: "30 of 40 sent (75 %)"; of receipts, only it."""
    count = totals[step]
    whole = totals[OF[step]] if step in OF else 0
    if not whole:
        return t.number(count)
    facts = {"count": count, "whole": whole}
    if step in WITHOUT_SHARE:
        return t(f"delivery.of_{OF[step]}", **facts)
    percent = t.number(round(100 * count / whole, 1))
    return t(f"delivery.share_of_{OF[step]}", percent=percent, **facts)


def _layout(t: Texts, height: int, margin: dict[str, int]) -> go.Layout:
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID}
    return go.Layout(
        height=height,
        margin=margin,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        separators=",." if t.language == "pt_BR" else ".,",
        barmode="group",
        bargap=0.25,
        dragmode=False,
        showlegend=height == DAYS_PX,
        legend={"orientation": "h", "y": 1.1, "x": 0},
        xaxis={**axis, "automargin": True, "fixedrange": True},
        yaxis={**axis, "automargin": True, "fixedrange": True},
    )
