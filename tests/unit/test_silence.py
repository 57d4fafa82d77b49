"""Silence: what a history teaches, and what no history can."""

from __future__ import annotations

from datetime import datetime, timedelta
from math import prod

import pytest
from hypothesis import given, strategies as st

from core.clock import EPOCH
from core.silence import (
    DAY_H,
    HOUR,
    IMPROBABLE,
    WEEK_H,
    Habit,
    expected,
    hour_of,
    learn,
    of_week,
    probability,
    silent_from,
    written,
)
from tests.silent_mailboxes import KINDS, measure

MONDAY = datetime.fromisoformat("2026-03-02T00:00+00:00")
BEGIN = hour_of(MONDAY)
NINE_TO_FIVE = range(9, 17)


def weekly(hours: list[int], weeks: int, n: int = 1) -> dict[int, int]:
    """Mail in the same hours of every week."""
    return {BEGIN + week * WEEK_H + h: n for week in range(weeks) for h in hours}


OFFICE = [day * DAY_H + hour for day in range(5) for hour in NINE_TO_FIVE]


def office(weeks: int = 12) -> Habit:
    return learn(weekly(OFFICE, weeks), BEGIN, BEGIN + weeks * WEEK_H)


def at(week: int, day: int, hour: int, minute: int = 0) -> datetime:
    return MONDAY + timedelta(weeks=week, days=day, hours=hour, minutes=minute)


def test_an_hour_of_the_week_begins_on_monday():
    assert [of_week(hour_of(at(0, d, h))) for d, h in ((0, 0), (0, 9), (6, 23))] == [
        0,
        9,
        167,
    ]


def test_the_day_begins_where_mail_is_rarest():
    assert office().starts not in NINE_TO_FIVE
    late = [day * DAY_H + hour % DAY_H for day in range(7) for hour in range(20, 30)]
    assert learn(weekly(late, 12), BEGIN, BEGIN + 12 * WEEK_H).starts in range(9, 17)


@pytest.mark.parametrize(
    ("weeks", "enough", "days"), [(1, False, 7), (3, False, 21), (5, True, 35)]
)
def test_four_weeks_of_history_are_needed(weeks: int, enough: bool, days: int):
    habit = office(weeks)
    assert habit.enough is enough
    assert days - 1 <= habit.days <= days
    assert (silent_from(at(weeks, 0, 9), habit) is not None) is enough


def test_at_most_twelve_weeks_are_used():
    long = weekly(OFFICE, 40) | weekly([6 * DAY_H + 12], 20)  # Sundays, long ago
    assert learn(long, BEGIN, BEGIN + 40 * WEEK_H).days == 84
    assert learn(long, BEGIN, BEGIN + 40 * WEEK_H).expected[6 * DAY_H + 12] == 0


def test_a_weekend_is_not_silence_and_a_week_is():
    friday = at(12, 4, 16, 30)
    assert probability(office(), friday, at(13, 0, 9)) > 0.5
    told = silent_from(friday, office())
    assert told is not None
    assert at(13, 2, 9) <= told <= at(13, 3, 12)


def test_one_silent_day_is_never_improbable_after_twelve_weeks():
    assert probability(office(), at(12, 0, 16), at(12, 1, 23)) > IMPROBABLE


