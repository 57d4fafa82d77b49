"""How mailboxes were followed for a day, a cell a quarter: frame in, figure out. Pure.

Okabe and Ito's colours. Colours are never alone: what is not well has a letter, which
the legend tells, and every cell has its words under the pointer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from html import escape
from itertools import pairwise

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from core.i18n import Texts

QUARTER = timedelta(minutes=15)
ROW_PX, HEAD_PX = 18, 74
NAME_MOST = 34
HOURS = 2  # between labels
AGAIN = 8  # cells between letters of one class
NOT_RUN = "not_run"
# The order is that of the codes in the figure. Failures of the other side are reds.
COLOURS = {
    NOT_RUN: "rgba(128,140,160,0.16)",
    "ok": "rgba(0,158,115,0.42)",
    "slow": "#F0E442",
    "network": "#D55E00",
    "server": "#CC79A7",
    "throttled": "#56B4E9",
    "refused": "#E69F00",
    "certificate": "#0072B2",
    "ours": "#8C8C8C",
}
EDGE = "rgba(128,140,160,0.6)"


def matrix(
    names: Mapping[int, str], cells: pd.DataFrame, slots: range, t: Texts
) -> go.Figure:
    """Draw a row a mailbox, in the order of `names` (id: address), a column a quarter.

    `cells`: as `core.fleet.cells` gives; `slots`: quarters since 1970 to show. Hours
    are of the reader's zone.
    """
    hours = unlike([_span(t, slot) for slot in slots])
    place = {one: row for row, one in enumerate(names)}
    shape = (len(names), len(slots))
    codes, hover = np.zeros(shape, dtype="int8"), np.full(shape, "", dtype=object)
    hover[:] = t(f"fleet.cell.{NOT_RUN}")
    number = {name: code for code, name in enumerate(COLOURS)}
    words: dict[tuple[object, ...], str] = {}
    for one, slot, good, failed, slowest_ms, code, cell in cells.itertuples(
        index=False
    ):
        at = place[one], slot - slots.start
        codes[at] = number[cell]
        seconds = round(slowest_ms / 1000) if cell == "slow" else 0
        key = (cell, code, good, failed, seconds)
        if key not in words:
            words[key] = said(t, *key)
        hover[at] = words[key]
    figure = go.Figure(layout=_layout(len(names)))
    rows = unlike([shortened(name) for name in names.values()])
    figure.add_heatmap(
        z=codes, x=hours, y=rows, hovertext=hover, text=_letters(t, codes),
        texttemplate="%{text}", textfont={"size": 9},
        hovertemplate="%{y}<br>%{x}<br>%{hovertext}<extra></extra>",
        zmin=-0.5, zmax=len(COLOURS) - 0.5, colorscale=_scale(), showscale=False,
        xgap=1, ygap=2,
    )  # fmt: skip
    _add_legend(figure, t, set(cells["cell"]) | {NOT_RUN})
    ticks = [x for x, slot in zip(hours, slots, strict=True) if _is_labelled(t, slot)]
    figure.update_xaxes(
        tickvals=ticks,
        ticktext=[x.split()[1] for x in ticks],
        side="top",
        fixedrange=True,
    )
    return figure


def said(
    t: Texts, cell: str, code: str | None, good: int, failed: int, seconds: int
) -> str:
    """Say what a cell was, in words."""
    if cell == "ok":
        return t("fleet.cell.ok")
    if cell == "slow":
        return t("fleet.cell.slow_took", took=t.duration(seconds))
    short = f"short.{code}"
    why = f": {t(short)}" if t.has(short) else ""
    counts = t("fleet.attempts", good=good, failed=failed)
    return f"{t(f'fleet.cell.{cell}')}{why}<br>{counts}"


def shortened(name: str) -> str:
    """Cut an address to what a row has room for, harmless for Plotly's mark-up."""
    cut = name if len(name) <= NAME_MOST else f"{name[: NAME_MOST - 1]}…"
    return escape(cut, quote=False)


def unlike(names: Sequence[str]) -> list[str]:
    """Make equal names differ by spaces that nobody sees: a row, or a column, each.

    Where clocks are set back, an hour comes twice.
    """
    seen: dict[str, int] = {}
    out = []
    for name in names:
        times = seen.get(name, 0)
        seen[name] = times + 1
        out.append(name + "\N{ZERO WIDTH SPACE}" * times)
    return out


def _letters(t: Texts, codes: np.ndarray) -> np.ndarray:
    """Write the letter of a class where it begins, and now and then after that."""
    letters = np.array([_letter(t, name) for name in COLOURS], dtype=object)
    begins = np.diff(codes, axis=1, prepend=-1) != 0
    begins[:, ::AGAIN] = True
    return np.where(begins, letters[codes], "")


def _letter(t: Texts, name: str) -> str:
    """Give the letter of a class; what is well has none."""
    return t(f"fleet.letter.{name}") if name not in {NOT_RUN, "ok"} else ""


def _start(t: Texts, slot: int) -> datetime:
    began = datetime.fromtimestamp(slot * QUARTER.seconds, UTC)
    return began.astimezone(t.zone)


def _span(t: Texts, slot: int) -> str:
    begins, ends = _start(t, slot), _start(t, slot + 1)
    return f"{t.day(begins)} {begins:%H:%M} - {ends:%H:%M}"


def _is_labelled(t: Texts, slot: int) -> bool:
    """Tell whether a label stands at a quarter: on even hours of the reader's zone."""
    at = _start(t, slot)
    return at.minute < QUARTER.seconds // 60 and at.hour % HOURS == 0


def _scale() -> list[tuple[float, str]]:
    """Give a scale of steps: from edge to edge the same colour."""
    edges = np.linspace(0, 1, len(COLOURS) + 1)
    steps = zip(pairwise(edges), COLOURS.values(), strict=True)
    return [(float(edge), colour) for pair, colour in steps for edge in pair]


def _add_legend(figure: go.Figure, t: Texts, there: set[str]) -> None:
    """Add an entry for each class that is there: colour, letter, words."""
    for name, colour in COLOURS.items():
        if name not in there:
            continue
        letter = _letter(t, name)
        word = t(f"fleet.cell.{name}")
        figure.add_scatter(
            x=[None], y=[None], mode="markers", hoverinfo="skip",
            name=f"<b>{letter}</b> {word}" if letter else word,
            marker={"symbol": "square", "size": 12, "color": colour,
                    "line": {"width": 1, "color": EDGE}},
        )  # fmt: skip


def _layout(rows: int) -> go.Layout:
    return go.Layout(
        height=HEAD_PX + ROW_PX * max(rows, 2),
        margin={"l": 8, "r": 8, "t": 66, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        legend={
            "orientation": "h", "x": 0, "y": 1, "yref": "container", "yanchor": "top",
            "itemclick": False, "itemdoubleclick": False,
        },
        xaxis={"showgrid": False, "zeroline": False, "type": "category"},
        yaxis={
            "showgrid": False, "zeroline": False, "type": "category",
            "autorange": "reversed", "fixedrange": True, "ticks": "",
        },
    )  # fmt: skip
