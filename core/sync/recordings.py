"""Recordings of connections on their way to the store.

A connection that is recorded hands its lines over and goes on; they are written
together, each second and when a connection ends, never in a transaction of the sync.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from sqlalchemy import Engine

from core.clock import Clock, now as this_moment, to_ms
from core.errors import StoreUnavailable
from core.imap.recording import Recorder, Way
from core.model import Integration
from core.store import recorded
from core.store.engine import writing
from core.store.recorded import LINES_MOST, Line

Who = Literal["sync", "idle", "probe", "peek"]


@dataclass(frozen=True, slots=True)
class Recordings:
    """What was recorded and is not written yet. May be used from many threads."""

    engine: Engine
    clock: Clock = this_moment
    _unwritten: dict[int, deque[Line]] = field(default_factory=dict, repr=False)
    _until: dict[int, datetime] = field(default_factory=dict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _writing: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def of(self, integration: Integration, who: Who) -> Recorder | None:
        """Give what records a new connection of an integration; None: it is not."""
        until = integration.record_until
        if until is None or until <= self.clock():
            return None
        one = integration.id
        with self._lock:
            self._until[one] = until
            queue = self._unwritten.setdefault(one, deque(maxlen=LINES_MOST))

        def keep(way: Way, line: str) -> None:
            at = self.clock()
            if at < self._until[one]:
                queue.append(Line(one, at, who, str(way), line))

        return Recorder(keep)

    @contextmanager
    def recording(
        self, integration: Integration, who: Who
    ) -> Iterator[Recorder | None]:
        """Give the same, and write what it recorded when the connection has ended."""
        recorder = self.of(integration, who)
        try:
            yield recorder
        finally:
            if recorder is not None:
                recorder.close()
                with suppress(StoreUnavailable):  # it is tried again
                    self.write()

    def write(self) -> None:
        """Write what was recorded; it stops where a person has stopped it.

        Raises:
            StoreUnavailable: nothing is lost but what there is no room for.

        """
        with self._writing:
            with self._lock:
                held = {one: list(lines) for one, lines in self._unwritten.items()}
            held = {one: lines for one, lines in held.items() if lines}
            if held:
                self._write(held)

    def _write(self, held: dict[int, list[Line]]) -> None:
        with writing(self.engine) as conn:
            ends = recorded.ends(conn, held.keys())
            self._until.update(ends)
            lines = [
                line
                for one, some in held.items()
                for line in some
                if one in ends and to_ms(line.at) <= to_ms(ends[one])
            ]
            recorded.add(conn, lines)
        for one, some in held.items():
            written = set(map(id, some))
            queue = self._unwritten[one]
            while queue and id(queue[0]) in written:
                queue.popleft()
