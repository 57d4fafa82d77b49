"""Messages and bytes per hour, day, week or month, and how they add up."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pandas as pd

from core.metrics.days import DIRECTIONS
from core.metrics.periods import Days, Step, every_start, starts

BYTES = tuple(f"{name}_bytes" for name in DIRECTIONS)


def per_step(
    slots: pd.DataFrame, days: Days, step: Step, zone: ZoneInfo
) -> pd.DataFrame:
    """Count per step: start, received, sent, received_bytes, sent_bytes; none missing.

    `slots`: at (UTC, in the period), direction, messages, size_bytes. `start` is an
    instant for hours, else a day; a week or a month counts what of it lies in the
    period.
    """
    table = slots.assign(start=starts(slots["at"], step, zone)).pivot_table(
        index="start",
        columns="direction",
        values=["messages", "size_bytes"],
        aggfunc="sum",
        fill_value=0,
    )
    out = pd.DataFrame({"start": every_start(days, step, zone)})
    for what, names in (("messages", DIRECTIONS), ("size_bytes", BYTES)):
        for direction, name in zip(DIRECTIONS, names, strict=True):
            key = (what, direction)
            out[name] = (
                out["start"].map(table[key]).fillna(0).astype("int64")
                if key in table
                else 0
            )
    return out


def growth(counted: pd.DataFrame) -> pd.DataFrame:
    """Add up what was counted: start, and the sums since the period began."""
    columns = [*DIRECTIONS, *BYTES]
    return counted[["start"]].join(counted[columns].cumsum())
