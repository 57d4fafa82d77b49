"""A process that dies before or after any commit loses nothing and repeats nothing.

THREATS, faults 45 and 47 to 49; the scenarios are a first sync of 10 folders, a run
that has changes of every kind to bring, and folders that were made anew.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from core.errors import StoreUnavailable
from core.model import Changes, Outcome
from core.store import rollups
from core.store.engine import reading
from tests.certificates import Certificates
from tests.servers.crashing import Runner, counting, nursery, small_batches
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import HOLDER, Installation, installed
from tests.servers.kept import Kept, Row, content, keep

pytestmark = [pytest.mark.server, pytest.mark.soak_sized]

NAMES = ["INBOX", "Sent", "Archive", "Trash", *(f"Pasta {n}" for n in range(6))]
FOLDERS = {name: 4 + number for number, name in enumerate(NAMES)}
POINTS = 7  # of each scenario; every commit, before and after, in soak
NOTHING = asdict(Changes())
NUMBERS = itertools.count()
Held = dict[str, dict[int, tuple[frozenset[str], str, int]]]
Point = tuple[int, bool]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A run to be cut: where it begins, and what a run that is not cut makes of it."""

    kept: Kept
    one: int
    account: Account
    before: Held
    after: Held
    clean: dict[str, list[Row]]
    commits: int
    log_bytes: int
    pages: int  # that the run adds to the database
    swaps: bool  # only generations are swapped: all old or all new is seen


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
            pages = _pages(copy)
            whole = run(copy.runtime.settings, one)
            assert whole is not None
            assert whole.outcome == "ok", whole.error
            copy.check(one, account)
            seen = (before, copy.held(one), content(copy))
            size = (whole.commits, whole.log_bytes, _pages(copy) - pages)
            return Scenario(kept, one, account, *seen, *size, swaps=name == "rebuild")

    return made


@pytest.fixture(scope="module")
def first(make: Make) -> Scenario:
    """Give a first sync."""
    return make("first", None)


@pytest.fixture(scope="module")
def delta(make: Make) -> Scenario:
    """Give a run that brings changes of every kind."""
    return make("delta", _change_everything)


@pytest.fixture(scope="module")
def rebuild(make: Make) -> Scenario:
    """Give a run that finds every folder made anew."""
    return make("rebuild", _restore)


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
            _check_between(copy, scenario)
            _check_healed(copy, scenario, run)


def test_death_again_and_again_is_healed_too(
    scenario: Scenario, run: Runner, place: Path, *, soaking: bool
) -> None:
    """Each attempt lives a few commits longer than the one before it."""
    for longer in range(1, 20) if soaking else (7,):
        with scenario.kept.copy(place / f"copy-{next(NUMBERS)}") as copy:
            for kill_at in itertools.count(longer, longer):
                if run(copy.runtime.settings, scenario.one, kill_at=kill_at):
                    break
                _check_between(copy, scenario)
            _check_healed(copy, scenario, run)


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
        _check_between(copy, scenario)
        _check_healed(copy, scenario, run)


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_full_disk_is_told_and_healed(
    scenario: Scenario, run: Runner, place: Path, share: float
) -> None:
    with scenario.kept.copy(place / f"copy-{next(NUMBERS)}") as copy:
        engine = copy.runtime.engine
        most = _pages(copy) + int(share * scenario.pages)
        set_most = _pragma(f"max_page_count={most}")
        event.listen(engine, "connect", set_most)
        engine.dispose()
        assert _fails(copy, scenario.one)
        _check_between(copy, scenario)  # people still read
        event.remove(engine, "connect", set_most)
        engine.dispose()
        _check_healed(copy, scenario, run)


def test_a_database_that_another_process_holds_is_waited_for(
    first: Scenario, place: Path
) -> None:
    with first.kept.copy(place / f"copy-{next(NUMBERS)}") as copy, ExitStack() as held:
        process = held.enter_context(_holding(copy))
        let_go = threading.Timer(0.5, process.terminate)
        let_go.start()
        assert copy.sync(first.one).outcome is Outcome.OK
        copy.check(first.one, first.account)


