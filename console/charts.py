"""Frames in, figures out. Pure; a figure never reaches for data itself.

One visual language: Okabe and Ito's colours, told apart by colour-blind eyes too,
on a transparent ground so that the page's theme shows through.
"""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from core.i18n import Texts

RECEIVED, SENT = "#0072B2", "#E69F00"
GRID = "rgba(128,140,160,0.22)"
HEIGHT = 380
TICKS = 10
SIDE_BY_SIDE = 120  # days; with more, bars stand upon each other to be wide enough


def volume(days: pd.DataFrame, t: Texts) -> go.Figure:
    """Draw bars of received and sent per day.

    `days`: day, received, sent; one row a day, as `core.metrics.per_day` gives.
    """
    figure = go.Figure(layout=_layout(t))
    if len(days) > SIDE_BY_SIDE:
        figure.update_layout(barmode="stack", bargap=0.05)
    pattern = "%d/%m/%Y" if t.language == "pt_BR" else "%Y-%m-%d"
    for column, colour in (("received", RECEIVED), ("sent", SENT)):
        name = t(f"direction.{column}")
        figure.add_bar(
            x=days["day"],
            y=days[column],
            name=name,
            marker={"color": colour, "line": {"width": 0}},
            hovertemplate=f"%{{x|{pattern}}}<br>{name}: %{{y:,d}}<extra></extra>",
        )
    figure.update_xaxes(tickformat=pattern, nticks=TICKS, type="date")
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure


def _layout(t: Texts) -> go.Layout:
    axis = {"gridcolor": GRID, "zerolinecolor": GRID, "linecolor": GRID}
    return go.Layout(
        barmode="group",
        bargap=0.15,
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 36, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        separators=",." if t.language == "pt_BR" else ".,",
        legend={"orientation": "h", "y": 1.1, "x": 0},
        xaxis={**axis, "showgrid": False},
        yaxis=axis,
        hovermode="x unified",
    )
