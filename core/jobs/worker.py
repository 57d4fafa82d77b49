"""One worker as a process: `malote worker`, or `python -m core.jobs.worker`."""

from __future__ import annotations

import sys

from core import log
from core.errors import MailError
from core.i18n import terminal_texts
from core.jobs.embedded import Worker
from core.parent import stop_with_parent
from core.runtime import open_runtime
from core.settings import read_settings
from core.words import explain

USE = 2  # exit code: wrong use


def work() -> None:
    """Sync what is due until a signal comes, or the parent ends."""
    runtime = open_runtime(read_settings())
    log.take_endings()
    worker = Worker(runtime)
    worker.stop_on_signals()
    stop_with_parent(worker.stop)
    worker.run()


if __name__ == "__main__":
    try:
        work()
    except MailError as error:
        sys.stderr.write(f"malote: {explain(terminal_texts(), error).line}\n")
        sys.exit(USE)
