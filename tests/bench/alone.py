"""One sync in a process that does nothing else, which then says what memory it took.

    MALOTE_DATA=… python -m tests.bench.alone INTEGRATION

First the installation is opened, as a worker does: that is the idle process. The kernel
keeps the peak of resident memory; it is set back just before the sync. Nothing is
imported here that a worker would not import.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from core.jobs.embedded import syncer
from core.model import Outcome, Trigger
from core.runtime import open_runtime
from core.settings import read_settings
from core.sync.run import sync

PROCESS = Path("/proc/self")


def resident_mb(field: str) -> float:
    """Read VmRSS (now) or VmHWM (the peak) of this process."""
    found = re.search(rf"{field}:\s+(\d+) kB", (PROCESS / "status").read_text())
    assert found
    return int(found[1]) / 1024


def main(integration_id: int) -> None:
    """Open, sync, tell."""
    one = syncer(open_runtime(read_settings()), "bench:0:0")
    idle = resident_mb("VmRSS")
    (PROCESS / "clear_refs").write_text("5")  # proc(5): sets VmHWM back to VmRSS
    report = sync(one, integration_id, Trigger.COMMAND)
    if report.outcome is not Outcome.OK:
        raise RuntimeError(str(report)) from report.error
    told = {"idle_mb": idle, "peak_mb": resident_mb("VmHWM"), "seconds": report.seconds}
    sys.stdout.write(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]))
