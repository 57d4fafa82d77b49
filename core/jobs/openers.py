"""A few threads that do what takes time, for a loop that must not wait.

Daemon threads, not an executor: a server that does not answer must not keep the
program from ending.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from queue import SimpleQueue

Work = Callable[[], None]


class Openers:
    """Threads made as they are needed; what they are given to do never raises."""

    def __init__(self, most: int) -> None:
        """Prepare; no thread is started yet."""
        self._most, self._threads, self._free = most, 0, 0
        self._queue: SimpleQueue[Work | None] = SimpleQueue()
        self._lock = threading.Lock()

    def submit(self, work: Work) -> None:
        """Do some work as soon as a thread is free."""
        with self._lock:
            self._queue.put(work)
            if self._queue.qsize() > self._free and self._threads < self._most:
                self._threads += 1
                threading.Thread(target=self._run, name="opener", daemon=True).start()

    def stop(self) -> None:
        """Let each thread end when it has done what it is at."""
        with self._lock:
            while not self._queue.empty():
                self._queue.get()
            for _ in range(self._threads):
                self._queue.put(None)

    def _run(self) -> None:
        while True:
            with self._lock:
                self._free += 1
            work = self._queue.get()
            with self._lock:
                self._free -= 1
            if work is None:
                return
            work()
