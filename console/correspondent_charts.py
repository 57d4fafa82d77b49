"""Correspondents: frames in, figures out. Pure."""

from __future__ import annotations

import html

import pandas as pd
import plotly.graph_objects as go

from console import charts
from core.i18n import Texts

NAME_CHARS = 30  # of a name beside its bar; where a pointer rests, there are more
HOVER_CHARS = 120
BAR_PX, AROUND_PX = 26, 40
ROOM = 1.3  # of the longest bar, for the number behind it
CUT = "\N{HORIZONTAL ELLIPSIS}"


def bars(found: pd.DataFrame, t: Texts, colour: str) -> go.Figure:
    """Draw a bar for each name, the longest above, with number and share behind it.

    `found`: name, messages and, maybe, share. Names are of other people's making.
    """
    shares = found["share"] if "share" in found else [None] * len(found)
    told = [_told(t, n, s) for n, s in zip(found["messages"], shares, strict=True)]
    names = [str(name) for name in found["name"]]
    figure = charts.figure(
        t,
        height=AROUND_PX + BAR_PX * len(found),
        margin=charts.BARE,
        hovermode="closest",
    )
    figure.add_bar(
        x=found["messages"],
        y=list(range(len(found))),
        orientation="h",
        marker={"color": colour},
        text=told,
        textposition="outside",
        cliponaxis=False,
        customdata=[plain(name, HOVER_CHARS) for name in names],
        hovertemplate="%{customdata}<br>%{text}<extra></extra>",
    )
    figure.update_xaxes(
        visible=False, range=[0, int(found["messages"].max()) * ROOM], fixedrange=True
    )
    figure.update_yaxes(
        tickvals=list(range(len(found))),
        ticktext=[plain(name, NAME_CHARS) for name in names],
        autorange="reversed",
        showgrid=False,
        fixedrange=True,
    )
    return figure


def plain(name: str, most: int) -> str:
    """Cut a name, and let nothing of it be a tag: Plotly draws some of HTML."""
    cut = name if len(name) <= most else name[: most - 1] + CUT
    return html.escape(cut, quote=False)


def percent(t: Texts, share: float) -> str:
    """Write a share: 12.5 %."""
    return f"{t.number(round(100 * share, 1))} %"


def _told(t: Texts, messages: int, share: float | None) -> str:
    number = t.number(int(messages))
    return number if share is None else f"{number} \u00b7 {percent(t, share)}"
