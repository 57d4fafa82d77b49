"""One sync in a process that does nothing else, which then says what memory it took.

    MALOTE_DATA=… python -m tests.bench.alone INTEGRATION

First the installation is opened, as a worker does: that is the idle process. The kernel
keeps the peak of resident memory; it is set back just before the sync. The process that
reads headers counts with all that it takes. Nothing is imported here that a worker
would not import.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

import psutil

from core.jobs.embedded import syncer
from core.model import Outcome, Trigger
from core.runtime import open_runtime
from core.settings import read_settings
from core.sync.run import sync

PROCESS = Path("/proc/self")
LOOK_S = 0.02  # there is no event to wait for


def resident_mb(field: str, process: Path = PROCESS) -> float:
    """Read VmRSS (now) or VmHWM (the peak) of a process."""
    found = re.search(rf"{field}:\s+(\d+) kB", (process / "status").read_text())
    assert found
    return int(found[1]) / 1024


class Children:
    """The most memory that processes started meanwhile have had, looked at often.

    Not by getrusage: it counts what a child shared with us before it became another
    program.
    """

    def __init__(self) -> None:
        self._peaks: dict[int, float] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    @property
    def peak_mb(self) -> float:
        return sum(self._peaks.values())

    def _look(self) -> None:
        while not self._over.wait(LOOK_S):
            for child in psutil.Process().children(recursive=True):
                with suppress(OSError, AssertionError):
                    at = Path(f"/proc/{child.pid}")
                    if "reader_process" in (at / "cmdline").read_text():
                        self._peaks[child.pid] = resident_mb("VmHWM", at)


def main(integration_id: int) -> None:
    """Open, sync, tell."""
    one = syncer(open_runtime(read_settings()), "bench:0:0")
    idle = resident_mb("VmRSS")
    (PROCESS / "clear_refs").write_text("5")  # proc(5): sets VmHWM back to VmRSS
    with Children() as children:
        report = sync(one, integration_id, Trigger.COMMAND)
    if report.outcome is not Outcome.OK:
        raise RuntimeError(str(report)) from report.error
    told = {
        "idle_mb": idle,
        "peak_mb": resident_mb("VmHWM") + children.peak_mb,
        "seconds": report.seconds,
    }
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]))
