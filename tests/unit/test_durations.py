"""Percentiles and shares within a time, against naive counts of raw times."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from core import durations
from core.durations import (
    BUCKETS,
    DAY,
    EDGES,
    HIGHS,
    HOUR,
    LOWS,
    MINUTE,
    WITHIN,
    bucket_of,
    buckets_of,
    exact_percentiles,
    percentiles,
    share_within,
    waiting_share,
)

SHARES = (0.1, 0.5, 0.75, 0.9, 1.0)
TIMES = st.lists(
    st.floats(30, 400 * DAY - 1).map(lambda x: float(int(x))), min_size=1, max_size=80
)
SOON = st.lists(st.integers(30, 3 * DAY).map(float), min_size=1, max_size=80)


def histogram(seconds: list[float]) -> durations.Counts:
    return np.bincount(buckets_of(np.array(seconds)), minlength=BUCKETS)


def kaplan_meier(took: list[float], waits: list[float], until: float) -> float:
    """Give the share answered within a time, one by one, as the book says."""
    rows = pd.DataFrame({"t": [*took, *waits], "d": [1] * len(took) + [0] * len(waits)})
    left = 1.0
    for t, some in rows[rows["t"] <= until].groupby("t"):
        left *= 1 - some["d"].sum() / (rows["t"] >= t).sum()
    return 1 - left


def test_buckets_follow_each_other_and_meet_at_what_is_asked_for() -> None:
    assert len(EDGES) + 1 == BUCKETS == 128
    assert sorted(EDGES) == EDGES
    assert {30, 15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 7 * DAY, 400 * DAY} <= {
        round(edge, 6) for edge in EDGES
    }
    assert 0.1 < WITHIN < 0.125
    assert [bucket_of(x) for x in (0, 29.9, 30, 400 * DAY, 10**10)] == [
        0, 0, 1, 127, 127,
    ]  # fmt: skip
    assert list(buckets_of(np.array([0.0, 30.0, 1e10]))) == [0, 1, 127]
    for seconds in (31, 1000, 86_399, 86_400, 10**7):
        assert LOWS[bucket_of(seconds)] <= seconds < HIGHS[bucket_of(seconds)]


@given(st.one_of(TIMES, SOON))
def test_percentiles_are_as_near_as_is_said(seconds: list[float]) -> None:
    found = percentiles(histogram(seconds), SHARES)
    ordered = sorted(seconds)
    for share, one in zip(SHARES, found, strict=True):
        truth = ordered[max(int(np.ceil(share * len(ordered) - 1e-9)), 1) - 1]
        assert truth / (1 + WITHIN) <= one <= truth * (1 + WITHIN)
    exact = exact_percentiles(np.array(seconds), SHARES)
    assert exact[-1] == ordered[-1]
    assert exact == [
        ordered[max(int(np.ceil(s * len(ordered) - 1e-9)), 1) - 1] for s in SHARES
    ]


def test_of_nothing_there_are_no_percentiles() -> None:
    nothing = np.zeros(BUCKETS, np.int64)
    assert np.isnan(percentiles(nothing, SHARES)).all()
    assert np.isnan(exact_percentiles(np.array([]), SHARES)).all()
    left = waiting_share(nothing, np.array([]), np.array([], np.int64))
    assert np.isnan(share_within(left, DAY))


@given(SOON)
def test_where_nothing_waits_shares_are_plain_counts(seconds: list[float]) -> None:
    left = waiting_share(histogram(seconds), np.array([]), np.array([], np.int64))
    for until in (15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY):
        plain = sum(one < until for one in seconds) / len(seconds)
        assert share_within(left, until) == pytest.approx(plain)


@settings(max_examples=60)
@given(
    st.integers(0, 2**32), st.integers(40, 400), st.floats(0.05, 0.6),
)  # fmt: skip
def test_what_waits_is_censored_as_kaplan_and_meier_say(
    seed: int, count: int, share: float
) -> None:
    drawn = np.random.default_rng(seed)
    times = np.exp(drawn.normal(9, 2, count)).clip(30, 300 * DAY)
    ages = drawn.uniform(0, 20 * DAY, count)
    waits = (drawn.random(count) < share) | (times > ages)
    took, old = times[~waits].tolist(), ages[waits].tolist()
    left = waiting_share(histogram(took), np.array(old), np.ones(len(old), np.int64))
    at_risk = [(np.array([*took, *old]) >= e).sum() for e in EDGES]
    for until in (15 * MINUTE, HOUR, 4 * HOUR, DAY, 2 * DAY, 7 * DAY):
        found = share_within(left, until)
        if at_risk[EDGES.index(until)] > 10:  # of few, one that leaves is much
            assert found == pytest.approx(kaplan_meier(took, old, until), abs=0.04)


def test_a_share_that_nobody_has_waited_for_is_not_told() -> None:
    left = waiting_share(
        histogram([600.0]), np.array([2.0 * HOUR]), np.array([1], np.int64)
    )
    assert share_within(left, HOUR) == pytest.approx(0.5)
    assert np.isnan(share_within(left, DAY))
    all_answered = waiting_share(histogram([600.0]), np.array([]), np.array([], int))
    assert share_within(all_answered, 30 * DAY) == 1


def test_between_two_edges_the_share_grows() -> None:
    left = waiting_share(histogram([40_000.0] * 10), np.array([]), np.array([], int))
    bucket = bucket_of(40_000)
    low, high = EDGES[bucket - 1], EDGES[bucket]
    shares = [share_within(left, x) for x in (low, (low * high) ** 0.5, high)]
    assert shares == pytest.approx([0, 0.5, 1])
