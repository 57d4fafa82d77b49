"""When in a week mail comes and goes, as a map: frame in, figure out. Pure."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from babel.dates import get_day_names

from console import charts
from core.i18n import Texts

HEIGHT = 230
SCALES = {
    "received": charts.SCALE,
    "sent": [[0.0, "rgba(213,94,0,0.05)"], [1.0, charts.SENT]],
}


def week(hours: pd.DataFrame, direction: str, t: Texts) -> go.Figure:
    """Draw how many messages lie in each hour of the week.

    `hours`: weekday (0: Monday), hour, received, sent; 168 rows, as `metrics.week`
    gives. Its points are those of the second trace, in the order of the rows: a map of
    Plotly itself cannot be clicked on.
    """
    days = get_day_names("abbreviated", locale=t.locale)
    names = [days[day] for day in hours["weekday"]]
    marks = [f"{hour:02d}" for hour in hours["hour"]]
    figure = charts.figure(
        t, height=HEIGHT, margin=charts.BARE, hovermode="closest", hoverdistance=30
    )
    figure.update_layout(showlegend=False)
    figure.add_heatmap(
        x=marks,
        y=names,
        z=hours[direction],
        colorscale=SCALES[direction],
        zmin=0,
        colorbar={"dtick": 1} if hours[direction].max() < charts.FEW else {},
        hoverinfo="skip",
    )
    figure.add_scatter(
        x=marks,
        y=names,
        mode="markers",
        marker={"size": 16, "color": charts.CLEAR, "symbol": "square"},
        customdata=hours[direction],
        hovertemplate=f"%{{y}} %{{x}} h<br>{t(f'direction.{direction}')}:"
        " %{customdata:,d}<extra></extra>",
    )
    figure.update_xaxes(type="category", showgrid=False, nticks=12, tickangle=0)
    figure.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return figure
