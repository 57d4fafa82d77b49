"""What became of mail: frames in, figures out. Pure.

A ladder, not a funnel that narrows: a step that nobody told of may have been made, so
bars stand beside each other and say of how many they are.
"""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
import plotly.graph_objects as go

from console import charts
from console.charts import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILION
from core.i18n import Texts
from core.ladder import OF, STEPS

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
    figure = charts.figure(t, height=LADDER_PX, margin=charts.BARE)
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
    figure = charts.figure(t, height=DAYS_PX, bargap=0.25)
    pattern = charts.day_pattern(t)
    for step in DAYS:
        name = t(f"delivery.step.{step}")
        figure.add_bar(
            x=found["day"],
            y=found[step],
            name=name,
            marker={"color": COLOURS[step], "line": {"width": 0}},
            hovertemplate=f"%{{x|{pattern}}}<br>{name}: %{{y:,d}}<extra></extra>",
        )
    charts.days_axis(figure, t)
    charts.counts_axis(figure, found[list(DAYS)].to_numpy().max())
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
