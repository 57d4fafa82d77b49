"""Counts per quarter of an hour, put together to hours, days, weeks and months. Pure.

Where clocks go forward or back, an hour of wall time may be missing or come twice: each
step is known by the instant at which it begins.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from core.columns import AT
from core.metrics import DIRECTIONS, bounds

STEPS = ("hour", "day", "week", "month")
QUARTER = pd.Timedelta(minutes=15)
SUMS = [*DIRECTIONS, *(f"{one}_bytes" for one in DIRECTIONS)]


def per_step(
    slots: pd.DataFrame, first: date, last: date, zone: ZoneInfo, step: str
) -> pd.DataFrame:
    """Count messages and bytes of each step that lies in the days; each has a row.

    start (an instant), day, received, sent, received_bytes, sent_bytes. `slots`: at
    (UTC), direction, messages, size_bytes. Of a week or month that is cut by `first`
    or `last`, only the part within is counted.
    """
    start, end = bounds(first, last, zone)
    quarters = pd.date_range(start, end, freq=QUARTER, inclusive="left", tz="UTC")
    every = _begins(quarters.to_series(), zone, step).drop_duplicates()
    inside = slots[(slots["at"] >= start) & (slots["at"] < end)]
    begins = _begins(inside["at"], zone, step)
    found = {
        name: inside["messages" if name in DIRECTIONS else "size_bytes"]
        .where(inside["direction"] == name.removesuffix("_bytes"), 0)
        .groupby(begins)
        .sum()
        for name in SUMS
    }
    counts = pd.DataFrame(found).reindex(every, fill_value=0).astype("int64")
    out = counts.rename_axis("start").reset_index()
    out.insert(1, "day", _day(out["start"], zone))
    return out


def of_kinds(
    slots: pd.DataFrame,
    kinds: Collection[str],
    asides: Collection[str],
    internal: bool | None,
) -> pd.DataFrame:
    """Give the counts of those kinds; `internal` None: it is all the same."""
    wanted = slots["kind"].isin(list(kinds)) & slots["aside"].isin(list(asides))
    if internal is not None:
        wanted &= slots["internal"] == internal
    return slots[wanted]


def _begins(at: pd.Series, zone: ZoneInfo, step: str) -> pd.Series:
    """Give the instant at which the step of each instant begins."""
    here = at.dt.tz_convert(zone)
    if step == "hour":
        past = pd.to_timedelta(here.dt.minute * 60 + here.dt.second, unit="s")
        begins: pd.Series = (at - past).astype(AT)
        return begins
    days = _day(at, zone)
    if step == "week":
        days -= pd.to_timedelta(days.dt.weekday, unit="D")
    elif step == "month":
        days -= pd.to_timedelta(days.dt.day - 1, unit="D")
    # A day may begin at one o'clock, or midnight come twice.
    first = np.ones(len(days), dtype=bool)
    local = days.dt.tz_localize(zone, ambiguous=first, nonexistent="shift_forward")
    begins = local.dt.tz_convert("UTC").astype(AT)
    return begins  # noqa: RET504 - of pandas-stubs an expression is of no type


def _day(at: pd.Series, zone: ZoneInfo) -> pd.Series:
    days: pd.Series = at.dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    return days
