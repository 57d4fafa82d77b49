"""A chart as every page shows it: how sure it is, what it means, and its data."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from console.availability_badge import badge
from core import exporting
from core.availability import Metric
from core.i18n import Texts


def card(
    t: Texts,
    name: str,
    metric: Metric,
    figure: go.Figure | None,
    data: pd.DataFrame,
    about: Mapping[str, str],
    on_select: Callable[[], None] | None = None,
    **facts: object,
) -> None:
    """Show a chart in a frame. Texts: `chart.<name>.title`, `.definition`, `.empty`.

    `data` is what is drawn, to be downloaded with `about`, which made it; `facts` are
    for the definition. `figure` None: there is nothing to draw, and it is said.
    """
    with st.container(border=True, key=f"chart_{name}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{t(f'chart.{name}.title')}**", width="content")
            badge(t, metric)
        if figure is None:
            st.info(t(f"chart.{name}.empty"), icon=":material/info:")
        else:
            st.plotly_chart(
                figure,
                key=f"figure_{name}",
                alt=t(f"chart.{name}.title"),
                config={"displayModeBar": False},
                on_select=on_select or "ignore",
            )
        st.caption(t(f"chart.{name}.definition", **facts))
        if figure is not None:
            downloads(t, name, data, about)


def downloads(
    t: Texts, name: str, data: pd.DataFrame, about: Mapping[str, str]
) -> None:
    """Offer what a chart or a table shows as CSV and as Parquet."""
    with st.container(horizontal=True, gap="small"):
        for kind, make, mime in (
            ("csv", exporting.as_csv, "text/csv"),
            ("parquet", exporting.as_parquet, "application/vnd.apache.parquet"),
        ):
            st.download_button(
                t(f"chart.{kind}"),
                make(data, about),
                file_name=f"malote-{name}.{kind}",
                mime=mime,
                key=f"{name}_{kind}",
                icon=":material/download:",
                on_click="ignore",
            )
