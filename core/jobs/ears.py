"""What a watcher tells, and to whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol

from core.errors import MailError


class Told(StrEnum):
    """What becomes of watching a mailbox; the words are those of its events."""

    WATCHED = "watched"
    LOST = "watch_lost"
    DEAF = "idle_deaf"
    POLLED = "polled"


class Ears(Protocol):
    """Who hears what the watcher finds: in its thread, so without waiting."""

    def changed(self, mailbox: int, folders: frozenset[str] | None) -> None:
        """Hear that some folders changed, by name; None: any of them."""

    def proved(self, mailbox: int) -> None:
        """Hear that a new message would have been seen by now."""

    def told(self, mailbox: int, what: Told, error: MailError | None) -> None:
        """Hear how the watching of a mailbox stands."""
