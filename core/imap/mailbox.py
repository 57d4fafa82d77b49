"""A mailbox as the sync sees it: folders, numbers, flags and metadata.

The one seam between deciding and talking: the property tests put a folder in memory
in its place, everything else uses a real session.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from core.imap import fetch, listing
from core.imap.features import Features
from core.imap.fetch import Batch
from core.imap.session import Session
from core.model import Flags, Listed, Status


class Mailbox(Protocol):
    """What a sync asks of a server."""

    @property
    def features(self) -> Features:
        """Tell what the server can do."""

    def folders(self) -> list[Listed]:
        """List the folders."""

    def status(self, name: str) -> Status:
        """Give the numbers of a folder without opening it."""

    def examine(self, name: str) -> Status:
        """Open a folder for reading and give its numbers."""

    def uids(self) -> list[int]:
        """List the UIDs of the open folder, ascending."""

    def flags(self, since: int, upto: int) -> dict[int, Flags]:
        """Give flags of UIDs ≤ upto, or of those changed after modseq `since`."""

    def metadata(self, wanted: Sequence[int]) -> Batch:
        """Fetch the metadata of some UIDs."""


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """A mailbox behind a logged-in session."""

    session: Session

    @property
    def features(self) -> Features:
        """Tell what the server can do."""
        return self.session.features

    def folders(self) -> list[Listed]:
        """LIST."""
        return listing.folders(self.session)

    def status(self, name: str) -> Status:
        """STATUS."""
        return listing.status(self.session, name)

    def examine(self, name: str) -> Status:
        """EXAMINE."""
        return listing.examine(self.session, name)

    def uids(self) -> list[int]:
        """UID SEARCH ALL."""
        return fetch.uids(self.session)

    def flags(self, since: int, upto: int) -> dict[int, Flags]:
        """UID FETCH (FLAGS)."""
        return fetch.flags(self.session, since, upto)

    def metadata(self, wanted: Sequence[int]) -> Batch:
        """UID FETCH of headers, structure, size and date."""
        return fetch.metadata(self.session, wanted)