@pytest.mark.parametrize("when", [0.0, 0.3, 0.8])
def test_a_database_that_stays_locked_is_told_and_healed(
    first: Scenario, run: Runner, place: Path, when: float
) -> None:
    with first.kept.copy(place / f"copy-{next(NUMBERS)}") as copy, ExitStack() as held:
        hurry = _pragma("busy_timeout=100")
        event.listen(copy.runtime.engine, "connect", hurry)
        copy.runtime.engine.dispose()

        def hold() -> None:
            held.enter_context(_holding(copy))

        with small_batches(), _at_commit(copy, int(when * first.commits), hold):
            assert _fails(copy, first.one)
        _check_between(copy, first)
        held.close()
        event.remove(copy.runtime.engine, "connect", hurry)
        copy.runtime.engine.dispose()
        # The lease could not be given back: it is the same worker who goes on.
        _check_healed(copy, first, partial(run, holder=HOLDER))


def _pages(installation: Installation) -> int:
    with installation.runtime.engine.connect() as conn:
        return int(conn.exec_driver_sql("PRAGMA page_count").scalar_one())


def _fails(installation: Installation, one: int) -> bool:
    """Tell whether a sync ends with the one error that stands for the store."""
    try:
        return isinstance(installation.sync(one).error, StoreUnavailable)
    except StoreUnavailable:  # not even the failure could be written down
        return True


def _check_between(copy: Installation, scenario: Scenario) -> None:
    """Say that what people see is right, though perhaps not all of it is there yet."""
    held = copy.held(scenario.one)
    for name, rows in held.items():
        old, new = scenario.before.get(name, {}), scenario.after.get(name, {})
        assert all(row in (old.get(uid), new.get(uid)) for uid, row in rows.items())
        if scenario.swaps:
            assert rows in (old, new)
    with reading(copy.runtime.engine) as conn:
        assert rollups.held(conn, scenario.one) == rollups.counted(conn, scenario.one)
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"


def _check_healed(copy: Installation, scenario: Scenario, run: Runner) -> None:
    """Run once and be equal to a run that was never cut; run again and do nothing."""
    once = run(copy.runtime.settings, scenario.one)
    assert once is not None
    assert once.outcome == "ok", once.error
    assert content(copy) == scenario.clean
    again = run(copy.runtime.settings, scenario.one)
    assert again is not None
    assert (again.outcome, again.changes) == ("ok", NOTHING)
    assert content(copy) == scenario.clean


def _change_everything(dovecot: Dovecot, account: Account) -> None:
    dovecot.set_uidvalidity(account, "Pasta 5", 987654321)
    with Device(account) as phone:
        for name in NAMES:
            uids = phone.uids(name)
            for number in range(4):
                phone.deliver(name, subject=f"Number {number} of {name}")
            phone.read(name, uids[:2])
            phone.delete(name, uids[2])
        phone.move("Archive", phone.uids("Archive")[:3], "Trash")
        phone.copy("Pasta 1", phone.uids("Pasta 1")[:3], "Sent")
        phone.rename("Pasta 4", "Outra pasta")
        phone.remove("Pasta 3")
        phone.create("Nova")


def _restore(dovecot: Dovecot, account: Account) -> None:
    with Device(account) as phone:
        for name in NAMES:
            phone.delete(name, phone.uids(name)[:2])
            phone.deliver(name, subject=f"After the loss of {name}")
    for number, name in enumerate(NAMES):
        dovecot.set_uidvalidity(account, name, 987654321 + number)


def _spread(points: Sequence[Point], number: int) -> list[Point]:
    """Choose so many, evenly, the first and the last among them."""
    last = len(points) - 1
    return [points[round(n * last / (number - 1))] for n in range(number)]


def _pragma(setting: str) -> Callable[[Any, object], None]:
    def set_it(connection: Any, _record: object) -> None:
        connection.execute(f"PRAGMA {setting}")

    return set_it


HOLD = """
import sqlite3, sys, time
conn = sqlite3.connect(sys.argv[1], isolation_level=None)
conn.execute("BEGIN IMMEDIATE")
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def _holding(installation: Installation) -> Iterator[subprocess.Popen[str]]:
    """Let another process hold the database for writing."""
    path = installation.runtime.settings.data / "malote.db"
    words = [sys.executable, "-c", HOLD, str(path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.terminate()


@contextmanager
def _at_commit(
    installation: Installation, number: int, act: Callable[[], None]
) -> Iterator[None]:
    """Act once, after a commit."""
    with counting(installation.runtime.engine, number, act, after=True):
        if number == 0:
            act()
        yield
