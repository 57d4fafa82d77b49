"""Response times counted in groups, as frames: how many, and percentiles. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from core.durations import (
    BUCKETS,
    Counts,
    Numbers,
    buckets_of,
    exact_percentiles,
    percentiles,
)

Name = TypeVar("Name")
SHARES = (0.5, 0.75, 0.9)
PERCENTILES = ("p50", "p75", "p90")
COLUMNS = ("answered", "waiting", "reply_rate", *PERCENTILES)


class Group(NamedTuple):
    """What was counted together. `counts`: a histogram of what was answered."""

    answered: int
    waiting: int
    counts: Counts


def of_times(took_s: Numbers) -> Group:
    """Count times that are known one by one; NaN: it waits."""
    known = took_s[~np.isnan(took_s)]
    counts = np.bincount(buckets_of(known), minlength=BUCKETS)
    return Group(len(known), len(took_s) - len(known), counts.astype(np.int64))


def summed(some: Sequence[Group]) -> Group:
    """Sum groups."""
    counts = np.zeros(BUCKETS, np.int64)
    for one in some:
        counts = counts + one.counts
    answered = sum(one.answered for one in some)
    return Group(answered, sum(one.waiting for one in some), counts)


def together(
    found: Mapping[int, Group], names: Mapping[int, Name]
) -> dict[Name, Group]:
    """Sum what is of one name."""
    of: dict[Name, list[Group]] = {}
    for key, one in found.items():
        of.setdefault(names[key], []).append(one)
    return {name: summed(some) for name, some in of.items()}


def row(one: Group, took_s: Numbers | None = None) -> dict[str, Any]:
    """Give a row of a frame; by times one by one, if they are known."""
    if took_s is None:
        found = percentiles(one.counts, SHARES).tolist()
    else:
        found = exact_percentiles(took_s[~np.isnan(took_s)], SHARES)
    return _row(one, found)


def frame(found: Mapping[Any, Group], *names: str) -> pd.DataFrame:
    """Give a row of each group, by its key: one name, or a tuple of them."""
    keys = [key if isinstance(key, tuple) else (key,) for key in found]
    counts = np.array([one.counts for one in found.values()], np.int64)
    times = percentiles(counts.reshape(-1, BUCKETS), SHARES).tolist()
    rows = [
        {**dict(zip(names, key, strict=True)), **_row(one, some)}
        for key, one, some in zip(keys, found.values(), times, strict=True)
    ]
    return pd.DataFrame(rows, columns=[*names, *COLUMNS])


def most_first(found: pd.DataFrame) -> pd.DataFrame:
    """Put rows in order: those of most messages first, then by name."""
    name, many = found.columns[0], found["answered"] + found["waiting"]
    found = found.assign(many=many).sort_values(["many", name], ascending=[False, True])
    return found.drop(columns="many").reset_index(drop=True)


def _row(one: Group, times: Sequence[float]) -> dict[str, Any]:
    both = one.answered + one.waiting
    return {
        "answered": one.answered,
        "waiting": one.waiting,
        "reply_rate": one.answered / both if both else float("nan"),
        **dict(zip(PERCENTILES, times, strict=True)),
    }
