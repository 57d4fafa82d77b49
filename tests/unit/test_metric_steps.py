"""Metrics against a naive recount with nothing but the standard library."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from statistics import median
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from core import metrics
from core.metrics import Against, Days, Step

BERLIN = ZoneInfo("Europe/Berlin")
ZONES = [
    *("UTC", "America/Sao_Paulo", "Europe/Berlin", "America/New_York"),
    *("Asia/Kolkata", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham"),
]
# Around both days on which Europe and America change their clocks.
SPRING, AUTUMN = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 10, 12, tzinfo=UTC)
MESSAGES = st.lists(
    st.tuples(
        st.integers(0, 35 * 96 - 1),  # quarters of an hour
        st.sampled_from(["received", "sent"]),
        st.integers(1, 5),
        st.integers(0, 9_000),
    ),
    max_size=60,
)


def slots(begin: datetime, messages: list[tuple[int, str, int, int]]) -> pd.DataFrame:
    columns = ["at", "direction", "messages", "size_bytes"]
    rows = [(begin + n * timedelta(minutes=15), *rest) for n, *rest in messages]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.assign(at=pd.to_datetime(frame["at"], utc=True))


def naive_start(at: datetime, step: Step, zone: ZoneInfo) -> object:
    here = at.astimezone(zone)
    day = here.date()
    match step:
        case Step.HOUR:
            return (day, here.hour, here.utcoffset())
        case Step.WEEK:
            return day - timedelta(days=day.isocalendar().weekday - 1)
        case Step.MONTH:
            return day.replace(day=1)
    return day


def shown_start(start: pd.Timestamp, step: Step, zone: ZoneInfo) -> object:
    if step is Step.HOUR:
        # An instant of that hour, by the clocks that were right when it ended.
        return naive_start(start.to_pydatetime() + timedelta(minutes=59), step, zone)
    return start.date()


@given(
    MESSAGES, st.sampled_from([SPRING, AUTUMN]), st.sampled_from(ZONES),
    st.sampled_from(list(Step)),
)  # fmt: skip
def test_steps_equal_a_naive_count(
    messages: list[tuple[int, str, int, int]], begin: datetime, name: str, step: Step
) -> None:
    zone = ZoneInfo(name)
    days = Days(begin.date() - timedelta(days=1), begin.date() + timedelta(days=36))
    counted = metrics.per_step(slots(begin, messages), days, step, zone)
    found: Counter[tuple[object, str]] = Counter()
    naive: Counter[tuple[object, str]] = Counter()
    for row in counted.to_dict("records"):
        start = shown_start(row["start"], step, zone)
        for column in ("received", "sent", "received_bytes", "sent_bytes"):
            found[start, column] += row[column]
    for n, direction, count, size in messages:
        start = naive_start(begin + n * timedelta(minutes=15), step, zone)
        naive[start, direction] += count
        naive[start, f"{direction}_bytes"] += size
    assert +found == +naive
    assert counted["start"].is_monotonic_increasing
    assert counted["start"].is_unique


@pytest.mark.parametrize(
    ("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)]
)
def test_a_day_has_as_many_hours_as_it_has(day: date, hours: int) -> None:
    start, end = metrics.bounds(day, day, BERLIN)
    every = range(
        int((end.astimezone(UTC) - start.astimezone(UTC)) / timedelta(hours=1))
    )
    frame = slots(start.astimezone(UTC), [(4 * n, "sent", 1, 10) for n in every])
    counted = metrics.per_step(frame, Days(day, day), Step.HOUR, BERLIN)
    assert list(counted["sent"]) == [1] * hours
    whole = metrics.per_step(frame, Days(day, day), Step.DAY, BERLIN)
    assert list(whole["sent"]) == [hours]


@given(MESSAGES, st.sampled_from([SPRING, AUTUMN]), st.sampled_from(ZONES))
def test_the_week_equals_a_naive_count(
    messages: list[tuple[int, str, int, int]], begin: datetime, name: str
) -> None:
    zone = ZoneInfo(name)
    frame = slots(begin, messages)
    grid = metrics.week(frame, zone)
    naive: Counter[tuple[int, int, str]] = Counter()
    last: dict[tuple[int, int, str], date] = {}
    for n, direction, count, _ in messages:
        here = (begin + n * timedelta(minutes=15)).astimezone(zone)
        key = (here.weekday(), here.hour, direction)
        naive[key] += count
        last[key] = max(last.get(key, here.date()), here.date())
    assert len(grid) == 168
    for row in grid.to_dict("records"):
        for direction in metrics.DIRECTIONS:
            key = (row["weekday"], row["hour"], direction)
            assert row[direction] == naive[key]
            assert metrics.last_day_with(frame, *key, zone) == last.get(key)


COUNTS = st.lists(
    st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40
)


def daily(counts: list[tuple[int, int]]) -> pd.DataFrame:
    days = pd.DataFrame(counts, columns=["received", "sent"])
    return days.assign(start=pd.date_range("2026-02-26", periods=len(counts)))


@given(COUNTS)
def test_the_average_is_of_seven_days_that_are_known(
    counts: list[tuple[int, int]],
) -> None:
    some = [n for n, pair in enumerate(counts) if any(pair)]
    averages = metrics.moving_average(daily(counts))
    for n, row in enumerate(averages.to_dict("records")):
        if not some or n - 6 < some[0] or n > some[-1]:
            assert pd.isna(row["received"])
            continue
        seven = counts[n - 6 : n + 1]
        assert row["received"] == pytest.approx(sum(r for r, _ in seven) / 7)
        assert row["sent"] == pytest.approx(sum(s for _, s in seven) / 7)


@given(COUNTS)
def test_a_day_is_measured_by_its_weekday(counts: list[tuple[int, int]]) -> None:
    some = [n for n, pair in enumerate(counts) if any(pair)]
    known = range(some[0], some[-1] + 1) if some else range(0)
    levels = metrics.weekday_level(daily(counts))
    for n, row in enumerate(levels.to_dict("records")):
        alike = [sum(counts[m]) for m in known if m % 7 == n % 7]
        if n not in known or len(alike) < 3 or not median(alike):
            assert pd.isna(row["level"])
        else:
            assert row["level"] == pytest.approx(sum(counts[n]) / median(alike))
        week = levels["level"].iloc[max(0, n - 6) : n + 1].dropna().to_list()
        shown = median(week) if len(week) >= 4 else None
        assert (None if pd.isna(row["trend"]) else row["trend"]) == pytest.approx(shown)


@given(COUNTS)
def test_growth_ends_with_the_sum(counts: list[tuple[int, int]]) -> None:
    sizes = {"received_bytes": 1, "sent_bytes": 2}
    grown = metrics.growth(daily(counts).assign(**sizes))
    assert grown["received"].iloc[-1] == sum(r for r, _ in counts)
    assert grown["sent_bytes"].iloc[-1] == 2 * len(counts)
    assert grown["sent"].is_monotonic_increasing


@given(st.dates(date(1990, 1, 1), date(2090, 1, 1)), st.integers(0, 800))
def test_a_period_before_is_as_long_and_ends_where_it_begins(
    first: date, more: int
) -> None:
    days = Days(first, first + timedelta(days=more))
    before = metrics.compared(days, Against.BEFORE)
    assert before is not None
    assert before.count == days.count
    assert before.last + timedelta(days=1) == days.first
    assert metrics.compared(days, Against.NONE) is None


def test_a_year_before_a_leap_day() -> None:
    leap = Days(date(2028, 2, 29), date(2028, 3, 2))
    assert metrics.compared(leap, Against.YEAR) == Days(
        date(2027, 2, 28), date(2027, 3, 2)
    )


def test_a_change_is_a_share_of_what_was() -> None:
    now, before = pd.Series([2, 4]), pd.Series([3])
    assert metrics.change(now, before).share == pytest.approx(1.0)
    assert metrics.change(now, pd.Series([0])).share is None
    assert metrics.change(now, None).share is None


def test_from_within_and_from_without() -> None:
    frame = slots(SPRING, [(0, "sent", 1, 1), (1, "sent", 2, 1)])
    frame = frame.assign(kind="person", aside="no", internal=[True, False])
    assert list(metrics.chosen(frame, internal=True)["messages"]) == [1]
    assert list(metrics.chosen(frame, internal=False)["messages"]) == [2]
    assert len(metrics.chosen(frame)) == 2
    assert metrics.chosen(frame, asides=["junk"]).empty
