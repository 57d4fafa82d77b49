"""A process that dies before or after any commit loses nothing and repeats nothing.

THREATS, faults 45 and 47 to 49; the scenarios are a first sync of 10 folders, a run
that has changes of every kind to bring, and folders that were made anew.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import event

from core.errors import StoreUnavailable
from core.model import Outcome
from tests.certificates import Certificates
from tests.servers.crashing import Runner, counting, nursery, small_batches
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import HOLDER, Installation, installed
from tests.servers.kept import content, keep
from tests.servers.scenarios import (
    FOLDERS,
    NAMES,
    Scenario,
    change_everything,
    check_between,
    check_healed,
    holding,
    pages,
    pragma,
    restore,
)

pytestmark = [pytest.mark.server, pytest.mark.soak_sized]

POINTS = 7  # of each scenario; every commit, before and after, in soak
NUMBERS = itertools.count()
Point = tuple[int, bool]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder for stores."""
    return tmp_path_factory.mktemp("crash")


@pytest.fixture(scope="module")
def run(certificates: Certificates) -> Iterator[Runner]:
    """Give the way to sync in a child that dies."""
    with nursery(certificates.ca_file) as runner:
        yield runner


Make = Callable[[str, Callable[[Dovecot, Account], None] | None], Scenario]


@pytest.fixture(scope="module")
def make(
    dovecot: Dovecot, certificates: Certificates, place: Path, run: Runner
) -> Make:
    """Give a maker of scenarios: a name, and what happens after a first sync."""

    def made(name: str, happens: Callable[[Dovecot, Account], None] | None) -> Scenario:
        account = dovecot.mailbox(name)
        dovecot.fill(account, FOLDERS)
        with installed(place / name, certificates.ca_file) as installation:
            one = installation.connect(account)
            if happens is not None:
                assert installation.sync(one).outcome is Outcome.OK
                happens(dovecot, account)
            before = installation.held(one)
            kept = keep(installation, place / f"{name}.kept")
        with kept.copy(place / f"{name}.clean") as copy:
            before_it = pages(copy)
            whole = run(copy.runtime.settings, one)
            assert whole is not None
            assert whole.outcome == "ok", whole.error
            copy.check(one, account)
            seen = (before, copy.held(one), content(copy))
            size = (whole.commits, whole.log_bytes, pages(copy) - before_it)
            return Scenario(kept, one, account, *seen, *size, swaps=name == "rebuild")

    return made


@pytest.fixture(scope="module")
def first(make: Make) -> Scenario:
    """Give a first sync."""
    return make("first", None)


@pytest.fixture(scope="module")
def delta(make: Make) -> Scenario:
    """Give a run that brings changes of every kind."""
    return make("delta", change_everything)


@pytest.fixture(scope="module")
def rebuild(make: Make) -> Scenario:
    """Give a run that finds every folder made anew."""
    return make("rebuild", restore)


