"""One export as a process of its own: `python -m core.exporting.job FOLDER`.

It ends when it is asked to, or when who started it ends, and leaves nothing then.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.errors import BadInput, ExportBroke, MailError
from core.exporting import kept
from core.exporting.ask import Ask, Format, ask_of, file_name, safe_name
from core.exporting.kept import State, Told
from core.exporting.making import Made, make
from core.parent import stop_with_parent
from core.runtime import Runtime, open_runtime
from core.settings import read_settings
from core.store import exported
from core.store.engine import reading

EACH_S = 0.3  # how far it is, is told as often
KEEP_FREE_BYTES = 256 << 20  # on the disk, where the database may be, too
KINDNESS = 5  # pages and the sync come first
CANCELLED = 1


class Job:
    """An export at work, and what it tells."""

    def __init__(self, runtime: Runtime, folder: Path, ask: Ask) -> None:
        """Prepare; nothing is written yet."""
        self._runtime, self._folder, self._ask = runtime, folder, ask
        self._told, self._at = Told(), 0.0

    def run(self) -> None:
        """Write the file, and tell what became of it."""
        name = file_name(self._ask.format, self._runtime.clock())
        path = self._folder / name
        try:
            made = make(self._runtime, self._ask, path, self._on_done)
        except OSError as error:
            self._fail(ExportBroke(str(error)))
        except MailError as error:
            self._fail(error)
        else:
            self._done(path, made)

    def _on_done(self, done: int, total: int | None) -> None:
        self._told = replace(self._told, done=done, total=total)
        if time.monotonic() - self._at < EACH_S:
            return
        self._at = time.monotonic()
        if shutil.disk_usage(self._folder).free < KEEP_FREE_BYTES:
            raise ExportBroke("no room")
        kept.tell(self._folder, self._told)

    def _done(self, path: Path, made: Made) -> None:
        name = path.name
        if self._ask.format is Format.EML:
            name = self._named_by_subject()
        told = replace(
            self._told,
            state=State.DONE,
            done=made.messages,
            total=made.messages,
            left=made.left,
            file=path.name,
            name=name,
            size_bytes=path.stat().st_size,
        )
        kept.tell(self._folder, told)

    def _fail(self, error: MailError) -> None:
        code, facts = error.code, dict(error.facts)
        if isinstance(error, BadInput):  # has no words without its field
            code, facts = ExportBroke.code, {}
        told = replace(self._told, state=State.FAILED, code=code, facts=facts)
        kept.tell(self._folder, told)

    def _named_by_subject(self) -> str:
        with reading(self._runtime.engine) as conn:
            subject = exported.subject(conn, self._ask.ids[0])
        return safe_name(subject, str(Format.EML))


def cancel_on_signal(folder: Path) -> None:
    """End at SIGTERM, and when standard input ends; nothing is left then."""

    def cancel(_number: int, _frame: Any) -> None:
        # At once, in the middle of anything: an exception would find its way through
        # libraries that do not expect it, and nothing here is worth an orderly end.
        shutil.rmtree(folder, ignore_errors=True)
        os._exit(CANCELLED)

    signal.signal(signal.SIGTERM, cancel)
    stop_with_parent(lambda: os.kill(os.getpid(), signal.SIGTERM))


def main(folder: Path) -> None:
    """Do the export that a folder asks for."""
    os.nice(KINDNESS)
    ask = ask_of(json.loads((folder / kept.ASKED).read_text("utf-8")))
    Job(open_runtime(read_settings()), folder, ask).run()


if __name__ == "__main__":
    cancel_on_signal(Path(sys.argv[1]))
    main(Path(sys.argv[1]))
