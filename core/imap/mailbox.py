"""A mailbox as the sync sees it: folders, numbers, flags and metadata.

The one seam between deciding and talking: the property tests put a mailbox in memory
in its place, everything else uses a real session.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.imap import fetch, listing, search
from core.imap.features import Features
from core.imap.fetch import Batch
from core.imap.search import FlagNews
from core.imap.session import Session
from core.model import Status, Sweep


class Mailbox(Protocol):
    """What a sync asks of a server."""

    @property
    def features(self) -> Features:
        """Tell what the server can do."""

    @property
    def alerts(self) -> list[str]:
        """Give what the server wants a person to read (RFC 9051 §7.1)."""

    def sweep(self, names: Collection[str] | None = None) -> Sweep:
        """List the folders with their numbers; with `names`, only these' numbers."""

    def examine(self, name: str) -> Status:
        """Open a folder for reading and give its numbers."""

    def uids(self, first: int = 1) -> list[int]:
        """List the UIDs of the open folder from `first` on, ascending."""

    def flags(self, upto: int, since: int = 0, first: int = 1) -> FlagNews:
        """Give flags of UIDs in [first, upto]; with `since`, what changed after it."""

    def fetch(
        self, batches: Iterable[Sequence[int]], total: int = 0
    ) -> Iterator[Batch]:
        """Fetch metadata, batch by batch, of `total` messages in all."""


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """A mailbox behind a logged-in session."""

    session: Session

    @property
    def features(self) -> Features:
        """Tell what the server can do."""
        return self.session.features

    @property
    def alerts(self) -> list[str]:
        """Give the [ALERT]s of this session."""
        return self.session.alerts

    def sweep(self, names: Collection[str] | None = None) -> Sweep:
        """LIST and STATUS."""
        return listing.sweep(self.session, names)

    def examine(self, name: str) -> Status:
        """EXAMINE."""
        return listing.examine(self.session, name)

    def uids(self, first: int = 1) -> list[int]:
        """UID SEARCH."""
        return search.uids(self.session, first)

    def flags(self, upto: int, since: int = 0, first: int = 1) -> FlagNews:
        """UID FETCH (FLAGS)."""
        return search.flags(self.session, upto, since, first)

    def fetch(
        self, batches: Iterable[Sequence[int]], total: int = 0
    ) -> Iterator[Batch]:
        """UID FETCH of headers, structure, size and date."""
        return fetch.fetch(self.session, batches, total)
