"""Messages per day of a zone."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pandas as pd

DIRECTIONS = ("received", "sent")
# Volume shows persons and lists by default; others are a choice (METRICS: kind).
DEFAULT_KINDS = ("person", "list")
DEFAULT_ASIDES = ("no",)


def bounds(first: date, last: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Give the moments between which the days `first` to `last` lie in a zone."""
    start = datetime.combine(first, time(), zone)
    return start, datetime.combine(last + timedelta(days=1), time(), zone)


def chosen(
    slots: pd.DataFrame,
    kinds: Collection[str] = DEFAULT_KINDS,
    asides: Collection[str] = DEFAULT_ASIDES,
    internal: bool | None = None,
) -> pd.DataFrame:
    """Give the slots of these kinds; `internal` None: from within and from without."""
    wanted = slots["kind"].isin(list(kinds)) & slots["aside"].isin(list(asides))
    if internal is not None:
        wanted &= slots["internal"] == internal
    return slots[wanted]


def per_day(
    slots: pd.DataFrame,
    first: date,
    last: date,
    zone: ZoneInfo,
    kinds: Collection[str] = DEFAULT_KINDS,
    asides: Collection[str] = DEFAULT_ASIDES,
) -> pd.DataFrame:
    """Count messages per day of a zone: day, received, sent; every day has a row.

    `slots`: at (UTC), direction, kind, aside, messages, as `store.frames.slots` gives.
    Days are cut in the zone, so those of 23 and 25 hours are right.
    """
    wanted = chosen(slots, kinds, asides)
    days = wanted["at"].dt.tz_convert(zone).dt.date
    counts = (
        wanted.assign(day=days)
        .pivot_table(
            index="day",
            columns="direction",
            values="messages",
            aggfunc="sum",
            fill_value=0,
        )
        .reindex(columns=list(DIRECTIONS), fill_value=0)
    )
    whole = [first + timedelta(days=n) for n in range((last - first).days + 1)]
    counts = counts.reindex(whole, fill_value=0).astype("int64")
    return counts.rename_axis(index="day", columns=None).reset_index()
