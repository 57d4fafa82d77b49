"""What was fetched a moment ago, in this process: bounded by time and by bytes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar, cast

from core.keyed import Keyed

KEPT_S = 300.0
BYTES_MOST = 96 << 20
T = TypeVar("T")
Clock = Callable[[], float]


class Kept:
    """Values by key; what is older than `seconds` or does not fit is forgotten."""

    def __init__(
        self,
        seconds: float = KEPT_S,
        most: int = BYTES_MOST,
        clock: Clock = time.monotonic,
    ) -> None:
        """Begin with nothing."""
        self._seconds, self._most, self._clock = seconds, most, clock
        self._held: OrderedDict[Hashable, tuple[float, int, object]] = OrderedDict()
        self._lock, self._turns = threading.Lock(), Keyed()

    def get(self, key: Hashable, make: Callable[[], T], size: Callable[[T], int]) -> T:
        """Give what is kept under a key, or make it; one at a time for each key.

        What `make` raises is not kept.
        """
        with self._turns.held(key):
            with self._lock:
                self._forget_old()
                if key in self._held:
                    return cast("T", self._held[key][2])
            made = make()
            with self._lock:
                self._put(key, size(made), made)
            return made

    def forget(self, chosen: Callable[[Hashable], bool]) -> None:
        """Forget what is kept under the keys that are chosen."""
        with self._lock:
            for key in [key for key in self._held if chosen(key)]:
                del self._held[key]

    @property
    def size_bytes(self) -> int:
        """Give how much is kept."""
        with self._lock:
            return sum(size for _, size, _ in self._held.values())

    def _put(self, key: Hashable, size: int, value: object) -> None:
        self._held[key] = (self._clock(), size, value)
        while sum(one[1] for one in self._held.values()) > self._most:
            self._held.popitem(last=False)

    def _forget_old(self) -> None:
        until = self._clock() - self._seconds
        while self._held and next(iter(self._held.values()))[0] <= until:
            self._held.popitem(last=False)
