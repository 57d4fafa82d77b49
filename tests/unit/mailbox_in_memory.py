"""A mail server reduced to what a sync asks of it (`core.imap.mailbox.Mailbox`)."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from core.errors import ConnectionLost, FolderRefused
from core.imap.features import Features
from core.imap.fetch import Batch
from core.imap.mailbox import Mailbox
from core.model import (
    Address,
    Fetched,
    Flags,
    Integration,
    Kind,
    Listed,
    Message,
    Role,
    Status,
)

NONE = Flags(0)
VALIDITIES = itertools.count(1)
START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def mail(number: int, sender: str = "ana@example.net") -> Message:
    """Make the message with a number: the same number, the same message."""
    at = START + timedelta(minutes=7 * number)
    return Message(
        identity=f"m{number}",
        kind=Kind.PERSON,
        sender=Address("Ana", sender),
        to=(Address("", "me@example.org"),),
        cc=(),
        subject=f"Number {number}",
        message_id=f"<{number}@example.net>",
        in_reply_to="",
        references="",
        written_at=at - timedelta(minutes=1),
        received_at=at,
        size_bytes=1000 + number,
        attachment=False,
    )


@dataclass
class MemoryFolder:
    """One folder: what lies at each UID, and when it last changed."""

    role: Role
    # RFC 9051 §2.3.1.1: a name that is used again has another UIDVALIDITY.
    uidvalidity: int = field(default_factory=VALIDITIES.__next__)
    uidnext: int = 1
    modseq: int = 1
    held: dict[int, tuple[Message, Flags]] = field(default_factory=dict)
    changed: dict[int, int] = field(default_factory=dict)

    def arrive(self, message: Message, flags: Flags = NONE) -> None:
        """Put a message at the next UID."""
        self._touch(self.uidnext, message, flags)
        self.uidnext += 1

    def flag(self, uid: int, flags: Flags) -> None:
        """Set the flags of a message."""
        self._touch(uid, self.held[uid][0], flags)

    def expunge(self, uid: int) -> Message:
        """Take a message away."""
        self.modseq += 1
        return self.held.pop(uid)[0]

    def recreate(self) -> None:
        """Give every message another UID, as a restored server would."""
        kept = [self.held[uid] for uid in sorted(self.held)]
        self.uidvalidity = next(VALIDITIES)
        self.uidnext, self.held, self.changed = 1, {}, {}
        for message, flags in kept:
            self.arrive(message, flags)

    def _touch(self, uid: int, message: Message, flags: Flags) -> None:
        self.modseq += 1
        self.held[uid] = (message, flags)
        self.changed[uid] = self.modseq


@dataclass
class MemoryServer:
    """A mailbox of several folders; `calls_left` cuts the connection when it is up."""

    features: Features
    folders_: dict[str, MemoryFolder] = field(default_factory=dict)
    calls_left: int = 1 << 30
    opened: str = ""

    @contextmanager
    def opener(self, _integration: Integration) -> Iterator[Mailbox]:
        """Open as `core.sync.run.Syncer` wants it."""
        yield self

    def folders(self) -> list[Listed]:
        """LIST."""
        self._call()
        return [Listed(n, n, "/", f.role, True) for n, f in self.folders_.items()]

    def status(self, name: str) -> Status:
        """STATUS."""
        self._call()
        if name not in self.folders_:
            raise FolderRefused(folder=name)
        f = self.folders_[name]
        modseq = f.modseq if self.features.condstore else 0
        unseen = sum(1 for _, flags in f.held.values() if not flags & Flags.SEEN)
        return Status(f.uidvalidity, f.uidnext, modseq, len(f.held), unseen)

    def examine(self, name: str) -> Status:
        """EXAMINE."""
        self.opened = name
        return replace(self.status(name), unseen=0)

    def uids(self) -> list[int]:
        """UID SEARCH ALL."""
        self._call()
        return sorted(self._folder.held)

    def flags(self, since: int, upto: int) -> dict[int, Flags]:
        """UID FETCH 1:upto (FLAGS), perhaps (CHANGEDSINCE since)."""
        self._call()
        f = self._folder
        return {
            uid: flags
            for uid, (_, flags) in f.held.items()
            if uid <= upto and f.changed[uid] > since
        }

    def metadata(self, wanted: Sequence[int]) -> Batch:
        """UID FETCH."""
        self._call()
        held = self._folder.held
        return Batch(
            [Fetched(u, held[u][1], held[u][0]) for u in sorted(wanted) if u in held],
            [],
        )

    @property
    def _folder(self) -> MemoryFolder:
        return self.folders_[self.opened]

    def _call(self) -> None:
        self.calls_left -= 1
        if self.calls_left < 0:
            raise ConnectionLost(host="memory", port=0)
