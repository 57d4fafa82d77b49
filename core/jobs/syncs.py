"""Syncs that are wanted: one at a time for a mailbox, and one more if asked meanwhile.

Notices of the watcher, the clock and people ask for syncs; the gate lets them in, and
a pool of threads does them. What is asked again before it began is one sync; what is
asked while it runs is done once more afterwards.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from core.jobs.gate import Ask, Gate, Place
from core.model import Trigger

URGENT = {Trigger.NOTICE, Trigger.REQUEST}


@dataclass(frozen=True, slots=True)
class Want:
    """Why a sync is wanted, and of which folders by name; None: of all."""

    trigger: Trigger
    only: frozenset[str] | None = None

    def __or__(self, other: Want) -> Want:
        """Give one sync that does for both."""
        both = {self.trigger, other.trigger}
        urgent = next((t for t in (Trigger.REQUEST, Trigger.NOTICE) if t in both), None)
        whole = self.only is None or other.only is None
        only = (
            None if whole else (self.only or frozenset()) | (other.only or frozenset())
        )
        return Want(urgent or self.trigger, only)


class Syncs:
    """A queue before a pool. All methods may be called from any thread."""

    def __init__(
        self,
        gate: Gate,
        place: Callable[[int], Place],
        run: Callable[[int, Want], None],
        parallel: int,
    ) -> None:
        """Take how to sync (`run`, which does not raise), and where a mailbox is."""
        self._gate, self._place, self._run, self._parallel = gate, place, run, parallel
        self._lock = threading.Lock()
        self._wants: dict[int, Want] = {}
        self._asked: set[int] = set()  # at the gate, or past it and without a thread
        self._let_in: deque[tuple[int, Place]] = deque()
        self._running: set[int] = set()
        self._pool = ThreadPoolExecutor(parallel, "sync")
        self._closed = False

    def want(self, mailbox: int, want: Want) -> None:
        """Ask for a sync; the clock's own asking counts only if none is on its way."""
        place = self._place(mailbox)
        with self._lock:
            busy = mailbox in self._running or mailbox in self._asked
            if self._closed or (busy and want.trigger not in URGENT):
                return
            before = self._wants.get(mailbox)
            self._wants[mailbox] = before | want if before else want
            if busy:
                return
            self._asked.add(mailbox)
        self._ask(mailbox, place)

    def is_wanted(self, mailbox: int) -> bool:
        """Tell whether a sync is on its way: what is stored may lack something."""
        return mailbox in self._wants or mailbox in self._running

    def is_busy(self) -> bool:
        """Tell whether any sync is on its way."""
        return bool(self._wants or self._running)

    def depth(self) -> tuple[int, int]:
        """Give how many mailboxes wait for a sync, and how many are synced now."""
        with self._lock:
            return len(self._wants), len(self._running)

    def close(self) -> None:
        """Begin nothing more, and wait for what runs."""
        with self._lock:
            self._closed = True
            self._wants.clear()
            self._let_in.clear()
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _ask(self, mailbox: int, place: Place) -> None:
        start = partial(self._enter, mailbox, place)
        self._gate.ask(Ask(_name(mailbox), place, start, first=True))

    def _enter(self, mailbox: int, place: Place) -> None:
        with self._lock:
            want = self._wants.get(mailbox)
            if want and want.trigger in URGENT:
                self._let_in.appendleft((mailbox, place))
            else:
                self._let_in.append((mailbox, place))
            self._fill()

    def _fill(self) -> None:
        while self._let_in and len(self._running) < self._parallel and not self._closed:
            mailbox, place = self._let_in.popleft()
            want = self._wants.pop(mailbox)
            self._asked.discard(mailbox)
            self._running.add(mailbox)
            self._pool.submit(self._do, mailbox, want, place)

    def _do(self, mailbox: int, want: Want, place: Place) -> None:
        self._gate.started(_name(mailbox))
        try:
            self._run(mailbox, want)
        finally:
            self._gate.give_back(_name(mailbox))
            with self._lock:
                self._running.discard(mailbox)
                again = mailbox in self._wants
                if again:
                    self._asked.add(mailbox)
                self._fill()
            if again:
                self._ask(mailbox, place)


def _name(mailbox: int) -> tuple[str, int]:
    return ("sync", mailbox)
