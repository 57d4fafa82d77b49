"""One at a time for each key, among the threads of this process."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager


class Keyed:
    """Locks by key, which are there only while somebody has or wants one."""

    def __init__(self) -> None:
        """Prepare; there is no lock yet."""
        self._lock = threading.Lock()
        self._locks: dict[Hashable, threading.Lock] = {}
        self._users: Counter[Hashable] = Counter()

    @contextmanager
    def held(self, key: Hashable) -> Iterator[None]:
        """Wait for one's turn at a key, and keep it for as long as it takes."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
            self._users[key] += 1
        try:
            with lock:
                yield
        finally:
            with self._lock:
                self._users[key] -= 1
                if not self._users[key]:
                    del self._users[key], self._locks[key]
