"""Ears for a watcher, and a worker that can be waited for."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import TypeVar

from core.errors import MailError
from core.imap.idle import Seen
from core.jobs.ears import Told
from core.jobs.embedded import Worker
from core.jobs.gate import Bounds, Place
from core.jobs.line import Account as Login, Opened, Polled, open_line
from core.jobs.syncs import Want
from core.jobs.watcher import Watcher
from core.model import Role, Server, Trigger
from core.network import Policy
from core.runtime import Runtime
from core.secret import Secret
from tests.servers.installation import Installation

T = TypeVar("T")
WAIT_S = 30.0  # the machine may be busy; what is waited for takes far less
LOOK_S = 0.05  # for what nobody tells


def place_of(server: Server, user: str, bounds: Bounds | None = None) -> Place:
    """Give where the connections of a mailbox go."""
    return Place(server.host, (server.host, user), bounds or Bounds())


class Listener:
    """Remembers what a watcher tells, and wakes who waits for it."""

    def __init__(self) -> None:
        self.changes: list[tuple[int, frozenset[str] | None]] = []
        self.proofs: list[int] = []
        self.news: list[tuple[int, Told, str]] = []
        self._changed = threading.Condition()

    def changed(self, mailbox: int, folders: frozenset[str] | None) -> None:
        self._add(self.changes, (mailbox, folders))

    def proved(self, mailbox: int) -> None:
        self._add(self.proofs, mailbox)

    def told(self, mailbox: int, what: Told, error: MailError | None) -> None:
        self._add(self.news, (mailbox, what, error.code if error else ""))

    def until(self, reached: Callable[[], bool], seconds: float = WAIT_S) -> None:
        """Wait until something holds, looking again whenever something is told."""
        end = time.monotonic() + seconds
        with self._changed:
            while not reached():
                assert time.monotonic() < end, (self.changes, self.proofs, self.news)
                self._changed.wait(LOOK_S)

    def _add(self, to: list[T], what: T) -> None:
        with self._changed:
            to.append(what)
            self._changed.notify_all()


class Watch:
    """A watcher of given servers, with short times."""

    def __init__(
        self,
        servers: Mapping[int, tuple[Server, str]],
        policy: Policy,
        *,
        idle_s: float = 600.0,
        answer_s: float = 5.0,
        connections: int = 1,
        bounds: Bounds | None = None,
    ) -> None:
        self.servers, self.policy = servers, policy
        self.idle_s, self.bounds = idle_s, bounds
        self.ears = Listener()
        self.watcher = Watcher(
            self._open,
            self.ears,
            connections=connections,
            answer_s=answer_s,
            jitter=lambda: 0.0,  # every back-off is as short as it can be
        )

    def count(self, what: str) -> int:
        return self.watcher.stats().get(what, 0)

    def until_watched(self, mailbox: int = 1) -> None:
        self.ears.until(lambda: mailbox in self.watcher.watched())

    def _open(self, mailbox: int, role: Role, before: Seen | None) -> Opened | Polled:
        server, user = self.servers[mailbox]
        login = Login(server, user, Secret("pw"), sent="Sent")
        found = open_line(login, role, self.policy, before)
        if isinstance(found, Polled):
            return found
        found.line.idle_s = self.idle_s
        return replace(found, bounds=self.bounds or found.bounds)


@contextmanager
def watching(
    servers: Mapping[int, tuple[Server, str]], policy: Policy, **how: object
) -> Iterator[Watch]:
    """Watch some mailboxes; at the end all is closed, within two seconds."""
    watch = Watch(servers, policy, **how)  # type: ignore[arg-type]  # by name
    watch.watcher.start()
    for mailbox, (server, user) in servers.items():
        watch.watcher.follow(mailbox, place_of(server, user))
    try:
        yield watch
    finally:
        began = time.monotonic()
        watch.watcher.stop()
        assert time.monotonic() - began < 2
        assert not watch.watcher._thread.is_alive()


class Observed(Worker):
    """The worker; remembers when it was told of a change and when it had stored it."""

    def __init__(self, runtime: Runtime) -> None:
        self.noticed: list[tuple[float, frozenset[str] | None]] = []
        self.synced: list[tuple[float, Trigger]] = []
        self.changed = threading.Condition()
        super().__init__(runtime)

    def until(self, reached: Callable[[], bool], seconds: float = WAIT_S) -> None:
        """Wait until something holds, looking again after each sync."""
        end = time.monotonic() + seconds
        with self.changed:
            while not reached():
                assert time.monotonic() < end, (self.stats(), self.noticed, self.synced)
                self.changed.wait(LOOK_S)

    def until_quiet(self, mailbox: int) -> None:
        """Wait until a mailbox is watched and all that was noticed is stored."""
        self.until(
            lambda: mailbox in self.watched() and not self._syncs.is_busy(), WAIT_S
        )

    def _want(self, integration_id: int, want: Want) -> None:
        if want.trigger is Trigger.NOTICE:
            self.noticed.append((time.monotonic(), want.only))
        super()._want(integration_id, want)

    def _sync(self, integration_id: int, want: Want) -> None:
        super()._sync(integration_id, want)
        with self.changed:
            self.synced.append((time.monotonic(), want.trigger))
            self.changed.notify_all()


@contextmanager
def working(runtime: Runtime) -> Iterator[Observed]:
    """Run a worker in a thread, and end it in good order."""
    worker = Observed(runtime)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        yield worker
    finally:
        worker.stop()
        thread.join(WAIT_S)
        assert not thread.is_alive()


def holds(installation: Installation, one: int, folder: str, count: int) -> bool:
    return len(installation.held(one).get(folder, {})) == count
