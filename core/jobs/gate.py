"""Bound how many connections a host and an account see, and how fast they begin.

Providers count connections, and some take many logins from one address for an attack
(INTEROP 5, 37, 47). Whoever wants one asks; who may begin is told by `ready`, in the
order of asking, one of `first` and one of the others in turn. Nobody waits in a thread:
the watcher's loop calls `ready` when something was given back and at `next_at`.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

NO_WAIT = float("inf")


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much a provider stands: connections, logins under way, seconds between."""

    account: int = 4
    host: int = 10_000
    starting: int = 4
    gap_s: float = 0.01


@dataclass(frozen=True, slots=True)
class Place:
    """Where a connection goes, and what is stood there.

    `account` is equal for all who log in there as the same, whoever they are.
    """

    host: str
    account: Hashable
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Ask:
    """Somebody who wants a connection; `start` is called when he may have it.

    `first` is for work that must not stand behind watching; `brief` for what gives
    back soon: nobody else has to leave to make room while it is in.
    """

    who: Hashable
    place: Place
    start: Callable[[], None]
    first: bool = False
    brief: bool = False

    @property
    def host(self) -> str:
        """Where it goes."""
        return self.place.host

    @property
    def account(self) -> Hashable:
        """As whom."""
        return self.place.account

    @property
    def bounds(self) -> Bounds:
        """How much is stood there."""
        return self.place.bounds


@dataclass(slots=True)
class _Host:
    first: deque[Ask] = field(default_factory=deque)
    others: deque[Ask] = field(default_factory=deque)
    open: int = 0
    starting: int = 0
    next_at: float = 0.0
    others_turn: bool = False


class Gate:
    """Who is in, and who waits. All methods may be called from any thread."""

    def __init__(
        self,
        wake: Callable[[], None] = lambda: None,
        crowded: Callable[[Hashable], None] = lambda _account: None,
    ) -> None:
        """Take what to call when `ready` may have news, and when an account is full.

        `crowded` hears of an account whose connections keep an ask of `first` waiting.
        """
        self._wake, self._crowded = wake, crowded
        self._lock = threading.Lock()
        self._hosts: dict[str, _Host] = {}
        self._queued: dict[str, None] = {}  # hosts that somebody waits for
        self._in: dict[Hashable, Ask] = {}
        self._starting: set[Hashable] = set()
        self._accounts: Counter[Hashable] = Counter()
        self._briefly: Counter[Hashable] = Counter()  # of these, who leave soon

    def ask(self, ask: Ask) -> None:
        """Want a connection."""
        with self._lock:
            host = self._hosts.setdefault(ask.host, _Host())
            (host.first if ask.first else host.others).append(ask)
            self._queued[ask.host] = None
            lasting = self._accounts[ask.account] - self._briefly[ask.account]
            full = ask.first and lasting >= ask.bounds.account
        if full:
            self._crowded(ask.account)
        self._wake()

    def has_room(self, place: Place) -> bool:
        """Tell whether one more connection would be let in without anybody leaving."""
        with self._lock:
            host = self._hosts.get(place.host, _Host())
            bounds = place.bounds
            waits = any(ask.account == place.account for ask in host.first)
            free = self._accounts[place.account] < bounds.account
            return free and host.open < bounds.host and not waits

    def started(self, who: Hashable) -> None:
        """Say that a connection stands: the next one of that host may begin."""
        with self._lock:
            if who in self._starting:
                self._starting.discard(who)
                self._hosts[self._in[who].host].starting -= 1
        self._wake()

    def give_back(self, who: Hashable) -> None:
        """Say that a connection is closed, or is not wanted any more."""
        with self._lock:
            ask = self._in.pop(who, None)
            if ask is None:
                self._leave_queue(who)
            else:
                self._leave(ask)
        self._wake()

    def ready(self, now: float) -> list[Ask]:
        """Let in who may begin now; the caller starts them."""
        with self._lock:
            out: list[Ask] = []
            for name in list(self._queued):
                host = self._hosts[name]
                while (ask := self._pick(host, now)) is not None:
                    self._enter(host, ask, now)
                    out.append(ask)
                self._forget_if_empty(name)
            return out

    def next_at(self, now: float) -> float:
        """Give when somebody may begin without anything being given back."""
        with self._lock:
            waiting = (self._hosts[name].next_at for name in self._queued)
            return min((at for at in waiting if at > now), default=NO_WAIT)

    def open_of(self, host: str) -> int:
        """Give how many connections a host has, those that begin among them."""
        with self._lock:
            return self._hosts[host].open if host in self._hosts else 0

    def _pick(self, host: _Host, now: float) -> Ask | None:
        if now < host.next_at:
            return None
        queues = (host.first, host.others)
        for queue in reversed(queues) if host.others_turn else queues:
            for ask in queue:
                bounds = ask.bounds
                if host.open >= bounds.host or host.starting >= bounds.starting:
                    return None
                if not self._is_full(ask):
                    queue.remove(ask)
                    return ask
        return None

    def _is_full(self, ask: Ask) -> bool:
        return self._accounts[ask.account] >= ask.bounds.account

    def _enter(self, host: _Host, ask: Ask, now: float) -> None:
        host.open += 1
        host.starting += 1
        host.next_at = now + ask.bounds.gap_s
        host.others_turn = ask.first
        self._accounts[ask.account] += 1
        self._briefly[ask.account] += ask.brief
        self._in[ask.who] = ask
        self._starting.add(ask.who)

    def _leave(self, ask: Ask) -> None:
        host = self._hosts[ask.host]
        host.open -= 1
        if ask.who in self._starting:
            self._starting.discard(ask.who)
            host.starting -= 1
        self._accounts[ask.account] -= 1
        self._briefly[ask.account] -= ask.brief
        if not self._accounts[ask.account]:
            del self._accounts[ask.account], self._briefly[ask.account]
        self._forget_if_empty(ask.host)

    def _leave_queue(self, who: Hashable) -> None:
        for name in list(self._queued):
            host = self._hosts[name]
            for queue in (host.first, host.others):
                for ask in [a for a in queue if a.who == who]:
                    queue.remove(ask)
            self._forget_if_empty(name)

    def _forget_if_empty(self, name: str) -> None:
        host = self._hosts[name]
        if not (host.first or host.others):
            self._queued.pop(name, None)
            if not host.open:
                del self._hosts[name]
