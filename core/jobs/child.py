"""Run the worker as a child process of the console, and let it never outlive it.

Streamlit must not sync in its own process: one busy thread there makes every page
twenty times slower. The child holds the reading end of a pipe as its standard input;
when the parent ends, however it ends, the pipe closes and the child stops.
"""

from __future__ import annotations

import subprocess
import sys
import threading

from core import log
from core.parent import end

RESTART_S = 2.0
STOP_S = 20.0


class WorkerProcess:
    """A worker beside us: started, started again when it dies, stopped with us."""

    def __init__(self) -> None:
        """Prepare; nothing is started yet."""
        self._ending = threading.Event()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)

    def start(self) -> None:
        """Start the worker and watch over it."""
        self._thread.start()

    def stop(self) -> None:
        """End the worker in good order, and wait for it."""
        self._ending.set()
        if self._child is not None:
            end(self._child, STOP_S)

    def _keep(self) -> None:
        while not self._ending.is_set():
            self._child = subprocess.Popen(
                [sys.executable, "-m", "core.jobs.worker"],
                stdin=subprocess.PIPE,
                start_new_session=True,  # Ctrl-C goes to the parent alone
            )
            if self._ending.is_set() and self._child.stdin:  # asked to end meanwhile
                self._child.stdin.close()
            code = self._child.wait()
            if not self._ending.is_set():
                log.logger().error("worker died", code=code, again_in_s=RESTART_S)
                self._ending.wait(RESTART_S)
