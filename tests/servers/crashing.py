"""Sync in a process that dies: at a commit, by SIGKILL, or in want of disk space.

    with nursery(ca_file) as run:
        whole = run(settings, one)                      # Ended(commits=97, …)
        died = run(settings, one, kill_at=41, after=True)       # no word of it

One process holds all that is imported and forks a child for each run, which opens the
store anew: so hundreds of crashes cost little. The product is not changed: its
engine's own commit is what the child dies before or after.
"""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event

from core.errors import StoreUnavailable
from core.jobs.embedded import free_the_dead, syncer
from core.model import Trigger
from core.runtime import holder
from core.settings import Settings
from core.sync import folder as folder_sync
from core.sync.run import sync
from tests.servers import forking
from tests.servers.installation import HOSTS, Installation
from tests.servers.kept import opened

BATCH = 3  # messages in one transaction: many commits from few messages


@dataclass(frozen=True, slots=True)
class Order:
    """One run: when to die, and how long a file may become."""

    data: str
    ca_file: str
    one: int
    kill_at: int = 0  # number of the commit, from 1; 0: live
    after: bool = False
    file_bytes: int = 0  # 0: without limit
    holder: str = ""  # who the worker says to be; empty: itself


@dataclass(frozen=True, slots=True)
class Ended:
    """What a run that lived did; `error` is the code of what ended it."""

    commits: int
    log_bytes: int  # what they have written ahead
    outcome: str
    changes: dict[str, int]
    error: str


Runner = Callable[..., Ended | None]


@contextmanager
def nursery(ca_file: Path) -> Iterator[Runner]:
    """Start the process that forks; give a function that runs one sync in a child.

    It gives None when the child was killed by its own hand.
    """
    with forking.nursery("tests.servers.crashing") as ask:

        def run(settings: Settings, one: int, **more: Any) -> Ended | None:
            order = Order(str(settings.data), str(ca_file), one, **more)
            said = ask(asdict(order), forking.unheard)
            return Ended(**said) if said else None

        yield run


def _run(order: Order) -> dict[str, Any]:
    """Sync once as a worker would, in small batches; die if that was ordered."""
    if order.file_bytes:
        _, most = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (order.file_bytes, most))
    where = settings(Path(order.data), Path(order.ca_file))
    with opened(where, Path(order.ca_file)) as mine, small_batches():
        free_the_dead(mine.runtime)
        engine = mine.runtime.engine
        with counting(engine, order.kill_at, _die, after=order.after) as count:
            outcome, changes, error = _synced(mine, order)
            size = Path(f"{engine.url.database}-wal").stat().st_size
            return asdict(Ended(count(), size, outcome, changes, error))


def _synced(mine: Installation, order: Order) -> tuple[str, dict[str, int], str]:
    worker = syncer(mine.runtime, order.holder or holder())
    try:
        report = sync(worker, order.one, Trigger.SCHEDULE)
    except StoreUnavailable as error:  # not even the failure could be written down
        return "raised", {}, error.code
    code = report.error.code if report.error else ""
    return str(report.outcome), asdict(report.changes), code


@contextmanager
def small_batches() -> Iterator[None]:
    """Write few messages at a time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder_sync, "BATCH", BATCH)
        patch.setattr(folder_sync, "FIRST_BATCH", BATCH)
        yield


def settings(data: Path, ca_file: Path) -> Settings:
    """Give the settings of a store in a folder."""
    hosts = frozenset(HOSTS.split(","))
    return Settings(data=data, allow_hosts=hosts, ca_file=ca_file, log_level="error")


@contextmanager
def counting(
    engine: Engine, number: int, act: Callable[[], None], *, after: bool
) -> Iterator[Callable[[], int]]:
    """Count the commits that write, and act at one; give how to read the count."""
    count, writes = 0, False
    commit = engine.dialect.do_commit

    def look(conn: Connection) -> None:
        nonlocal writes
        writes = bool(conn.get_execution_options().get("writing"))

    def counted(connection: Any) -> None:
        nonlocal count
        count += writes
        due = writes and count == number
        if due and not after:
            act()
        commit(connection)
        if due and after:
            act()

    event.listen(engine, "commit", look)
    engine.dialect.do_commit = counted  # type: ignore[method-assign, assignment]  # of this one
    yield lambda: count
    engine.dialect.do_commit = commit  # type: ignore[method-assign]
    event.remove(engine, "commit", look)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    forking.serve(lambda order: _run(Order(**order)))
