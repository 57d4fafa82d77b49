"""A worker that sends, and stores copies in Sent, in a process that dies when told.

    with nursery(ca_file) as begin:
        begin(settings, "after_take", hear_pid)      # None: it died by its own hand
        begin(settings, "", hear_pid)                # {"queued": 0, …}: at rest

One process holds all that is imported and forks a child for each run, as crashing.py
does. The product is not changed: its engine's own commit is what the child dies before
or after, and the product's own functions tell which commit it is; or the child dies
where it sends a copy. While copies are waited for its clock is put on.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.clock import now
from core.imap.wire import BoundedImap4
from core.jobs.copies import Copies
from core.jobs.embedded import free_the_dead, syncer
from core.jobs.outbox import Outbox
from core.jobs.syncs import Want
from core.outbox import conclude
from core.outgoing import Stage
from core.runtime import Runtime, holder
from core.settings import Settings
from core.store import copies, integrations, outbox
from core.store.engine import reading
from core.sync.run import sync
from tests.servers import forking
from tests.servers.crashing import settings as settings_of
from tests.servers.forking import Hear
from tests.servers.kept import opened

# The commits of a worker that sends: it takes a mail, is at the brink, has an answer;
# and those of one that stores a copy: it is about to, and it has.
SENDING = {"take": outbox, "brink": outbox, "conclude": conclude}
COPYING = {"begin": copies, "there": copies}
COMMITS = SENDING | COPYING
OWN_STEPS = tuple(f"{when}_{what}" for what in SENDING for when in ("before", "after"))
# Of a copy the server has heard nothing, a part, or all: its answer is not read.
APPEND_STEPS = ("append_asked", "append_part", "append_whole")
COPY_STEPS = (
    "before_begin", "after_begin", *APPEND_STEPS, "before_there", "after_there",
)  # fmt: skip
EVER = timedelta(days=365)
A_WHILE = timedelta(minutes=1)  # longer than between two looks for a copy
Begin = Callable[[Settings, str, Hear], dict[str, int] | None]


@contextmanager
def nursery(ca_file: Path) -> Iterator[Begin]:
    """Start the process that forks; give a function that runs one worker in a child.

    It gives how many mails are in each stage; None when the child was killed.
    """
    with forking.nursery("tests.servers.dying") as ask:

        def begin(
            settings: Settings, die_at: str, hear_pid: Hear
        ) -> dict[str, int] | None:
            order = {
                "data": str(settings.data),
                "ca_file": str(ca_file),
                "die_at": die_at,
            }
            found: dict[str, int] | None = ask(order, hear_pid)
            return found

        yield begin


class _Clock:
    """The time, and how far it was put on."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return now() + self.ahead


def _run(data: str, ca_file: str, die_at: str) -> dict[str, int]:
    """Send, and store copies, until there is nothing to do; die if that was ordered."""
    where = settings_of(Path(data), Path(ca_file))
    with opened(where, Path(ca_file)) as mine:
        free_the_dead(mine.runtime)
        if die_at in APPEND_STEPS:
            _die_at_append(die_at)
        elif die_at:
            _die(mine.runtime.engine, *die_at.split("_"))
        clock = _Clock()
        runtime = replace(mine.runtime, clock=clock)
        _send(runtime)
        while _wants_copies(runtime):
            clock.ahead += A_WHILE
            _see_to_copies(runtime)
        with reading(runtime.engine) as conn:
            return {str(stage): n for stage, n in outbox.counts(conn).items()}


def _send(runtime: Runtime) -> None:
    job = Outbox(runtime, holder(), runtime.access())
    while _is_busy(runtime):
        job.tick()
        job.rest()
    job.close()


def _see_to_copies(runtime: Runtime) -> None:
    """Have every mailbox synced that a worker would: as it does, of Sent alone."""

    def want(one: int, why: Want) -> None:
        report = sync(syncer(runtime, holder()), one, why.trigger, why.only)
        assert report.error is None, report.error

    Copies(runtime, want, lambda _: False).tick()


def _is_busy(runtime: Runtime) -> bool:
    with reading(runtime.engine) as conn:
        return bool({Stage.QUEUED, Stage.SENDING} & set(outbox.counts(conn)))


def _wants_copies(runtime: Runtime) -> bool:
    """Tell whether a copy is to be seen to, now or ever."""
    with reading(runtime.engine) as conn:
        return any(
            outbox.copies_wanted(conn, one.id, runtime.clock() + EVER)
            for one in integrations.live(conn)
        )


def _die(engine: Engine, when: str, what: str) -> None:
    """Die before, or after, the commit of what one function has written."""
    mine = threading.local()
    owner, function = COMMITS[what], getattr(COMMITS[what], what)
    commit = engine.dialect.do_commit

    def noted(*args: Any, **more: Any) -> Any:
        found = function(*args, **more)
        mine.is_due = found is not False
        return found

    def committed(connection: Any) -> None:
        is_due, mine.is_due = getattr(mine, "is_due", False), False
        if is_due and when == "before":
            _end()
        commit(connection)
        if is_due:
            _end()

    setattr(owner, what, noted)
    engine.dialect.do_commit = committed  # type: ignore[method-assign, assignment]  # of this one


def _die_at_append(step: str) -> None:
    """Die when the server has asked for a copy, in the middle of it, or behind it."""
    send_literal = BoundedImap4.send_literal

    def sent(self: BoundedImap4, data: bytes, going_on: Callable[[], None]) -> None:
        if step == "append_part":
            self.sock.sendall(data[: len(data) // 2])
        if step == "append_whole":
            send_literal(self, data, going_on)
        _end()

    BoundedImap4.send_literal = sent  # type: ignore[method-assign]  # of this process


def _end() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    forking.serve(lambda order: _run(**order))
