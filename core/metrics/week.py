"""When in a week mail comes and goes."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pandas as pd

HOURS, WEEKDAYS = range(24), range(7)


def week(slots: pd.DataFrame, zone: ZoneInfo) -> pd.DataFrame:
    """Count by hour of the week: weekday (0: Monday), hour, received, sent; 168 rows.

    An hour that clocks show twice is counted into one.
    """
    here = slots["at"].dt.tz_convert(zone)
    keys = {"weekday": here.dt.day_of_week, "hour": here.dt.hour}
    table = (
        slots.assign(**keys)
        .pivot_table(
            index=["weekday", "hour"],
            columns="direction",
            values="messages",
            aggfunc="sum",
            fill_value=0,
        )
        .reindex(columns=["received", "sent"], fill_value=0)
    )
    every = pd.MultiIndex.from_product([WEEKDAYS, HOURS], names=["weekday", "hour"])
    counts = table.reindex(every, fill_value=0).astype("int64")
    return counts.rename_axis(columns=None).reset_index()


def last_day_with(
    slots: pd.DataFrame, weekday: int, hour: int, direction: str, zone: ZoneInfo
) -> date | None:
    """Give the latest day of a weekday with a message of that hour; None: no such."""
    here = slots["at"].dt.tz_convert(zone)
    wanted = (here.dt.day_of_week == weekday) & (here.dt.hour == hour)
    found = here[wanted & (slots["direction"] == direction) & (slots["messages"] > 0)]
    return None if found.empty else found.max().date()
