"""Whatever happens to a mailbox, one run makes our copy equal to it.

The real sync and the real store, against a server in memory; histories are made by
hypothesis and broken off at any call.
"""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings, strategies as st
from sqlalchemy import Engine, func, select

from core.errors import ServerContradicts
from core.imap.features import Features
from core.model import (
    Changes,
    Outcome,
)
from core.store.engine import reading
from core.store.schema import folder, message
from core.sync import folder as folder_sync, run
from tests.unit.mailbox_in_memory import mail
from tests.unit.world import DAY, HAPPENINGS, KINDS, MANY, RUNS, Action, World, held

HISTORIES_SOAK, HISTORIES_QUICK = 1_200, 20  # of each of nine kinds

HISTORIES = st.lists(
    st.tuples(
        st.sampled_from(HAPPENINGS + RUNS), st.integers(0, 63), st.integers(0, 63)
    ),
    min_size=12,  # few of the shorter ones hold anything of interest
    max_size=40,
)


@pytest.mark.soak_sized
@pytest.mark.parametrize("batch", [1, 3, 1000])
@pytest.mark.parametrize("kind", list(KINDS))
def test_one_run_is_enough(
    kind: str, batch: int, monkeypatch: pytest.MonkeyPatch, *, soaking: bool
) -> None:
    monkeypatch.setattr(run, "SLICE_S", 5.0 if batch == 3 else -1.0)
    for name in ("BATCH", "FIRST_BATCH", "WINDOW", "GAP"):
        monkeypatch.setattr(folder_sync, name, batch)

    @settings(max_examples=HISTORIES_SOAK if soaking else HISTORIES_QUICK)
    @given(
        history=HISTORIES,
        list_status=st.booleans(),
        objectid=st.booleans(),
        says_uidnext=st.sampled_from([True, True, False]),
    )
    def holds(
        history: list[Action], *, list_status: bool, objectid: bool, says_uidnext: bool
    ) -> None:
        features = replace(KINDS[kind], list_status=list_status, objectid=objectid)
        world = World(features, says_uidnext=says_uidnext)
        for action, a, b in history:
            world.act(action, a, b)
        world.give_all()
        world.now += 2 * DAY
        world.check(world.sync())
        assert not world.aside()
        again = world.sync()
        world.check(again)
        assert again.changes == Changes()
        world.engine.dispose()

    holds()


def test_a_moved_message_is_seen_as_moved() -> None:
    world = World(KINDS["condstore"])
    world.act("arrive", 0, 1)
    world.sync()
    inbox, old = world.server.folders_["INBOX"], world.server.folders_["Old"]
    old.arrive(inbox.expunge(1))
    report = world.sync()
    world.check(report)
    assert report.changes == Changes(moved=1)
    with reading(world.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(message)) == 1


@pytest.mark.parametrize("kind", list(KINDS))
def test_equal_counts_do_not_hide_one_gone_and_one_withheld(kind: str) -> None:
    world = World(KINDS[kind])
    inbox = world.server.folders_["INBOX"]
    inbox.arrive(mail(1))
    world.check(world.sync())
    inbox.expunge(1)
    inbox.arrive(mail(2))
    inbox.withheld.add(2)
    inbox.odd.add(2)
    report = world.sync()
    world.check(report)
    assert (report.changes.gone, report.changes.poisoned) == (1, 1)


def test_a_renamed_folder_is_not_fetched_again() -> None:
    world = World(Features(condstore=True, objectid=True))
    world.act("arrive many", 1, 1)
    world.check(world.sync())
    before = world.server.fetched
    world.server.folders_["Another"] = world.server.folders_.pop("Sent")
    world.check(world.sync())
    assert world.server.fetched == before == MANY


@pytest.mark.parametrize("kind", list(KINDS))
def test_many_deletions_are_confirmed_on_another_connection(kind: str) -> None:
    world = World(KINDS[kind])
    world.act("arrive many", 0, 0)
    world.check(world.sync())
    world.act("expunge many", 0, 2)
    before = world.server.connections
    world.check(world.sync())
    assert world.server.connections == before + 2
    world.act("arrive", 0, 0)
    world.act("expunge", 0, 0)
    world.check(world.sync())
    assert world.server.connections == before + 3


@pytest.mark.parametrize("recreated", [False, True])
@pytest.mark.parametrize("kind", list(KINDS))
def test_a_folder_said_to_be_empty_keeps_its_rows(
    kind: str, *, recreated: bool
) -> None:
    world = World(KINDS[kind])
    world.act("arrive many", 0, 0)
    world.check(world.sync())
    before = held(world.engine)
    if recreated:
        world.act("recreate", 0, 0)
    world.server.lie = world.server.folders_["INBOX"]
    assert isinstance(world.sync().error, ServerContradicts)
    assert held(world.engine) == before
    world.check(world.sync())


def test_a_folder_made_anew_keeps_its_old_rows_until_the_new_ones_are_complete(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(folder_sync, "BATCH", 2)
    world = World(Features())
    inbox = world.server.folders_["INBOX"]
    for number in range(10):
        inbox.arrive(mail(number))
    world.check(world.sync())
    before = held(world.engine)
    inbox.recreate()
    calls = 0
    while world.sync(calls).outcome is not Outcome.OK:
        if inbox.uidvalidity not in _validities(world.engine):
            assert held(world.engine) == before
        calls += 1
    world.check(world.sync())
    with reading(world.engine) as conn:
        assert conn.scalar(select(func.count()).select_from(message)) == 10


@pytest.mark.parametrize("kind", list(KINDS))
def test_what_happens_while_a_folder_is_built_anew_is_not_lost(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_sync, "BATCH", 2)
    world = World(KINDS[kind])
    inbox = world.server.folders_["INBOX"]
    for number in range(10):
        inbox.arrive(mail(number))
    world.check(world.sync())
    inbox.recreate()
    assert world.sync(calls=6).outcome is Outcome.FAILED  # some of it is built
    inbox.flag(10, 1)  # of the part that is built
    inbox.flag(1, 1)
    inbox.expunge(9)
    inbox.arrive(mail(10))
    world.check(world.sync())


def _validities(engine: Engine) -> set[int]:
    with reading(engine) as conn:
        return set(conn.scalars(select(folder.c.uidvalidity)))
