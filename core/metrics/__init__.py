"""Frames in, frames out: what METRICS defines, and nothing else. Pure."""

from core.metrics.days import (
    DEFAULT_ASIDES,
    DEFAULT_KINDS,
    DIRECTIONS,
    bounds,
    chosen,
    per_day,
)
from core.metrics.periods import (
    Against,
    Change,
    Days,
    Step,
    change,
    compared,
    starts,
)
from core.metrics.steps import growth, per_step
from core.metrics.trends import WINDOW, moving_average, weekday_level
from core.metrics.week import last_day_with, week

__all__ = [
    "DEFAULT_ASIDES",
    "DEFAULT_KINDS",
    "DIRECTIONS",
    "WINDOW",
    "Against",
    "Change",
    "Days",
    "Step",
    "bounds",
    "change",
    "chosen",
    "compared",
    "growth",
    "last_day_with",
    "moving_average",
    "per_day",
    "per_step",
    "starts",
    "week",
    "weekday_level",
]
