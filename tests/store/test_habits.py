"""A habit is what a naive recount gives, and is learnt only from what was there."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from core import quiet
from core.jobs import doubts
from core.model import Cursor
from core.runtime import Runtime
from core.silence import HOUR, hour_of, learn
from core.store import folders, habits, quarters
from core.store.engine import reading, writing
from core.store.quarters import Attempt
from tests.store.building import connected, listed
from tests.store.following import NOW, arrive, at, followed, office_hours, stand

UTC = ZoneInfo("UTC")
WHATS = st.sampled_from(
    [("received", "no", "person"), ("received", "no", "bounce"),
     ("received", "junk", "person"), ("sent", "no", "person")]
)  # fmt: skip


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=20)
@given(
    st.lists(st.tuples(st.integers(0, 100 * 24 * 60), WHATS), max_size=120, unique=True)
)
def test_a_habit_equals_a_naive_recount(
    runtime: Runtime, mail: list[tuple[int, tuple[str, str, str]]]
):
    now = at(runtime, NOW)
    one = connected(now, f"Owner {runtime.clock()}")
    came: list[datetime] = []
    for what in sorted({w for _, w in mail}):
        mine = [NOW - timedelta(minutes=m) for m, w in mail if w == what]
        arrive(now, one, mine, *what)
        came += mine if what[:2] == ("received", "no") else []
    with reading(now.engine) as conn:
        kept = habits.learnt(conn, one, NOW)
    assert kept.last_arrival_at == max(came, default=None)
    hours = pd.Series(came, dtype="datetime64[ms, UTC]").dt.floor("h").value_counts()
    counts = {
        hour_of(pd.Timestamp(str(h)).to_pydatetime()): int(n) for h, n in hours.items()
    }
    first, last = min(counts, default=0), max(counts, default=0)
    assert kept.habit == learn(counts, first, last)


def test_a_habit_is_learnt_once_a_day_and_read_as_it_was_kept(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, office_hours(6))
    doubts.learn(now)
    with reading(now.engine) as conn:
        kept, fresh = habits.of(conn, one), habits.learnt(conn, one, NOW)
        assert habits.due(conn, NOW + timedelta(hours=23), 9) == []
        assert habits.due(conn, NOW + timedelta(hours=25), 9) == [one]
    assert kept is not None
    assert kept[1:] == fresh[1:]
    assert kept.habit.empty == pytest.approx(fresh.habit.empty, abs=1e-5)
    assert kept.habit.again == pytest.approx(fresh.habit.again, abs=1e-5)
    assert kept.habit.of_mail == fresh.habit.of_mail
    doubts.learn(at(runtime, NOW + timedelta(hours=25)))  # in the place of the other


def test_an_inbox_that_is_still_being_read_teaches_nothing(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, office_hours(6))
    inbox = listed(now, one, "Inbox")["Inbox"]
    with writing(now.engine) as conn:
        folders.set_cursor(conn, inbox, Cursor(1, 500, 900, 0, 400))
    doubts.learn(now)
    with writing(now.engine) as conn:
        assert habits.of(conn, one) is None
        folders.set_cursor(conn, inbox, Cursor(1, 1, 900, 0, 899))
        assert habits.due(conn, NOW, 9) == [one]


def test_days_on_which_nobody_looked_are_left_out(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, office_hours(6))
    stand(now, one, connected_at=NOW - timedelta(days=30))
    looked = [NOW - timedelta(days=8) + n * HOUR for n in range(8 * 24)]
    away = NOW.date() - timedelta(days=5)
    with writing(now.engine) as conn:
        quarters.note(conn, [Attempt(one, h) for h in looked if h.date() != away])
    with reading(now.engine) as conn:
        learnt = habits.learnt(conn, one, NOW).habit.days
    with writing(now.engine) as conn:
        quarters.note(conn, [Attempt(one, h) for h in looked if h.date() == away])
    with reading(now.engine) as conn:
        whole = habits.learnt(conn, one, NOW).habit.days
    assert whole - learnt in {1, 2}  # its own day may begin within ours


def test_what_a_page_is_told(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, office_hours(6))
    known = quiet.of(now, one, UTC)
    assert known.enough
    assert known.last_arrival_at == NOW - timedelta(days=2, hours=16)  # Friday, 16 h
    assert not known.silent
    stand(now, one, seen_at=NOW + timedelta(days=5))
    later = quiet.of(at(runtime, NOW + timedelta(days=5)), one, UTC)
    assert later.silent
    assert later.expected == pytest.approx(40, abs=2)
    assert later.p < 0.001


def test_the_map_is_in_the_zone_of_the_reader(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, office_hours(6))
    for zone, first in (("UTC", 9), ("America/Sao_Paulo", 6), ("Asia/Tokyo", 18)):
        week = quiet.of(now, one, ZoneInfo(zone)).week
        monday = week[(week["weekday"] == 0) & (week["expected"] > 0)]
        assert monday["hour"].iloc[0] == (first if zone != "Asia/Tokyo" else 18)


def test_nine_days_are_too_little(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, office_hours(9, NOW)[-56:])
    known = quiet.of(now, one, UTC)
    assert not known.enough
    assert known.days in {7, 8, 9}
    assert known.silent_at is None


def test_a_mailbox_without_any_mail(runtime: Runtime):
    now = at(runtime, NOW)
    one = followed(now, [])
    doubts.learn(now)
    known = quiet.of(now, one, UTC)
    assert (known.days, known.enough, known.silent, known.p) == (0, False, False, 1.0)
