"""A selector, a heap of times and a bell: the bare loop under the watcher."""

from __future__ import annotations

import heapq
import itertools
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from typing import Protocol

from core.jobs.line import Line

NEVER = float("inf")


class Timed(Protocol):
    """What has a time: `due`, on the monotonic clock; older entries do not count."""

    due: float


class Turns(Protocol):
    """What the loop does things for."""

    def serve(self, line: Line, *, readable: bool) -> None:
        """Read or write a line that is ready."""

    def be_due(self, what: Timed) -> None:
        """Do what was to be done at this time."""

    def next_turn(self, now: float) -> float:
        """Do what every turn needs; give when the next is needed at the latest."""


class Loop:
    """Turns of one thread. `call`, `wake` and `stop` may be called from any other."""

    def __init__(self, turns: Turns) -> None:
        """Prepare; nothing is opened but the bell."""
        self._turns = turns
        self._times: list[tuple[float, int, Timed | None, Line | None]] = []
        self._numbers = itertools.count()
        self._calls: deque[Callable[[], None]] = deque()
        self._again: dict[Line, None] = {}  # more to read than a selector knows of
        self._stopping = False
        self._selector = selectors.DefaultSelector()
        self._bell, self._button = socket.socketpair()
        self._bell.setblocking(False)
        self._button.setblocking(False)
        self._selector.register(self._bell, selectors.EVENT_READ, None)

    @property
    def stopping(self) -> bool:
        """Tell whether the loop was asked to end."""
        return self._stopping

    def call(self, what: Callable[[], None]) -> None:
        """Have something done in the loop's thread, soon."""
        self._calls.append(what)
        self.wake()

    def wake(self) -> None:
        """End the loop's waiting, if it waits."""
        with suppress(OSError):  # full: it will wake; closed: nobody is there any more
            self._button.send(b"!")

    def stop(self) -> None:
        """End after the turn at hand."""
        self._stopping = True
        self.wake()

    def run(self) -> None:
        """Turn until `stop`."""
        at = 0.0
        while not self._stopping:
            at = self._turn(at)

    def close(self) -> None:
        """Do what is left to be done, and close what the loop itself has opened."""
        while self._calls:
            self._calls.popleft()()
        self._selector.close()
        self._bell.close()
        self._button.close()

    # ---- for the loop's own thread

    def set_due(self, what: Timed, seconds: float) -> None:
        """Give something another time; what it had before does not count any more."""
        what.due = time.monotonic() + seconds
        if seconds != NEVER:
            self._push(what.due, what, None)

    def add(self, line: Line) -> None:
        """Serve a line when it is ready."""
        self._selector.register(line.sock, _mask(line), line)

    def listen(self, line: Line) -> None:
        """Look again at what a line waits for."""
        with suppress(KeyError):  # paused
            self._selector.modify(line.sock, _mask(line), line)
        if line.has_more():
            self._again[line] = None

    def pause(self, line: Line, seconds: float) -> None:
        """Leave a line alone for a moment."""
        self._again.pop(line, None)
        with suppress(KeyError):
            self._selector.unregister(line.sock)
            self._push(time.monotonic() + seconds, None, line)

    def remove(self, line: Line) -> None:
        """Serve a line no more; it is about to be closed."""
        self._again.pop(line, None)
        with suppress(KeyError):
            self._selector.unregister(line.sock)

    def lines(self) -> int:
        """Give how many lines are served."""
        return max(0, len(self._selector.get_map() or ()) - 1)

    def _push(self, when: float, what: Timed | None, paused: Line | None) -> None:
        heapq.heappush(self._times, (when, next(self._numbers), what, paused))

    def _turn(self, at: float) -> float:
        for key, mask in self._selector.select(self._patience(at)):
            if key.data is None:
                self._answer_bell()
            else:
                readable = bool(mask & selectors.EVENT_READ)
                self._turns.serve(key.data, readable=readable)
        for line in list(self._again):
            del self._again[line]
            self._turns.serve(line, readable=True)
        while self._calls:
            self._calls.popleft()()
        now = time.monotonic()
        self._keep_times(now)
        return self._turns.next_turn(now)

    def _patience(self, at: float) -> float | None:
        if self._again or self._calls:
            return 0
        first = min(at, self._times[0][0] if self._times else NEVER)
        return None if first == NEVER else max(0.0, first - time.monotonic())

    def _answer_bell(self) -> None:
        with suppress(BlockingIOError):
            while self._bell.recv(4096):
                pass

    def _keep_times(self, now: float) -> None:
        while self._times and self._times[0][0] <= now:
            when, _, what, paused = heapq.heappop(self._times)
            if what is not None and what.due == when:
                self._turns.be_due(what)
            elif paused is not None and paused.sock.fileno() >= 0:
                self.add(paused)
                self.listen(paused)


def _mask(line: Line) -> int:
    writes = selectors.EVENT_WRITE if line.waits_to_write else 0
    return selectors.EVENT_READ | writes
