"""A letter: what a person wrote, before it is a message on the wire. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.outgoing import Recipient


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file that goes with a letter; `kind` is its media type, as "image/png"."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What goes into a message. `text` is Markdown, its variables filled in.

    `message_id`, `in_reply_to` and each of `references` have their angle brackets.
    `written_at`: aware; its zone is that of Date. `unsubscribe`: an address for
    List-Unsubscribe (RFC 2369 §3.2), or empty.
    """

    sender_name: str
    sender_address: str
    recipients: tuple[Recipient, ...]
    subject: str
    text: str
    message_id: str
    written_at: datetime
    attachments: tuple[Attachment, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    unsubscribe: str = ""


@dataclass(frozen=True, slots=True)
class Composed:
    """A message for the wire: CR LF, 7-bit but for headers if `smtputf8` (RFC 6532)."""

    content: bytes
    smtputf8: bool

    @property
    def size_bytes(self) -> int:
        """Give its size as the server counts it (RFC 1870 §5)."""
        return len(self.content)
