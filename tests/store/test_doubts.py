"""Doubts that time raises: told when they are due, ended when they are over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update

from core import watch
from core.connect import disconnect
from core.jobs import doubts
from core.runtime import Runtime
from core.silence import HOUR
from core.store import habits, incidents, workers
from core.store.doubts import Late
from core.store.engine import writing
from core.store.schema import folder
from tests.store.building import connected, listed
from tests.store.following import NOW, arrive, at, followed, office_hours, stand, wrong

MINUTE = timedelta(minutes=1)
LATER = NOW + timedelta(days=6)
FRIDAY = NOW - timedelta(days=2, hours=16)


def office(runtime: Runtime, weeks: int = 8, owner: str = "Ana") -> int:
    one = followed(at(runtime, NOW), office_hours(weeks), owner)
    doubts.learn(at(runtime, NOW))
    return one


def look(runtime: Runtime, now: datetime, one: int, **values: Any) -> Runtime:
    """Let time pass, with a mailbox being followed all the time, and judge."""
    then = at(runtime, now)
    stand(then, one, **{"seen_at": now, "next_at": now + MINUTE, **values})
    doubts.find_silent(then)
    return then


# ---- silence


def test_silence_is_told_and_ended_by_a_message(runtime: Runtime):
    one = office(runtime)
    look(runtime, NOW + timedelta(days=1), one)
    assert wrong(runtime, one) == {}
    look(runtime, LATER, one)
    facts = wrong(runtime, one)["silent"]
    assert facts["since_at"] == FRIDAY.isoformat()
    assert facts["expected"] == "40"
    assert 0 < float(facts["p"]) < 0.001
    arrive(runtime, one, [LATER + HOUR])
    look(runtime, LATER + 2 * HOUR, one)
    assert wrong(runtime, one) == {}


def test_it_is_told_at_the_foretold_hour_and_not_before(runtime: Runtime):
    one = office(runtime)
    with runtime.engine.connect() as conn:
        told = habits.of(conn, one)
    assert told is not None
    assert told.silent_at is not None
    look(runtime, told.silent_at - MINUTE, one)
    assert wrong(runtime, one) == {}
    look(runtime, told.silent_at, one)
    assert list(wrong(runtime, one)) == ["silent"]


def test_learning_anew_while_mail_came_ends_it_too(runtime: Runtime):
    one = office(runtime)
    look(runtime, LATER, one)
    arrive(runtime, one, [LATER + HOUR])
    doubts.learn(at(runtime, LATER + 2 * HOUR))
    look(runtime, LATER + 2 * HOUR, one)
    assert wrong(runtime, one) == {}


def test_the_silence_does_not_teach_itself(runtime: Runtime):
    one = office(runtime)
    look(runtime, LATER, one)
    much_later = LATER + timedelta(days=20)
    doubts.learn(at(runtime, much_later))
    look(runtime, much_later, one)
    assert list(wrong(runtime, one)) == ["silent"]


@pytest.mark.parametrize(
    "stands",
    [
        {"paused": True},
        {"problem_code": "unreachable", "failures": 3},
        {"seen_at": NOW},
        {"disconnected_at": NOW},
    ],
    ids=["paused", "failing", "behind", "ended"],
)
def test_nothing_is_silent_where_nobody_looks(runtime: Runtime, stands: dict[str, Any]):
    one = office(runtime)
    look(runtime, LATER, one, **stands)
    assert wrong(runtime, one) == {}


@pytest.mark.parametrize("weeks", [1, 3])
def test_nothing_is_silent_with_too_little_history(runtime: Runtime, weeks: int):
    one = office(runtime, weeks)
    look(runtime, NOW + timedelta(days=29), one)
    assert wrong(runtime, one) == {}


def test_spam_and_own_mail_do_not_end_silence_and_a_bounce_does(runtime: Runtime):
    one = office(runtime)
    arrive(runtime, one, [LATER - HOUR], aside="junk")
    arrive(runtime, one, [LATER - HOUR], direction="sent")
    look(runtime, LATER, one)
    assert list(wrong(runtime, one)) == ["silent"]
    arrive(runtime, one, [LATER], kind="bounce")
    look(runtime, LATER + HOUR, one)
    assert wrong(runtime, one) == {}


def pause(runtime: Runtime, one: int) -> None:
    watch.pause(runtime, one, "test")


def end(runtime: Runtime, one: int) -> None:
    disconnect(runtime, one, "test")


@pytest.mark.parametrize("act", [pause, end])
def test_a_person_who_stops_a_mailbox_ends_its_doubts(
    runtime: Runtime, act: Callable[[Runtime, int], None]
):
    one = office(runtime)
    then = look(runtime, LATER, one)
    act(then, one)
    doubts.find_silent(then)
    doubts.find_behind(at(runtime, LATER + timedelta(days=1)))
    assert wrong(runtime, one) == {}


def test_an_error_leaves_a_silence_as_it_was(runtime: Runtime):
    one = office(runtime)
    then = look(runtime, LATER, one)
    stand(then, one, problem_code="unreachable", failures=1)
    doubts.find_silent(then)
    assert list(wrong(runtime, one)) == ["silent"]


def test_the_same_silence_is_written_once_in_the_same_words(runtime: Runtime):
    one = office(runtime)
    for n in range(3):
        look(runtime, LATER + n * MINUTE, one)
    with runtime.engine.connect() as conn:
        (found,) = incidents.history(conn, one, 9)
    assert (found.times, found.since) == (1, LATER)


# ---- behind


@pytest.mark.parametrize(
    ("next_in", "seen_ago", "behind"),
    [
        (1, 4, False),  # polled each minute
        (1, 6, True),
        (25, 29, False),  # watched: a proof each ten minutes
        (25, 31, True),
    ],
)
def test_behind_is_what_its_own_way_of_being_followed_does_not_allow(
    runtime: Runtime, next_in: int, seen_ago: int, behind: bool
):
    one = office(runtime)
    seen = NOW - seen_ago * MINUTE
    synced = NOW - 20 * MINUTE
    stand(
        runtime,
        one,
        seen_at=seen,
        last_sync_at=synced,
        next_at=synced + next_in * MINUTE,
    )
    doubts.find_behind(at(runtime, NOW))
    expected = {"behind": {"since_at": seen.isoformat()}} if behind else {}
    assert wrong(runtime, one) == expected
    stand(runtime, one, seen_at=NOW)
    doubts.find_behind(at(runtime, NOW + MINUTE))
    assert wrong(runtime, one) == {}


@pytest.mark.parametrize(
    ("settings", "minutes"),
    [
        ({"sync_every_s": 60}, 5),
        ({"sync_every_s": 300}, 15),
        ({"sync_every_s": 300, "behind_after_s": 600}, 10),
        ({"sync_every_s": 3600}, 90),
    ],
)
def test_the_limit_follows_the_settings(
    runtime: Runtime, settings: dict[str, int], minutes: int
):
    every = timedelta(seconds=settings["sync_every_s"])
    late = Late(1, NOW, NOW, NOW, NOW + every)
    chosen = runtime.settings.model_copy(update=settings)
    assert doubts.limit(late, chosen) == minutes * MINUTE


@pytest.mark.parametrize(
    "stands",
    [
        {"paused": True},
        {"problem_code": "unreachable", "failures": 1},
        {"last_sync_at": None, "lease_until": NOW + MINUTE},
        {"credentials_at": NOW - MINUTE},
        {"next_at": NOW - MINUTE},
    ],
    ids=["paused", "failing", "first sync", "reconnected", "resumed"],
)
def test_not_behind(runtime: Runtime, stands: dict[str, Any]):
    one, other = office(runtime), office(runtime, owner="Bea")
    long_ago = NOW - timedelta(hours=3)
    usual = {"seen_at": long_ago, "last_sync_at": long_ago, "next_at": long_ago}
    stand(runtime, one, **{**usual, **stands})
    stand(runtime, other, **usual)
    doubts.find_behind(at(runtime, NOW))
    assert wrong(runtime, one) == {}
    assert list(wrong(runtime, other)) == ["behind"]


def test_a_mailbox_that_was_never_looked_at_is_behind(runtime: Runtime):
    one = connected(at(runtime, NOW))
    doubts.find_behind(at(runtime, NOW + 29 * MINUTE))
    assert wrong(runtime, one) == {}
    doubts.find_behind(at(runtime, NOW + 31 * MINUTE))
    assert wrong(runtime, one) == {"behind": {"since_at": NOW.isoformat()}}


def test_a_worker_that_has_just_begun_has_five_minutes(runtime: Runtime):
    one = office(runtime)
    stand(runtime, one, next_at=NOW)
    for n, behind in ((0, False), (4, False), (6, True)):
        then = LATER + n * MINUTE
        with writing(runtime.engine) as conn:
            workers.beat(conn, "host:1:1", then)
        doubts.find_behind(at(runtime, then))
        assert bool(wrong(runtime, one)) is behind


# ---- told for long enough


@pytest.mark.parametrize(
    ("code", "lasts"),
    [("folder_vanished", timedelta(days=1)), ("issuer_changed", timedelta(days=7))],
)
def test_what_nobody_takes_back_ends_by_itself(
    runtime: Runtime, code: str, lasts: timedelta
):
    one = office(runtime)
    with writing(runtime.engine) as conn:
        incidents.observe(conn, one, code, NOW)
        incidents.observe(conn, one, "quota_full", NOW)
    doubts.end_outlived(at(runtime, NOW + lasts))
    assert code in wrong(runtime, one)
    doubts.end_outlived(at(runtime, NOW + lasts + MINUTE))
    assert list(wrong(runtime, one)) == ["quota_full"]


def test_another_folder_that_vanished_meanwhile_keeps_it(runtime: Runtime):
    one = office(runtime)
    other = listed(runtime, one, "Inbox", "Clients")["Clients"]
    with writing(runtime.engine) as conn:
        incidents.observe(conn, one, "folder_vanished", NOW)
        gone = {"missing_since": NOW + timedelta(hours=20), "held": 3}
        conn.execute(update(folder).where(folder.c.id == other).values(**gone))
    doubts.end_outlived(at(runtime, NOW + timedelta(hours=30)))
    assert list(wrong(runtime, one)) == ["folder_vanished"]
    doubts.end_outlived(at(runtime, NOW + timedelta(hours=45)))
    assert wrong(runtime, one) == {}
