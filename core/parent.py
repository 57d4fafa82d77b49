"""A child process that never outlives its parent.

The child holds the reading end of a pipe as its standard input; when the parent ends,
however it ends, the pipe closes and the child stops.
"""

from __future__ import annotations

import os
import stat
import subprocess
import threading
from collections.abc import Callable
from contextlib import suppress


def stop_with_parent(stop: Callable[[], None]) -> None:
    """Call `stop` when standard input ends, if it is a pipe from a parent."""
    try:
        if not stat.S_ISFIFO(os.fstat(0).st_mode):
            return
    except OSError:
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        stop()

    threading.Thread(target=wait, name="parent", daemon=True).start()


def end(child: subprocess.Popen[bytes], wait_s: float) -> None:
    """End a child that ends with its standard input; by force if it takes too long."""
    if child.stdin is not None:
        with suppress(OSError):
            child.stdin.close()
    try:
        child.wait(wait_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
