"""How long things take: in buckets; percentiles, and shares within a time. Pure.

A histogram has 128 buckets: below 30 s, then steps that grow by an eighth at most, then
400 days and more. What people ask for (15 minutes, a day, a week) is where two meet.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

MINUTE, HOUR, DAY = 60, 3_600, 86_400
# From each of these to the next: so many buckets.
STEPS = (
    (30, 31), (15 * MINUTE, 13), (HOUR, 12), (4 * HOUR, 16), (DAY, 6), (2 * DAY, 11),
    (7 * DAY, 13), (30 * DAY, 24), (400 * DAY, 0),
)  # fmt: skip
Counts = NDArray[np.int64]
Numbers = NDArray[np.float64]


def _edges() -> list[float]:
    edges: list[float] = []
    for (low, steps), (high, _) in pairwise(STEPS):
        edges += [low * (high / low) ** (n / steps) for n in range(steps)]
    return [*edges, float(STEPS[-1][0])]


EDGES = _edges()
BUCKETS = len(EDGES) + 1
# By how much a percentile may be off, as a share of it: a bucket's width.
WITHIN = max(high / low for low, high in pairwise(EDGES)) - 1
LOWS = np.array([0.0, *EDGES])
HIGHS = np.array([*EDGES, EDGES[-1]])


def bucket_of(seconds: float) -> int:
    """Give the number of the bucket that a time falls into."""
    return bisect_right(EDGES, seconds)


def buckets_of(seconds: Numbers) -> Counts:
    """Give the bucket of each of many times."""
    return np.searchsorted(np.array(EDGES), seconds, side="right").astype(np.int64)


def percentiles(counts: Counts, shares: Sequence[float]) -> Numbers:
    """Give the least time within which such a share of a histogram lies, in seconds.

    `counts`: a histogram, or a row of each of many; so is what is given, by share.
    Within its bucket by the logarithm of time: so it is off by `WITHIN` at most, beyond
    the first 30 s and before 400 days. NaN: nothing was counted.
    """
    upto = counts.cumsum(-1)
    total = upto[..., -1:]
    ranks = np.maximum(np.ceil(total * np.array(shares) - 1e-9), 1)
    buckets = (upto[..., np.newaxis, :] < ranks[..., np.newaxis]).sum(-1)
    buckets = np.minimum(buckets, BUCKETS - 1)  # beyond the last: nothing was counted
    inside = np.take_along_axis(counts, buckets, -1)
    before = np.take_along_axis(upto, buckets, -1) - inside
    parts = (ranks - before - 0.5) / np.maximum(inside, 1)
    low, high = LOWS[buckets], HIGHS[buckets]
    ratio = np.divide(high, low, out=np.ones_like(high), where=low > 0)
    found = np.where(low > 0, low * ratio**parts, high * parts)
    return np.where(total > 0, found, np.nan)


def exact_percentiles(seconds: Numbers, shares: Sequence[float]) -> list[float]:
    """Give the same of times that are known one by one."""
    if not len(seconds):
        return [float("nan")] * len(shares)
    return [float(x) for x in np.quantile(seconds, shares, method="inverted_cdf")]


def waiting_share(counts: Counts, ages: Numbers, how_many: Counts) -> Numbers:
    """Give the share not answered at the end of each bucket, as Kaplan and Meier do.

    `counts`: a histogram of what was answered; `ages` in seconds, of so many each, that
    are not answered yet (censored). Within a bucket, these leave in its middle
    (the actuarial estimate). NaN: nobody has waited that long.
    """
    censored = np.bincount(buckets_of(ages), weights=how_many, minlength=BUCKETS)
    leaving = counts + censored
    at_risk = leaving[::-1].cumsum()[::-1]
    exposed = at_risk - censored / 2
    some = exposed > 0
    ends = np.divide(counts, exposed, out=np.zeros(BUCKETS), where=some)
    left = np.cumprod(1 - ends)
    # Beyond the last that is known of, the estimate says nothing, unless none is left.
    unknown = (at_risk <= 0) & (left > 0)
    return np.where(unknown, np.nan, left)


def share_within(left: Numbers, seconds: float) -> float:
    """Give the share answered within a time, from `waiting_share`."""
    bucket = bucket_of(seconds)
    before = float(left[bucket - 1]) if bucket else 1.0
    low, high = LOWS[bucket], HIGHS[bucket]
    if seconds <= low or bucket == BUCKETS - 1:
        return 1 - before
    part = np.log(seconds / low) / np.log(high / low) if low else seconds / high
    return float(1 - before + (before - left[bucket]) * part)
