"""What lies below the ups and downs of days: averages of a week, and usual weekdays."""

from __future__ import annotations

import pandas as pd

from core.metrics.days import DIRECTIONS

WINDOW = 7
WEEKDAYS_LEAST = 3  # days of a weekday, for its median to say what is usual
LEVELS_LEAST = 4  # days of a week with a level, for their median to say something


def moving_average(days: pd.DataFrame, window: int = WINDOW) -> pd.DataFrame:
    """Average each day and the six before it: start, received, sent.

    `days`: start, received, sent; one row a day. What lies before the first day with
    a message, and after the last, is unknown and no nought: where a day of the window
    is unknown there is no average.
    """
    known = _known(days)
    return days[["start"]].join(
        days[list(DIRECTIONS)].where(known).rolling(window, min_periods=window).mean()
    )


def weekday_level(days: pd.DataFrame) -> pd.DataFrame:
    """Give each day against its weekday: start, messages, usual, level, trend.

    `usual` is the median of the days of the same weekday (three or more of them),
    `level` 1 for a day as usual, `trend` the median level of a day and the six before
    it (four or more of them). Days without data at the edges are left out.
    """
    messages = days[list(DIRECTIONS)].sum(axis="columns").where(_known(days))
    weekday = days["start"].dt.day_of_week
    per_weekday = messages.groupby(weekday)
    enough = per_weekday.transform("count") >= WEEKDAYS_LEAST
    usual = per_weekday.transform("median").where(enough)
    level = messages / usual.where(usual > 0)
    columns = {"messages": messages, "usual": usual, "level": level}
    trend = level.rolling(WINDOW, min_periods=LEVELS_LEAST).median()
    return days[["start"]].assign(**columns, trend=trend)


def _known(days: pd.DataFrame) -> pd.Series:
    """Tell which days lie between the first and the last with a message."""
    some = days[list(DIRECTIONS)].sum(axis="columns") > 0
    return some.cummax() & some[::-1].cummax()[::-1]
