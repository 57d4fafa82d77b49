"""A mail server reduced to what a sync asks of it (`core.imap.mailbox.Mailbox`).

It can be asked to misbehave: to end the connection after some calls, to lie on the
first connection of a run, to withhold messages, and to change in the middle of a run.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.clock import to_ms
from core.errors import ConnectionLost, FolderRefused
from core.imap.features import Features
from core.imap.fetch import Batch
from core.imap.mailbox import Mailbox
from core.imap.search import FlagNews
from core.model import (
    Fetched,
    Flags,
    Integration,
    Kind,
    Listed,
    Message,
    Poison,
    Role,
    Status,
    Sweep,
)

NUMBERS = itertools.count(1)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
FOREVER = 1 << 30


def mail(number: int, sender: str = "ana@example.net") -> Message:
    """Make the message with a number: the same number, the same message."""
    at = to_ms(START + timedelta(minutes=7 * number))
    return Message(
        identity=f"m{number}",
        kind=Kind.PERSON,
        from_name="Ana",
        from_address=sender,
        recipients="me@example.org",
        copied="",
        subject=f"Number {number}",
        message_id=f"<{number}@example.net>",
        in_reply_to="",
        references="",
        written_ms=at - 60_000,
        received_ms=at,
        size_bytes=1000 + number,
        attachment=False,
        folded=f"number {number}",
    )


@dataclass(eq=False)
class MemoryFolder:
    """One folder: what lies at each UID, and when it last changed."""

    role: Role
    # RFC 9051 §2.3.1.1: a name that is used again has another UIDVALIDITY.
    uidvalidity: int = field(default_factory=NUMBERS.__next__)
    mailbox_id: str = field(default_factory=lambda: f"F{next(NUMBERS)}")
    uidnext: int = 1
    modseq: int = 1
    held: dict[int, tuple[Message, int]] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)
    vanished: dict[int, int] = field(default_factory=dict)
    ever: dict[tuple[int, int], str] = field(default_factory=dict)
    forgotten: int = 0  # what vanished up to this modseq is not known one by one
    phantom: bool = False  # listed, and not to be opened
    keeps_modseq: bool = True  # RFC 7162 §3.1.2.2: NOMODSEQ
    withheld: set[int] = field(default_factory=set)  # in SEARCH, never in FETCH
    poisoned: set[int] = field(default_factory=set)
    odd: set[int] = field(default_factory=set)  # withheld or poisoned at any time
    told: set[int] = field(default_factory=set)  # every HIGHESTMODSEQ that was stated

    def arrive(self, message: Message, flags: int = 0) -> None:
        """Put a message at the next UID."""
        self.ever[self.uidvalidity, self.uidnext] = message.identity
        self._touch(self.uidnext, message, flags)
        self.uidnext += 1

    def flag(self, uid: int, flags: int) -> None:
        """Set the flags of a message."""
        self._touch(uid, self.held[uid][0], flags)

    def expunge(self, uid: int) -> Message:
        """Take a message away."""
        self.modseq += 1
        self.vanished[uid] = self.modseq
        self.changed.pop(uid)
        return self.held.pop(uid)[0]

    def recreate(self) -> None:
        """Give every message another UID, as a restored server would."""
        kept = [self.held[uid] for uid in sorted(self.held)]
        self.uidvalidity = next(NUMBERS)
        self.uidnext, self.held, self.changed, self.vanished = 1, {}, {}, {}
        self.withheld, self.poisoned, self.odd = set(), set(), set()
        for message, flags in kept:
            self.arrive(message, flags)

    def count_again(self, modseq: int) -> None:
        """Begin with lower modseqs, as an index that was rebuilt (INTEROP 29).

        Not with one that was told before: nobody could see that it means other flags.
        """
        lower = [m for m in range(1, modseq + 1) if m not in self.told]
        self.modseq = min(self.modseq, lower[-1]) if lower else self.modseq + 1
        self.changed = {u: min(m, self.modseq) for u, m in self.changed.items()}
        self.forgotten = self.modseq

    def gone_since(self, since: int, upto: int) -> list[int]:
        """List what vanished; all that is not there if that was forgotten.

        RFC 7162 §3.2.10.1: a server may name UIDs that the client never saw.
        """
        if since < self.forgotten:
            return [u for u in range(1, upto + 1) if u not in self.held]
        return [u for u, at in self.vanished.items() if at > since and u <= upto]

    def _touch(self, uid: int, message: Message, flags: int) -> None:
        self.modseq += 1
        self.held[uid] = (message, int(flags))
        self.changed[uid] = self.modseq


@dataclass
class MemoryServer:
    """A mailbox of several folders; each run may meet one mishap."""

    features: Features
    folders_: dict[str, MemoryFolder] = field(default_factory=dict)
    says_uidnext: bool = True
    calls_left: int = FOREVER
    meanwhile: tuple[int, Callable[[], object]] | None = None  # after so many calls
    lie: MemoryFolder | None = None  # said to be empty on a run's first connection
    connections: int = 0
    fetched: int = 0  # messages given, all in all

    @contextmanager
    def opener(self, _integration: Integration) -> Iterator[Mailbox]:
        """Open as `core.sync.run.Syncer` wants it."""
        self.connections += 1
        lie, self.lie = self.lie, None
        yield MemoryMailbox(self, lie)

    def call(self) -> None:
        """Count a call: the connection may end, or something may happen, with it."""
        self.calls_left -= 1
        if self.calls_left < 0:
            raise ConnectionLost(host="memory", port=0)
        if self.meanwhile is not None:
            left, act = self.meanwhile
            self.meanwhile = (left - 1, act) if left else None
            if not left:
                act()


@dataclass
class MemoryMailbox:
    """One connection; what it has opened stays open when it is renamed."""

    server: MemoryServer
    lie: MemoryFolder | None = None
    opened: MemoryFolder | None = None
    uidvalidity: int = 0

    @property
    def features(self) -> Features:
        """Tell what the server can do."""
        return self.server.features

    @property
    def alerts(self) -> list[str]:
        """Say nothing that a person must read."""
        return []

    def sweep(self, names: Collection[str] | None = None) -> Sweep:
        """LIST and STATUS."""
        self.server.call()
        folders = dict(self.server.folders_)
        listed = [Listed(n, n, "/", f.role, True) for n, f in folders.items()]
        if not self.features.list_status:
            self.server.call()
        asked = {n: f for n, f in folders.items() if names is None or n in names}
        return Sweep(
            listed,
            {n: self._status(f) for n, f in asked.items() if not f.phantom},
            {n: FolderRefused.code for n, f in asked.items() if f.phantom},
        )

    def examine(self, name: str) -> Status:
        """EXAMINE."""
        self.server.call()
        found = self.server.folders_.get(name)
        if found is None or found.phantom:
            raise FolderRefused(folder=name)
        self.opened, self.uidvalidity = found, found.uidvalidity
        return replace(self._status(found), unseen=0)

    def uids(self, first: int = 1) -> list[int]:
        """UID SEARCH."""
        held = self._held()
        return sorted(u for u in held if u >= first)

    def flags(self, upto: int, since: int = 0, first: int = 1) -> FlagNews:
        """UID FETCH first:upto (FLAGS), perhaps (CHANGEDSINCE since VANISHED)."""
        held, f = self._held(), self._folder
        changed = {
            uid: flags
            for uid, (_, flags) in held.items()
            if first <= uid <= upto and f.changed[uid] > since
        }
        if not since or not self.features.qresync:
            return FlagNews(changed, None)
        gone = f.gone_since(since, upto)
        return FlagNews(changed, tuple((u, u) for u in gone))

    def fetch(
        self, batches: Iterable[Sequence[int]], _total: int = 0
    ) -> Iterator[Batch]:
        """UID FETCH; the next batch is asked for before the present one is given."""
        before: Batch | None = None
        for asked in batches:
            now = self._batch(asked)
            if before is not None:
                yield before
            before = now
        if before is not None:
            yield before

    def _batch(self, asked: Sequence[int]) -> Batch:
        held, f = self._held(), self._folder
        there = [u for u in sorted(asked) if u in held and u not in f.withheld]
        good = [Fetched(u, held[u][1], held[u][0]) for u in there]
        good = [m for m in good if m.uid not in f.poisoned]
        self.server.fetched += len(good)
        bad = [Poison(u, "cannot be read") for u in there if u in f.poisoned]
        return Batch(asked, good, bad)

    def _held(self) -> dict[int, tuple[Message, int]]:
        """Look into the open folder; a folder that is gone ends the connection."""
        self.server.call()
        f = self._folder
        lives = any(f is one for one in self.server.folders_.values())
        if not lives or f.uidvalidity != self.uidvalidity:
            raise ConnectionLost(host="memory", port=0)
        return {} if f is self.lie else f.held

    def _status(self, f: MemoryFolder) -> Status:
        held = {} if f is self.lie else f.held
        keeps = self.features.condstore and f.keeps_modseq
        f.told.add(f.modseq)
        return Status(
            f.uidvalidity,
            f.uidnext if self.server.says_uidnext else 0,
            f.modseq if keeps else 0,
            len(held),
            sum(1 for _, flags in held.values() if not flags & Flags.SEEN),
            f.mailbox_id if self.features.objectid else "",
        )

    @property
    def _folder(self) -> MemoryFolder:
        assert self.opened is not None, "no folder was opened"
        return self.opened
