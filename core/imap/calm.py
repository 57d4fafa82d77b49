"""Let the garbage collector rest while very many values are made that live on.

Each pass looks at all of them for cycles that are not there: a fifth of the time of a
first sync. Reference counting goes on as ever.
"""

from __future__ import annotations

import gc
import threading

RARELY = (50_000, 20, 100)  # instead of (700, 10, 10) in Python 3.11

_lock = threading.Lock()
_wanted = 0
_usual = gc.get_threshold()


def begin() -> None:
    """Look for cycles rarely, until `end`."""
    global _wanted, _usual  # noqa: PLW0603 - there is one collector in a process
    with _lock:
        if not _wanted:
            _usual = gc.get_threshold()
            gc.set_threshold(*RARELY)
        _wanted += 1


def end() -> None:
    """Look as before, once nobody wants calm any more."""
    global _wanted  # noqa: PLW0603 - as above
    with _lock:
        _wanted -= 1
        if not _wanted:
            gc.set_threshold(*_usual)
