"""A worker that sends what is in the outbox, in a process that dies when told.

    with nursery(ca_file) as begin:
        begin(settings, "after_take", hear_pid)      # None: it died by its own hand
        begin(settings, "", hear_pid)                # {"queued": 0, …}: at rest

One process holds all that is imported and forks a child for each run, as crashing.py
does. The product is not changed: its engine's own commit is what the child dies before
or after, and the product's own functions tell which commit it is.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from core.jobs.embedded import free_the_dead
from core.jobs.outbox import Outbox
from core.outbox import conclude
from core.outgoing import Stage
from core.runtime import Runtime, holder
from core.settings import Settings
from core.store import outbox
from core.store.engine import reading
from tests.servers import forking
from tests.servers.crashing import settings as settings_of
from tests.servers.forking import Hear
from tests.servers.kept import opened

# The commits of a worker that sends: it takes a mail, is at the brink, has an answer.
COMMITS = {"take": outbox, "brink": outbox, "conclude": conclude}
OWN_STEPS = tuple(f"{when}_{what}" for what in COMMITS for when in ("before", "after"))
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


def _run(data: str, ca_file: str, die_at: str) -> dict[str, int]:
    """Send until the outbox is at rest; die if that was ordered."""
    where = settings_of(Path(data), Path(ca_file))
    with opened(where, Path(ca_file)) as mine:
        runtime = mine.runtime
        free_the_dead(runtime)
        if die_at:
            _die(runtime.engine, *die_at.split("_"))
        job = Outbox(runtime, holder(), runtime.access())
        while _is_busy(runtime):
            job.tick()
            job.rest()
        job.close()
        with reading(runtime.engine) as conn:
            return {str(stage): n for stage, n in outbox.counts(conn).items()}


def _is_busy(runtime: Runtime) -> bool:
    with reading(runtime.engine) as conn:
        return bool({Stage.QUEUED, Stage.SENDING} & set(outbox.counts(conn)))


def _die(engine: Engine, when: str, what: str) -> None:
    """Die before, or after, the commit of what one function has written."""
    mine = threading.local()
    owner, function = COMMITS[what], getattr(COMMITS[what], what)
    commit = engine.dialect.do_commit

    def noted(*args: Any, **more: Any) -> Any:
        found = function(*args, **more)
        mine.is_due = bool(found)
        return found

    def committed(connection: Any) -> None:
        is_due, mine.is_due = getattr(mine, "is_due", False), False
        if is_due and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        commit(connection)
        if is_due:
            os.kill(os.getpid(), signal.SIGKILL)

    setattr(owner, what, noted)
    engine.dialect.do_commit = committed  # type: ignore[method-assign, assignment]  # of this one


if __name__ == "__main__":
    forking.serve(lambda order: _run(**order))
