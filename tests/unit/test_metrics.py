"""Volume per day, in zones where days are 23 and 25 hours long (METRICS, row 53)."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import given, strategies as st

from core import metrics

ZONES = ["UTC", "America/Sao_Paulo", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"]
SPRING, AUTUMN = date(2026, 3, 29), date(2026, 10, 25)  # Europe/Berlin


def slots(moments: list[datetime], kind: str = "person") -> pd.DataFrame:
    """Make a frame as the store gives it: one message in each quarter of an hour."""
    quarters = [m.replace(minute=m.minute // 15 * 15, second=0) for m in moments]
    frame = pd.DataFrame({"at": pd.to_datetime(quarters, utc=True)})
    return frame.assign(direction="received", kind=kind, aside="no", messages=1)


@pytest.mark.parametrize(("day", "hours"), [(SPRING, 23), (AUTUMN, 25)])
def test_days_of_23_and_25_hours(day: date, hours: int) -> None:
    zone = ZoneInfo("Europe/Berlin")
    start, end = (m.astimezone(UTC) for m in metrics.bounds(day, day, zone))
    moments = [start + timedelta(minutes=15 * n) for n in range(4 * hours)]
    assert end - start == timedelta(hours=hours)
    counted = metrics.per_day(slots(moments), day, day, zone)
    assert list(counted["received"]) == [4 * hours]


@given(
    offsets=st.lists(st.integers(0, 60 * 24 * 60), min_size=1, max_size=60),
    zone=st.sampled_from(ZONES),
)
def test_equal_to_a_naive_count(offsets: list[int], zone: str) -> None:
    here = ZoneInfo(zone)
    moments = [datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=n) for n in offsets]
    first, last = date(2026, 2, 27), date(2026, 5, 3)
    counted = metrics.per_day(slots(moments), first, last, here)
    naive = pd.Series([m.astimezone(here).date() for m in moments]).value_counts()
    assert dict(counted[counted["received"] > 0].set_index("day")["received"]) == dict(
        naive
    )
    assert len(counted) == (last - first).days + 1


def test_other_kinds_are_a_choice() -> None:
    moments = [datetime(2026, 3, 1, tzinfo=UTC)]
    day, zone = date(2026, 3, 1), ZoneInfo("UTC")
    frame = slots(moments, kind="automatic")
    assert metrics.per_day(frame, day, day, zone)["received"].sum() == 0
    chosen = metrics.per_day(frame, day, day, zone, kinds=["automatic"])
    assert chosen["received"].sum() == 1


def test_nothing_at_all_gives_days_of_nought() -> None:
    day = date(2026, 3, 1)
    counted = metrics.per_day(slots([]), day, day + timedelta(days=2), ZoneInfo("UTC"))
    assert list(counted["sent"]) == [0, 0, 0]
