"""The folders of the demo mailbox, and what lies in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

INBOX, SENT, DRAFTS = "INBOX", "Enviados", "Rascunhos"
TRASH, JUNK, ARCHIVE = "Lixeira", "Spam", "Arquivo"
DEALS = "Clientes/Negociação"
FOLDERS = (INBOX, SENT, DRAFTS, TRASH, JUNK, ARCHIVE, DEALS)

# RFC 6154 §2, without the backslash
SPECIAL_USE = {
    SENT: "Sent",
    DRAFTS: "Drafts",
    TRASH: "Trash",
    JUNK: "Junk",
    ARCHIVE: "Archive",
}

SEEN, ANSWERED, FLAGGED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Draft"


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A message in a folder: its flags, the server's date (aware) and its bytes."""

    folder: str
    flags: frozenset[str]
    received_at: datetime
    raw: bytes