@pytest.fixture(params=["first", "delta", "rebuild"])
def scenario(request: pytest.FixtureRequest) -> Scenario:
    """Give each of them."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Scenario)
    return found


def test_there_are_many_commits(scenario: Scenario) -> None:
    assert scenario.commits > 2 * len(NAMES)
    assert scenario.before != scenario.after


def test_death_at_any_commit_is_healed_by_one_run(
    scenario: Scenario, run: Runner, place: Path, *, soaking: bool
) -> None:
    every = [
        (number, after)
        for number in range(1, scenario.commits + 1)
        for after in (False, True)
    ]
    for kill_at, after in every if soaking else _spread(every, POINTS):
        with scenario.kept.copy(place / f"copy-{next(NUMBERS)}") as copy:
            died = run(
                copy.runtime.settings, scenario.one, kill_at=kill_at, after=after
            )
            assert died is None or died.commits < kill_at  # a slow one has more
            check_between(copy, scenario)
            check_healed(copy, scenario, run)


def test_death_again_and_again_is_healed_too(
    scenario: Scenario, run: Runner, place: Path, *, soaking: bool
) -> None:
    """Each attempt lives a few commits longer than the one before it."""
    for longer in range(1, 20) if soaking else (7,):
        with scenario.kept.copy(place / f"copy-{next(NUMBERS)}") as copy:
            for kill_at in itertools.count(longer, longer):
                if run(copy.runtime.settings, scenario.one, kill_at=kill_at):
                    break
                check_between(copy, scenario)
            check_healed(copy, scenario, run)


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_disk_that_fails_is_told_and_healed(
    scenario: Scenario, run: Runner, place: Path, share: float
) -> None:
    """RLIMIT_FSIZE: what is written beyond it fails, as on a disk that is broken."""
    with scenario.kept.copy(place / f"copy-{next(NUMBERS)}") as copy:
        most = int(share * scenario.log_bytes)
        failed = run(copy.runtime.settings, scenario.one, file_bytes=most)
        assert failed is not None
        assert failed.outcome != "ok"
        assert failed.error == "store_unavailable"
        check_between(copy, scenario)
        check_healed(copy, scenario, run)


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_full_disk_is_told_and_healed(
    scenario: Scenario, run: Runner, place: Path, share: float
) -> None:
    with scenario.kept.copy(place / f"copy-{next(NUMBERS)}") as copy:
        engine = copy.runtime.engine
        most = pages(copy) + int(share * scenario.pages)
        set_most = pragma(f"max_page_count={most}")
        event.listen(engine, "connect", set_most)
        engine.dispose()
        assert _fails(copy, scenario.one)
        check_between(copy, scenario)  # people still read
        event.remove(engine, "connect", set_most)
        engine.dispose()
        check_healed(copy, scenario, run)


def test_a_database_that_another_process_holds_is_waited_for(
    first: Scenario, place: Path
) -> None:
    with first.kept.copy(place / f"copy-{next(NUMBERS)}") as copy, ExitStack() as held:
        process = held.enter_context(holding(copy))
        let_go = threading.Timer(0.5, process.terminate)
        let_go.start()
        assert copy.sync(first.one).outcome is Outcome.OK
        copy.check(first.one, first.account)


@pytest.mark.parametrize("when", [0.0, 0.3, 0.8])
def test_a_database_that_stays_locked_is_told_and_healed(
    first: Scenario, run: Runner, place: Path, when: float
) -> None:
    with first.kept.copy(place / f"copy-{next(NUMBERS)}") as copy, ExitStack() as held:
        hurry = pragma("busy_timeout=100")
        event.listen(copy.runtime.engine, "connect", hurry)
        copy.runtime.engine.dispose()

        def hold() -> None:
            held.enter_context(holding(copy))

        with small_batches(), _at_commit(copy, int(when * first.commits), hold):
            assert _fails(copy, first.one)
        check_between(copy, first)
        held.close()
        event.remove(copy.runtime.engine, "connect", hurry)
        copy.runtime.engine.dispose()
        # The lease could not be given back: it is the same worker who goes on.
        check_healed(copy, first, partial(run, holder=HOLDER))


def _fails(installation: Installation, one: int) -> bool:
    """Tell whether a sync ends with the one error that stands for the store."""
    try:
        return isinstance(installation.sync(one).error, StoreUnavailable)
    except StoreUnavailable:  # not even the failure could be written down
        return True


def _spread(points: Sequence[Point], number: int) -> list[Point]:
    """Choose so many, evenly, the first and the last among them."""
    last = len(points) - 1
    return [points[round(n * last / (number - 1))] for n in range(number)]


@contextmanager
def _at_commit(
    installation: Installation, number: int, act: Callable[[], None]
) -> Iterator[None]:
    """Act once, after a commit."""
    with counting(installation.runtime.engine, number, act, after=True):
        if number == 0:
            act()
        yield
