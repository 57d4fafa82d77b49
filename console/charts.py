"""The one look of all charts. Pure; a figure never reaches for data itself.

Okabe and Ito's colours, told apart by colour-blind eyes too; the first four stand out
from the page in either theme. The ground is transparent: the page shows through, and
Streamlit gives letters and lines the colours of its theme.
"""

from __future__ import annotations

import plotly.graph_objects as go

from core.i18n import Texts

BLUE, VERMILION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, ORANGE, YELLOW, GREY = "#56B4E9", "#E69F00", "#F0E442", "#8A94A6"
COLOURS = (BLUE, VERMILION, GREEN, PURPLE, SKY, ORANGE, YELLOW)
RECEIVED, SENT, BEFORE = BLUE, VERMILION, GREY
FAINT = "rgba(0,114,178,0.05)"  # nearly the page itself, in either theme
GRID = "rgba(128,140,160,0.22)"
CLEAR = "rgba(0,0,0,0)"
FONT = "Inter, sans-serif"
HEIGHT = 340
TICKS, TICKS_HALF = 8, 4  # along the whole page, and along half of it
FEW = 6


def template(t: Texts) -> go.layout.Template:
    """Give the template of every figure: `go.Figure(layout={"template": …})`.

    Numbers are written as the language writes them; what is drawn says its name and
    value where a pointer rests.
    """
    axis = {
        "gridcolor": GRID,
        "zerolinecolor": GRID,
        "linecolor": GRID,
        "automargin": True,
        "separatethousands": True,
    }
    layout = go.Layout(
        colorway=COLOURS,
        font={"family": FONT, "size": 12},
        height=HEIGHT,
        margin=MARGIN,
        paper_bgcolor=CLEAR,
        plot_bgcolor=CLEAR,
        separators=",." if t.language == "pt_BR" else ".,",
        barmode="group",
        bargap=0.15,
        hovermode="x unified",
        dragmode=False,
        legend=LEGEND,
        colorscale={"sequential": SCALE},
        xaxis={**axis, "showgrid": False},
        yaxis=axis,
    )
    marks = {"marker": {"line": {"width": 0}}}
    heat = {
        "colorscale": SCALE,
        "xgap": 2,
        "ygap": 2,
        "colorbar": {"thickness": 10, "outlinewidth": 0},
    }
    return go.layout.Template(
        layout=layout,
        data={
            "bar": [go.Bar(**marks)],
            "scatter": [go.Scatter(line={"width": 2})],
            "heatmap": [go.Heatmap(**heat)],
        },
    )


def figure(t: Texts, **layout: object) -> go.Figure:
    """Begin a figure in our look; `layout` is what it has of its own.

    What Streamlit's theme would set otherwise in a template is said of the figure.
    """
    own = {"margin": MARGIN, "legend": LEGEND, **layout}
    return go.Figure(layout=go.Layout(template=template(t), **own))


def days_axis(chart: go.Figure, t: Texts, ticks: int = TICKS) -> None:
    """Let days be written along the x axis as the language writes them."""
    chart.update_xaxes(type="date", tickformat=day_pattern(t), nticks=ticks)


def counts_axis(chart: go.Figure, most: float) -> None:
    """Count along the y axis, from nought; few things by ones, without fractions."""
    few = {"dtick": 1} if most < FEW else {}
    chart.update_yaxes(rangemode="tozero", tickformat=",d", **few)


def day_pattern(t: Texts) -> str:
    """Give how d3 writes a day."""
    return "%d/%m/%Y" if t.language == "pt_BR" else "%Y-%m-%d"


BARE = {"l": 8, "r": 8, "t": 8, "b": 8}  # without a legend
MARGIN = {"l": 8, "r": 8, "t": 36, "b": 8}
LEGEND = {
    "orientation": "h",
    "x": 0,
    "y": 1.02,
    "yanchor": "bottom",
    "traceorder": "normal",
}
SCALE = [[0.0, FAINT], [1.0, BLUE]]
