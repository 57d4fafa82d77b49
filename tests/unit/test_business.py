"""Working time, against counting minutes one by one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings, strategies as st

from core.business import EPOCH, Calendar, days_off, first_day, month_number
from core.errors import BadInput
from core.settings import Settings, read_settings

MINUTE_MS = 60_000
# Days on which clocks were set, in zones whose hours begin anywhere; and one of a jump
# over a whole day.
CHANGES = (
    ("America/Sao_Paulo", date(2018, 11, 4)), ("America/Sao_Paulo", date(2019, 2, 16)),
    ("Europe/Lisbon", date(2026, 3, 29)), ("Europe/Lisbon", date(2026, 10, 25)),
    ("Australia/Lord_Howe", date(2026, 4, 5)), ("Asia/Kolkata", date(2026, 1, 26)),
    ("Australia/Lord_Howe", date(2026, 10, 4)), ("Asia/Kathmandu", date(2026, 5, 1)),
    ("America/St_Johns", date(2026, 3, 8)), ("Pacific/Apia", date(2011, 12, 30)),
)  # fmt: skip
CALENDARS = (
    Calendar(),
    Calendar(holidays="BR-SP", own=frozenset({date(2026, 3, 30), date(2018, 11, 5)})),
    Calendar(opens=time(0), closes=time(0), weekdays=frozenset(range(1, 8))),
    Calendar(opens=time(0, 30), closes=time(1, 45), weekdays=frozenset({6, 7})),
    Calendar(opens=time(22, 15), closes=time(23, 45), weekdays=frozenset({6, 7, 1})),
    Calendar(holidays="", opens=time(8, 30), closes=time(17, 30)),
)


def ms(at: datetime) -> int:
    return (at - EPOCH) // timedelta(milliseconds=1)


def at_work(calendar: Calendar, at: datetime) -> bool:
    here = at.astimezone(ZoneInfo(calendar.zone))
    day, clock = here.date(), here.time()
    return (
        day.isoweekday() in calendar.weekdays
        and day not in days_off(calendar.holidays, day.year)
        and day not in calendar.own
        and calendar.opens <= clock
        and (clock < calendar.closes or calendar.closes == time())
    )


def naive(calendar: Calendar, start: datetime, minutes: int) -> int:
    """Count the minutes of which each is worked or not."""
    each = (start + timedelta(minutes=n) for n in range(minutes))
    return sum(at_work(calendar, at) for at in each)


@settings(max_examples=120)
@given(
    st.sampled_from(CHANGES), st.sampled_from(CALENDARS),
    st.integers(-3 * 1440, 1440), st.integers(0, 5 * 1440),
)  # fmt: skip
def test_it_is_the_minutes_that_are_worked(
    change: tuple[str, date], calendar: Calendar, offset: int, minutes: int
) -> None:
    zone, day = change
    here = Calendar(
        zone, calendar.opens, calendar.closes, calendar.weekdays, calendar.holidays,
        calendar.own,
    )  # fmt: skip
    start = datetime.combine(day, time(), UTC) + timedelta(minutes=offset)
    end = start + timedelta(minutes=minutes)
    expected = naive(here, start, minutes) * 60
    assert here.business_seconds(ms(start), ms(end)) == expected


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("America/Sao_Paulo", date(2018, 11, 4), 23),
        ("America/Sao_Paulo", date(2019, 2, 16), 25),
        ("Europe/Lisbon", date(2026, 3, 29), 23),
        ("Europe/Lisbon", date(2026, 10, 25), 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Pacific/Apia", date(2011, 12, 30), 0),
    ],
)
def test_a_day_has_as_many_hours_as_it_has(zone: str, day: date, hours: float) -> None:
    always = Calendar(zone, time(), time(), frozenset(range(1, 8)), "")
    start = always.start_of(day)
    end = always.start_of(day + timedelta(days=1))
    assert always.business_seconds(start, end) == hours * 3600


def test_over_years_the_sum_is_that_of_days() -> None:
    calendar = Calendar()
    first, last = date(2023, 11, 20), date(2026, 2, 10)
    days = [first + timedelta(days=n) for n in range((last - first).days)]
    expected = sum(calendar.works_on(day) for day in days) * 9 * 3600
    found = calendar.business_seconds(calendar.start_of(first), calendar.start_of(last))
    assert found == expected
    assert not calendar.works_on(date(2024, 11, 20))  # a national holiday since then
    assert calendar.works_on(date(2023, 11, 20))


def test_backwards_there_is_no_time_at_all() -> None:
    at = ms(datetime(2026, 3, 2, 15, tzinfo=UTC))
    assert Calendar().business_seconds(at, at - 3_600_000) == 0
    assert Calendar().business_seconds(at, at) == 0
    assert Calendar().business_seconds(at, at + 3_600_500) == 3600
    assert Calendar().business_seconds(-(10**15), 10**16) > 0  # whatever a mail says


def test_it_is_read_as_it_is_written() -> None:
    for one in CALENDARS:
        assert Calendar.from_json(one.to_json()) == one
        assert one.to_json() == Calendar.from_json(one.to_json()).to_json()
    day = date(2026, 5, 17)
    assert first_day(month_number(day)) == date(2026, 5, 1)
    assert Calendar().month(ms(datetime(2026, 6, 1, 2, tzinfo=UTC))) == (
        month_number(day)
    )


def test_settings_say_when_people_work(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Settings().calendar == Calendar()
    for name, value in {
        "ZONE": "America/Manaus", "HOURS": "08:30 - 24:00", "HOLIDAYS": "br-am",
        "WEEKDAYS": "Mon, wed,SAT-sun", "DAYS_OFF": "2026-12-24, 2026-12-31,",
    }.items():  # fmt: skip
        monkeypatch.setenv(f"MALOTE_{name}", value)
    assert read_settings().calendar == Calendar(
        "America/Manaus", time(8, 30), time(0), frozenset({1, 3, 6, 7}), "BR-AM",
        frozenset({date(2026, 12, 24), date(2026, 12, 31)}),
    )  # fmt: skip
    monkeypatch.setenv("MALOTE_WEEKDAYS", "fri-mon")
    monkeypatch.setenv("MALOTE_HOLIDAYS", "")
    assert read_settings().weekdays == {5, 6, 7, 1}
    assert read_settings().holidays == ""


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ZONE", "Sao_Paulo", "time zone"), ("ZONE", "America", "time zone"),
        ("ZONE", "", "time zone"), ("HOURS", "9-18", "09:00-18:00"),
        ("HOURS", "18:00-09:00", "end later"), ("HOURS", "", "09:00-18:00"),
        ("WEEKDAYS", "seg-sex", "mon-fri"), ("WEEKDAYS", "", "mon-fri"),
        ("HOLIDAYS", "XX", "BR-SP"), ("HOLIDAYS", "BR-ZZ", "BR-SP"),
        ("DAYS_OFF", "24/12/2026", "2026-12-24"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"MALOTE_{name}", value)
    with pytest.raises(BadInput) as wrong:
        read_settings()
    assert wrong.value.field == f"MALOTE_{name}"
    assert said in str(wrong.value.facts["reason"])
