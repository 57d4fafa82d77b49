"""A week as a map of hours: frame in, figure out. Pure."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
from babel.dates import get_day_names

from console.charts import RECEIVED
from core.i18n import Texts

HEIGHT = 250
DAYS = range(7)


def week(hours: pd.DataFrame, t: Texts) -> go.Figure:
    """Draw how many messages usually come in each hour of the week.

    `hours`: weekday (0: Monday), hour, expected; 168 rows, as `core.quiet` gives.
    """
    grid = hours.pivot_table(index="weekday", columns="hour", values="expected")
    days = get_day_names("abbreviated", locale=t.locale)
    cell = t("habit.cell")
    figure = go.Figure(
        go.Heatmap(
            z=grid.to_numpy(),
            x=[f"{hour:02d}" for hour in grid.columns],
            y=[days[day] for day in DAYS],
            # From nothing, which is the page itself in either theme, to full colour.
            colorscale=[[0, "rgba(0,114,178,0.04)"], [1, RECEIVED]],
            zmin=0,
            xgap=2,
            ygap=2,
            hovertemplate=f"%{{y}} %{{x}} h<br>{cell}: %{{z:.1f}}<extra></extra>",
            colorbar={"thickness": 10, "outlinewidth": 0},
        )
    )
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        separators=",." if t.language == "pt_BR" else ".,",
    )
    figure.update_xaxes(type="category", showgrid=False, zeroline=False, nticks=24)
    figure.update_yaxes(type="category", showgrid=False, autorange="reversed")
    return figure
