"""Whatever comes in which order, what is counted is what a naive recount gives."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st
from sqlalchemy import select, text

from core import watch
from core.business import Calendar
from core.jobs.listing import Indexer
from core.model import Role
from core.runtime import Runtime
from core.store import calendars, counting, indexing, marks, owners, recounting, totals
from core.store.counting_tables import team
from core.store.engine import reading, writing
from core.store.search_tables import unlisted
from core.store.vocabulary import Vocabulary
from tests.store.counted_made import (
    CALENDARS,
    FAR_AHEAD,
    LONG_AGO,
    World,
    naive,
    same_as_naive,
)

ACTS = ("deliver", "copy", "role", "take_in", "catch_up", "team", "calendar")
OFTEN = ("deliver", "deliver", "copy", "take_in", "take_in")


class Crash(Exception):
    """The process dies here."""


def wrong(runtime: Runtime) -> int:
    """Repair all; give how many rows were wrong."""
    return sum(sum(one.wrong.values()) for one in recounting.repair(runtime.engine))


@pytest.fixture
def world(runtime: Runtime) -> World:
    """Give some mailboxes with mail that is counted, of two teams."""
    made = World(runtime, 1)
    for act in (*OFTEN, *OFTEN, "team", "team", *OFTEN):
        made.acts[act]()
    with writing(runtime.engine) as conn:
        owners.set_team(conn, made.owners[0], "Vendas")
        owners.set_team(conn, made.owners[1], "Suporte")
    made.settle()
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15)
@given(
    acts=st.lists(st.sampled_from(OFTEN + ACTS), min_size=5, max_size=30),
    seed=st.integers(0, 10_000),
)
def test_it_equals_a_naive_recount(
    runtime: Runtime, acts: list[str], seed: int
) -> None:
    world = World(runtime, seed, uuid4().hex)
    world.deliver()
    for act in acts:
        world.acts[act]()
    world.settle()
    same_as_naive(world)
    assert wrong(runtime) == 0
    same_as_naive(world)


def test_a_crash_leaves_nothing_counted_twice(world: World) -> None:
    runtime = world.runtime
    world.deliver()
    world.copy()
    with suppress(Crash), writing(runtime.engine) as conn:
        assert indexing.take_in(conn, Vocabulary())
        raise Crash
    world.settle()
    same_as_naive(world)
    with writing(runtime.engine) as conn:
        counting.begin_anew(conn)
    assert world.catch_up(5) == 5
    for _ in range(2):
        with suppress(Crash), writing(runtime.engine) as conn:
            assert counting.catch_up(conn, 3) == 3
            raise Crash
    world.settle()
    same_as_naive(world)
    assert wrong(runtime) == 0


def test_what_changes_before_it_was_counted(world: World) -> None:
    """Older messages wait to be counted, and change; some before their turn."""
    runtime = world.runtime
    with writing(runtime.engine) as conn:
        counting.begin_anew(conn)
        newest = counting.left(conn)
        indexing.unlist(conn, [1, 2, newest])
    world.catch_up(2)  # 1 and 2 wait: they are counted when they are taken in
    with reading(runtime.engine) as conn:
        assert totals.extent(conn, 0) is None
        assert counting.left(conn) == newest - 2
        waits = unlisted.c.was_direction.is_not(None)
        kept = conn.scalars(select(unlisted.c.message_id).where(waits))
        assert list(kept) == [newest]
    world.take_in(2)
    world.copy()
    world.choose_role()
    world.settle()
    same_as_naive(world)


def test_older_messages_are_counted_by_the_worker(world: World) -> None:
    runtime = world.runtime
    with writing(runtime.engine) as conn:
        counting.begin_anew(conn)
    world.deliver()
    Indexer(runtime.engine, stopping=lambda: True).tick()
    with reading(runtime.engine) as conn:
        assert counting.left(conn)
    Indexer(runtime.engine, stopping=lambda: False).tick()
    with reading(runtime.engine) as conn:
        assert counting.left(conn) == 0
        assert not indexing.is_behind(conn)
    same_as_naive(world)


def test_another_calendar_is_counted_by(world: World) -> None:
    first, other, _ = CALENDARS
    engine = world.runtime.engine
    with writing(engine) as conn:
        assert not counting.use_calendar(conn, first)  # the one that was assumed
        assert counting.left(conn) == 0
        assert counting.use_calendar(conn, other)
        assert not counting.use_calendar(conn, other)
        assert calendars.kept(conn) == other
        assert totals.extent(conn, 0) is None
        assert counting.left(conn)
    world.settle()
    same_as_naive(world)
    with reading(engine) as conn:
        assert marks.words(conn, marks.CALENDAR) == other.to_json()
        assert calendars.kept(conn) == Calendar.from_json(other.to_json())


def test_no_junk_after_all(world: World) -> None:
    """A folder gets another role: its messages are counted otherwise."""
    world.deliver("Junk")
    world.settle()
    assert "junk" in set(naive(world.runtime)["aside"])
    for one in world.boxes:
        watch.set_role(world.runtime, world.folders[one]["Junk"], Role.ARCHIVE, "x")
    assert "junk" not in set(naive(world.runtime)["aside"])
    world.settle()
    same_as_naive(world)


def test_an_owner_goes_to_another_team(world: World) -> None:
    who = world.owners[0]
    with writing(world.runtime.engine) as conn:
        ids = {name: -id_ for id_, name in conn.execute(select(team.c.id, team.c.name))}
        before = totals.read(conn, ids["Vendas"], LONG_AGO, FAR_AHEAD)
        owners.set_team(conn, who.upper(), " Novo  time ")
        new = -conn.scalars(select(team.c.id).where(team.c.name == "Novo time")).one()
        assert totals.extent(conn, ids["Vendas"]) is None
        assert totals.read(conn, new, LONG_AGO, FAR_AHEAD).equals(before)
        owners.set_team(conn, who, "Suporte")
        assert totals.extent(conn, new) is None
    same_as_naive(world)
    with writing(world.runtime.engine) as conn:
        owners.set_team(conn, who, "")
    same_as_naive(world)
    assert wrong(world.runtime) == 0


BREAKS = {
    "sums": "UPDATE total_day SET messages = messages + 1 WHERE scope > 0",
    "quarters": "UPDATE total_day SET slots = substr(slots, 1, 0) WHERE scope < 0",
    "bytes": "UPDATE total_day SET size_bytes = 7 WHERE scope = 0",
    "less": "DELETE FROM total_day WHERE direction = 'sent'",
    "none": "DELETE FROM total_day",
    "more": "UPDATE total_day SET aside = 'no?' WHERE scope > 0 AND aside = 'no'",
    "otherwise": "UPDATE total_day SET day = day + 400",
    "nobody": "UPDATE total_day SET scope = scope - 99999 WHERE scope < 0",
    "rollup": "DELETE FROM rollup",
}


@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_wrong_is_found_and_mended(world: World, broken: str) -> None:
    with writing(world.runtime.engine) as conn:
        changed = conn.execute(text(BREAKS[broken])).rowcount
    found = {one.id: one.wrong for one in recounting.repair(world.runtime.engine)}
    assert set(found) == {0, *world.boxes}
    noun = "rollups" if broken == "rollup" else "totals"
    assert sum(one.get(noun, 0) for one in found.values()) >= changed
    assert not any(n for one in found.values() for k, n in one.items() if k != noun)
    same_as_naive(world)
    assert wrong(world.runtime) == 0


def test_what_waits_is_taken_in_before_it_is_compared(world: World) -> None:
    with writing(world.runtime.engine) as conn:
        counting.begin_anew(conn)
    world.deliver()
    world.copy()
    assert wrong(world.runtime) == 0
    same_as_naive(world)


def test_messages_that_change_while_they_are_taken_in(runtime: Runtime) -> None:
    """Copies turn up in Sent while another process takes in what came before."""
    world = World(runtime, 3)
    done = threading.Event()

    def take_in() -> int:
        taken = 0
        while not done.is_set():
            with writing(runtime.engine) as conn:
                taken += indexing.take_in(conn, Vocabulary())
        return taken

    with ThreadPoolExecutor(1) as pool:
        taking = pool.submit(take_in)
        try:
            for _ in range(40):
                world.deliver("Inbox")
                world.copy("Sent")
        finally:
            done.set()
        assert taking.result() > 0
    world.settle()
    same_as_naive(world)
    assert wrong(runtime) == 0