def test_holidays_in_the_history_make_another_one_probable():
    shut = {
        hour_of(at(week, day, 0)) // DAY_H for week, day in ((2, 1), (6, 4), (9, 0))
    }
    mail = {h: n for h, n in weekly(OFFICE, 12).items() if h // DAY_H not in shut}
    habit = learn(mail, BEGIN, BEGIN + 12 * WEEK_H)
    silence = at(12, 0, 16), at(12, 2, 2)
    assert probability(habit, *silence) > 3 * probability(office(), *silence)


def test_a_week_of_silence_in_the_history_makes_days_stand_together():
    mail = {
        h: n for h, n in weekly(OFFICE, 12).items() if h // WEEK_H != BEGIN // WEEK_H
    }
    away = {h: n for h, n in mail.items() if not BEGIN + 672 <= h < BEGIN + 840}
    together = learn(away, BEGIN, BEGIN + 12 * WEEK_H)
    told, later = (
        silent_from(at(12, 0, 16), office()),
        silent_from(at(12, 0, 16), together),
    )
    assert told is not None
    assert later is None or later > told + timedelta(days=3)


def test_round_the_clock_half_a_day_is_enough():
    habit = learn(weekly(list(range(WEEK_H)), 12, 5), BEGIN, BEGIN + 12 * WEEK_H)
    told = silent_from(at(12, 2, 10), habit)
    assert told is not None
    assert told - at(12, 2, 10) < timedelta(hours=19)


def test_days_that_are_not_known_are_left_out():
    hours = range(hour_of(at(5, 0, 0)), hour_of(at(6, 0, 0)))
    mail = {h: n for h, n in weekly(OFFICE, 12).items() if h not in hours}
    taught = learn(mail, BEGIN, BEGIN + 12 * WEEK_H)
    left_out = learn(mail, BEGIN, BEGIN + 12 * WEEK_H, hours)
    assert left_out.days in {76, 77, 78}
    silence = at(12, 0, 16), at(12, 3, 2)
    assert probability(left_out, *silence) < probability(taught, *silence) / 3


def test_expected_counts_whole_hours_only():
    habit = learn(weekly(OFFICE, 12, 3), BEGIN, BEGIN + 12 * WEEK_H)
    assert expected(habit, at(12, 0, 8, 30), at(12, 0, 12, 59)) == pytest.approx(9)
    assert expected(habit, at(12, 0, 8), at(14, 0, 8)) == pytest.approx(240)
    assert expected(habit, at(12, 0, 9), at(12, 0, 9, 30)) == 0


@pytest.mark.parametrize(
    ("p", "text"),
    [(0.00042, "0.00042"), (0.0004, "0.0004"), (0.000999, "0.001"), (1.0, "1"),
     (0.25, "0.25"), (1e-9, "< 0.000001")],
)  # fmt: skip
def test_a_probability_is_written_with_two_digits(p: float, text: str):
    assert written(p) == text


# ---- whatever the history is

histories = st.lists(st.integers(0, 12 * WEEK_H - 1), min_size=1, max_size=300).map(
    lambda hours: {BEGIN + h: 1 + h % 3 for h in hours}
)
spans = st.integers(0, 35 * DAY_H)


@given(histories, st.integers(0, WEEK_H), spans, spans)
def test_more_silence_is_never_less_improbable(
    mail: dict[int, int], since: int, one: int, other: int
):
    habit = learn(mail, BEGIN, BEGIN + 12 * WEEK_H)
    last = at(12, 0, 0, 20) + since * HOUR
    short, long = sorted((one, other))
    p, q = (probability(habit, last, last + n * HOUR) for n in (short, long))
    assert 0 < q <= p <= 1


@given(histories, st.integers(0, WEEK_H))
def test_silence_is_told_in_the_first_hour_that_is_improbable(
    mail: dict[int, int], since: int
):
    habit = learn(mail, BEGIN, BEGIN + 12 * WEEK_H)
    last = at(12, 0, 0, 20) + since * HOUR
    told = silent_from(last, habit)
    if told is None:
        assert probability(habit, last, last + timedelta(days=29)) >= IMPROBABLE
    else:
        assert probability(habit, last, told) < IMPROBABLE
        assert probability(habit, last, told - HOUR) >= IMPROBABLE


@given(histories)
def test_rates_are_probabilities(mail: dict[int, int]):
    habit = learn(mail, BEGIN, BEGIN + 12 * WEEK_H)
    assert len(habit.empty) == len(habit.expected) == WEEK_H
    assert all(0 < p <= 1 for p in habit.empty)
    assert all(0 < power <= 1 for power in habit.again)
    assert sum(habit.expected) * habit.weeks <= sum(mail.values()) + 1e-6


@given(st.integers(0, DAY_H - 1))
def test_an_hour_that_always_has_mail_dominates(hour: int):
    mail = weekly([day * DAY_H + hour for day in range(7)], 12)
    habit = learn(mail, BEGIN, BEGIN + 12 * WEEK_H)
    full = habit.empty[2 * DAY_H + hour]
    assert full < 0.02
    others = [p for n, p in enumerate(habit.empty) if n % DAY_H != hour]
    assert prod(others) > full
    assert min(others) > 0.98


# ---- false alarms, and how soon a dead mailbox is found: docs/explain/watching.md


@pytest.mark.parametrize(
    ("kind", "false_a_year", "days"),
    [
        ("office, 20 a day", 0.5, 4.5),
        ("office, 20 a day, 12 holidays", 1.0, 8),
        ("round the clock, 200 a day", 0.5, 1),
        ("a newsletter each night, 10 a day", 0.5, 4),
    ],
)
def test_steady_mailboxes_cry_wolf_less_than_once_a_year(
    kind: str, false_a_year: float, days: float, soaking: bool
):
    found = measure(KINDS[kind], 20 if soaking else 2, 2 if soaking else 1)
    assert found.false_a_year <= false_a_year
    half = found.told(0.5)
    assert half is not None
    assert half <= days


def test_epoch_is_a_thursday():
    assert EPOCH.weekday() == 3
