"""One sync at a time for a mailbox, and one more if it was asked for meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from core.jobs.gate import Bounds, Gate, Place
from core.jobs.syncs import Syncs, Want
from core.model import Trigger

NOTICE, CLOCK = Want(Trigger.NOTICE), Want(Trigger.SCHEDULE)
WAIT_S = 5.0


class Runs:
    """Syncs that end when they are told to."""

    def __init__(self, parallel: int = 2) -> None:
        self.began: list[tuple[int, Want]] = []
        self._ends: dict[int, threading.Event] = {}
        self._changed = threading.Condition()
        bounds = Bounds(gap_s=0.0, starting=100)
        self.gate = Gate(self._turn)
        self.syncs = Syncs(
            self.gate, lambda one: Place("host", one, bounds), self._run, parallel
        )

    def _turn(self) -> None:
        for ask in self.gate.ready(0.0):
            ask.start()

    def _run(self, mailbox: int, want: Want) -> None:
        end = self._ends[mailbox] = threading.Event()
        with self._changed:
            self.began.append((mailbox, want))
            self._changed.notify_all()
        assert end.wait(WAIT_S)

    def until_begun(self, count: int) -> list[tuple[int, Want]]:
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.began) >= count, WAIT_S)
            return list(self.began)

    def end(self, mailbox: int) -> None:
        self._ends[mailbox].set()

    def close(self) -> None:
        for end in self._ends.values():
            end.set()
        self.syncs.close()


@pytest.fixture
def runs() -> Iterator[Runs]:
    made = Runs()
    yield made
    made.close()


def test_what_is_asked_while_it_runs_is_done_once_more(runs: Runs):
    runs.syncs.want(1, NOTICE)
    runs.until_begun(1)
    for _ in range(5):
        runs.syncs.want(1, NOTICE)
    runs.syncs.want(1, CLOCK)
    assert runs.syncs.is_wanted(1)
    runs.end(1)
    assert runs.until_begun(2)[1:] == [(1, NOTICE)]
    runs.end(1)
    runs.syncs.want(2, NOTICE)
    assert runs.until_begun(3)[2:] == [(2, NOTICE)]


def test_the_clock_asks_in_vain_while_one_is_on_its_way():
    runs = Runs(parallel=1)
    runs.syncs.want(1, CLOCK)
    runs.until_begun(1)
    runs.syncs.want(1, CLOCK)
    runs.syncs.want(2, CLOCK)
    runs.syncs.want(2, CLOCK)
    runs.end(1)
    assert [one for one, _ in runs.until_begun(2)] == [1, 2]
    assert not runs.syncs.is_wanted(1)
    runs.close()
    assert len(runs.began) == 2


def test_a_notice_does_not_stand_behind_the_clock(runs: Runs):
    for mailbox in range(1, 6):
        runs.syncs.want(mailbox, CLOCK)
    runs.until_begun(2)
    runs.syncs.want(9, NOTICE)
    runs.end(1)
    assert runs.until_begun(3)[2] == (9, NOTICE)


def test_no_more_than_so_many_at_once(runs: Runs):
    for mailbox in range(1, 5):
        runs.syncs.want(mailbox, CLOCK)
    assert [one for one, _ in runs.until_begun(2)] == [1, 2]
    runs.end(2)
    assert [one for one, _ in runs.until_begun(3)] == [1, 2, 3]


def test_nothing_begins_once_it_is_closed():
    runs = Runs()
    runs.close()
    runs.syncs.want(1, NOTICE)
    assert not runs.syncs.is_busy()


@pytest.mark.parametrize(
    ("one", "other", "both"),
    [
        (Want(Trigger.NOTICE, frozenset("a")), Want(Trigger.NOTICE, frozenset("b")),
         Want(Trigger.NOTICE, frozenset("ab"))),
        (Want(Trigger.NOTICE, frozenset("a")), CLOCK, NOTICE),
        (CLOCK, Want(Trigger.REQUEST), Want(Trigger.REQUEST)),
        (NOTICE, Want(Trigger.REQUEST), Want(Trigger.REQUEST)),
    ],
)  # fmt: skip
def test_two_that_become_one(one: Want, other: Want, both: Want):
    assert one | other == both
    assert other | one == both
