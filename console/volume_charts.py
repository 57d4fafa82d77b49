"""Volume: frames in, figures out. Pure."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go

from console import charts
from core.i18n import Texts

SIDE_BY_SIDE = 120  # bars; more of them stand upon each other to be wide enough


def bars(days: pd.DataFrame, t: Texts) -> go.Figure:
    """Draw bars of received and sent: day, received, sent."""
    figure = charts.figure(t)
    if len(days) > SIDE_BY_SIDE:
        figure.update_layout(barmode="stack", bargap=0.05)
    pattern = charts.day_pattern(t)
    for column, colour in (("received", charts.RECEIVED), ("sent", charts.SENT)):
        name = t(f"direction.{column}")
        figure.add_bar(
            x=days["day"],
            y=days[column],
            name=name,
            marker={"color": colour},
            hovertemplate=f"%{{x|{pattern}}}<br>{name}: %{{y:,d}}<extra></extra>",
        )
    charts.days_axis(figure, t)
    figure.update_yaxes(rangemode="tozero", tickformat=",d")
    return figure
