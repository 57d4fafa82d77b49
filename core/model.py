"""The words of this product: plain values. Times are aware, in UTC; sizes are bytes."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from datetime import datetime
from enum import IntFlag, StrEnum
from operator import add
from typing import NamedTuple

from core.privacy import Privacy as Privacy  # noqa: PLC0414 - a word like the others


class Flags(IntFlag):
    """The system flags of RFC 9051 §2.3.2; keywords are not kept."""

    SEEN = 1
    ANSWERED = 2
    FLAGGED = 4
    DELETED = 8
    DRAFT = 16

    @classmethod
    def of(cls, names: tuple[bytes, ...]) -> Flags:
        """Read the flags of a FETCH response; unknown names are keywords."""
        return cls(sum({_FLAG_BITS.get(name.lower(), 0) for name in names}))


_FLAG_BITS = {b"\\" + f.name.encode().lower(): f.value for f in Flags if f.name}


class Security(StrEnum):
    """How a connection is protected."""

    TLS = "tls"  # from the first byte (RFC 8314 §3)
    STARTTLS = "starttls"
    NONE = "none"  # only to hosts that a setting names


class Method(StrEnum):
    """How a mailbox is integrated."""

    IMAP = "imap"
    GOOGLE = "google"
    MICROSOFT = "microsoft"


class State(StrEnum):
    """How an integration is doing, as people are told."""

    OK = "ok"
    SYNCING = "syncing"
    RETRYING = "retrying"
    NEEDS_PASSWORD = "needs_password"
    NEEDS_PERMISSION = "needs_permission"
    NEEDS_ATTENTION = "needs_attention"
    PAUSED = "paused"


class Role(StrEnum):
    """What a folder is for (RFC 6154 §2, and the inbox)."""

    INBOX = "inbox"
    SENT = "sent"
    DRAFTS = "drafts"
    TRASH = "trash"
    JUNK = "junk"
    ARCHIVE = "archive"
    ALL = "all"
    OTHER = "other"


class Kind(StrEnum):
    """Who or what wrote a message."""

    PERSON = "person"
    LIST = "list"
    AUTOMATIC = "automatic"
    BOUNCE = "bounce"
    RECEIPT = "receipt"


class Aside(StrEnum):
    """Why a message is left out of volume unless asked for.

    A message that was ever seen in an ordinary folder is not set aside, whatever
    became of it later: what was received stays received.
    """

    NO = "no"
    DRAFTS = "drafts"
    TRASH = "trash"
    JUNK = "junk"

    @classmethod
    def of(cls, role: Role) -> Aside:
        """Tell what a first sight in a folder of that role means."""
        return cls(role) if role in {"drafts", "trash", "junk"} else cls.NO


class Trigger(StrEnum):
    """Why a run began."""

    SCHEDULE = "schedule"
    NOTICE = "notice"  # the server told, by IDLE
    REQUEST = "request"
    COMMAND = "command"


class Outcome(StrEnum):
    """How a run ended."""

    RUNNING = "running"
    OK = "ok"
    FAILED = "failed"
    STOPPED = "stopped"  # paused, disconnected, or the worker was shut down
    CUT = "cut"  # the process died; found by the next run


@dataclass(frozen=True, slots=True)
class Server:
    """Where a mail server listens."""

    host: str
    port: int
    security: Security = Security.TLS


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Who confirmed which version of the limitations text, and when."""

    version: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Integration:
    """An owner's mailbox at one provider; `provider` is an id of the catalogue."""

    id: int
    owner: str
    address: str
    login: str
    method: Method
    imap: Server
    smtp: Server
    demo: bool = False
    provider: str = ""
    record_until: datetime | None = field(default=None, compare=False)  # connections
    privacy: Privacy = field(default=Privacy.BODY, compare=False)  # a run goes on


@dataclass(frozen=True, slots=True)
class Listed:
    """A folder as LIST shows it. `name` is the server's own, undecoded."""

    name: str
    title: str
    delimiter: str
    role: Role
    selectable: bool


@dataclass(frozen=True, slots=True)
class Status:
    """What the server says of a folder (STATUS or EXAMINE, RFC 9051 §6.3.11).

    `uidvalidity` 0: the server gave none, the folder cannot be tracked by UID.
    `highestmodseq` 0: no CONDSTORE, or NOMODSEQ for this folder.
    """

    uidvalidity: int
    uidnext: int
    highestmodseq: int
    messages: int
    unseen: int = 0
    mailbox_id: str = ""  # RFC 8474 §4: the same after a rename


@dataclass(frozen=True, slots=True)
class Sweep:
    """All folders of a mailbox and their numbers, as one sweep found them.

    `numbers` and `refused` are by name; a folder in neither was not asked for. Refused
    are phantom folders: listed, and not to be opened; the error code says why.
    """

    folders: list[Listed]
    numbers: dict[str, Status]
    refused: dict[str, str]


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a folder is known: every UID in [low, high) is held, at `modseq`.

    `low` above 1 means that the first sync is not finished (newest come first).
    """

    uidvalidity: int
    low: int
    high: int
    modseq: int
    held: int


@dataclass(frozen=True, slots=True)
class Folder:
    """What we remember of a folder between two runs."""

    id: int
    integration_id: int
    name: str
    title: str
    role: Role
    generation: int
    cursor: Cursor | None
    building: Cursor | None
    mailbox_id: str = ""


class Address(NamedTuple):
    """A display name and an address, decoded and harmless as text."""

    name: str
    address: str


class Message(NamedTuple):
    """What a mail is: a fact, written once. Never its body.

    Made a hundred thousand at a time, so as the store keeps it: instants are whole
    milliseconds since 1970 in UTC, people are text as it is shown.

    `identity` is equal for copies of one logical message within an integration.
    `written_ms` is the Date header, `received_ms` the server's INTERNALDATE.
    `folded` is what a search looks into: subject and people without case and accents.
    """

    identity: str
    kind: str  # a Kind
    from_name: str
    from_address: str
    recipients: str  # To, "Name <a@b>, …"
    copied: str  # Cc
    subject: str
    message_id: str
    in_reply_to: str
    references: str
    written_ms: int | None
    received_ms: int
    size_bytes: int
    attachment: bool
    folded: str


class Fetched(NamedTuple):
    """One FETCH response: where the message lies (`flags` are bits), what it is."""

    uid: int
    flags: int
    message: Message


@dataclass(frozen=True, slots=True)
class Poison:
    """A message that could not be read, set aside with its reason."""

    uid: int
    reason: str


@dataclass(frozen=True, slots=True)
class Changes:
    """What a run did; changes add up. `flagged` are other changes than of reading."""

    added: int = 0
    read: int = 0
    flagged: int = 0
    moved: int = 0
    gone: int = 0
    poisoned: int = 0

    def __add__(self, other: Changes) -> Changes:
        """Add field by field."""
        return Changes(*map(add, astuple(self), astuple(other)))


@dataclass(frozen=True, slots=True)
class Problem:
    """An error as it is stored and shown: its code and its facts."""

    code: str
    facts: dict[str, str] = field(default_factory=dict)
