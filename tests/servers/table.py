r"""A whole IMAP mailbox as a table of answers, any of which may be replaced.

    box = ScriptedMailbox({"INBOX": 3}, capabilities="IMAP4rev1 ESEARCH")
    box.answers[rb"UID SEARCH"] = [b"{tag} OK no line at all"]
    with box.served(certificates) as server: ...

It behaves well by itself. A function in `answers` is given the command and may ask
`usual` what would have been said: `lambda command: box.usual(command)[::-1]`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.certificates import Certificates
from tests.servers.scripted import ScriptedServer, serve
from tests.servers.steps import Answer, Close, Lines, Send, Table

OK = b"{tag} OK done"
START = datetime(2026, 3, 1, 12, tzinfo=UTC)
STRUCTURE = b'("TEXT" "PLAIN" ("CHARSET" "us-ascii") NIL NIL "7BIT" 12 1)'
NAMED = re.compile(
    rb'(?:STATUS|EXAMINE|SELECT) (?:"((?:[^"\\]|\\.)*)"|(\S+))', re.IGNORECASE
)


@dataclass
class Mail:
    """A message of a scripted mailbox."""

    uid: int
    subject: str = ""
    flags: str = ""
    size: int = 500
    modseq: int = 1
    at: datetime = START
    original: int = 0  # its first UID, of a copy

    def __post_init__(self) -> None:
        self.at = START + timedelta(minutes=self.uid)

    @property
    def message_id(self) -> str:
        """The Message-ID, equal for equal UIDs, and for copies."""
        return f"<{self.original or self.uid}@example.net>"

    @property
    def header(self) -> bytes:
        """The header, as BODY[HEADER.FIELDS …] gives it."""
        return (
            f"From: Bruno <bruno@example.net>\r\nTo: ana@example.org\r\n"
            f"Subject: {self.subject or f'Number {self.original or self.uid}'}\r\n"
            f"Date: {format_datetime(self.at)}\r\n"
            f"Message-ID: {self.message_id}\r\n\r\n"
        ).encode()


@dataclass
class Box:
    """A folder of a scripted mailbox; `name` is as on the wire."""

    name: str
    mails: list[Mail] = field(default_factory=list)
    uidvalidity: int = 7
    attributes: str = r"\HasNoChildren"
    modseq: int = 1
    gap: int = 0  # UIDs that were used after the last message

    @property
    def uidnext(self) -> int:
        """The UID of the next message."""
        return max((m.uid for m in self.mails), default=0) + 1 + self.gap

    def add(self, **changes: object) -> Mail:
        """Put a message at the next UID."""
        self.modseq += 1
        mail = Mail(self.uidnext, modseq=self.modseq, **changes)  # type: ignore[arg-type]
        self.mails.append(mail)
        return mail


@dataclass
class ScriptedMailbox:
    """Folders with so many messages each, and what is said of them."""

    sizes: Mapping[str, int] = field(default_factory=lambda: {"INBOX": 3})
    capabilities: str = "IMAP4rev1"
    greeting: bytes = b"* OK ready"
    answers: Table = field(default_factory=dict)
    delimiter: str = "/"
    boxes: dict[str, Box] = field(default_factory=dict)
    opened: str = ""

    def __post_init__(self) -> None:
        for name, size in self.sizes.items():
            self.boxes[name] = Box(name, [Mail(n + 1) for n in range(size)])

    @contextmanager
    def served(self, certificates: Certificates) -> Iterator[ScriptedServer]:
        """Serve over TLS; `answers` may be changed while it runs."""
        hello = Send(self.greeting + b"\r\n")
        with serve(hello, Answer({b"": self._answer}), tls=certificates.good) as server:
            yield server

    def usual(self, command: bytes) -> list[bytes]:
        """Give the lines that answer a command, the tagged one last."""
        for pattern, answer in self._table.items():
            if re.match(pattern, command, re.IGNORECASE):
                return answer(command)
        return [b"{tag} BAD unknown command"]

    def _answer(self, command: bytes) -> Lines:
        for pattern, answer in self.answers.items():
            if re.match(pattern, command, re.IGNORECASE):
                return answer(command) if callable(answer) else answer
        if re.match(rb"LOGOUT", command, re.IGNORECASE):
            return [b"* BYE see you", OK, Close()]
        return self.usual(command)

    @property
    def _table(self) -> dict[bytes, Callable[[bytes], list[bytes]]]:
        return {
            rb"CAPABILITY": lambda _: [b"* CAPABILITY " + self._capabilities, OK],
            rb"LOGIN |AUTHENTICATE PLAIN \S|NOOP|CHECK": lambda _: [OK],
            rb"AUTHENTICATE PLAIN\Z": lambda _: [b"+ "],
            rb"\Z": lambda _: [OK],  # what followed a "+"
            rb"ID ": lambda _: [b"* ID NIL", OK],
            rb"ENABLE ": lambda c: [b"* ENABLED " + c[7:], OK],
            rb"LIST ": self._list,
            rb"LSUB ": lambda c: self._list(c.replace(b"LSUB", b"LIST")),
            rb"STATUS ": self._status,
            rb"EXAMINE |SELECT ": self._examine,
            rb"UID SEARCH": self._search,
            rb"UID FETCH": self._fetch,
        }

    @property
    def _capabilities(self) -> bytes:
        return self.capabilities.encode()

    def has(self, capability: str) -> bool:
        """Tell whether a capability is offered."""
        return capability in self.capabilities.split()

    def listed(self, box: Box) -> bytes:
        """Give the LIST line of a folder."""
        return f'* LIST ({box.attributes}) "{self.delimiter}" "{box.name}"'.encode()

    def numbers(self, box: Box) -> bytes:
        """Give the STATUS line of a folder."""
        unseen = sum(r"\Seen" not in m.flags for m in box.mails)
        modseq = f" HIGHESTMODSEQ {box.modseq}" if self.has("CONDSTORE") else ""
        return (
            f'* STATUS "{box.name}" (MESSAGES {len(box.mails)} UIDNEXT {box.uidnext} '
            f"UIDVALIDITY {box.uidvalidity} UNSEEN {unseen}{modseq})"
        ).encode()

    def _list(self, command: bytes) -> list[bytes]:
        lines: list[bytes] = []
        for box in self.boxes.values():
            lines.append(self.listed(box))
            if b"STATUS (" in command and "\\noselect" not in box.attributes.lower():
                lines.append(self.numbers(box))
        return [*lines, OK]

    def _named(self, command: bytes) -> Box | None:
        found = NAMED.match(command)
        assert found is not None, command
        name = (found[1] or found[2]).decode()
        return self.boxes.get(name)

    def _status(self, command: bytes) -> list[bytes]:
        box = self._named(command)
        return [self.numbers(box), OK] if box else [b"{tag} NO [NONEXISTENT] no such"]

    def _examine(self, command: bytes) -> list[bytes]:
        box = self._named(command)
        if box is None:
            return [b"{tag} NO [NONEXISTENT] no such folder"]
        self.opened = box.name
        return [
            rb"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)",
            b"* %d EXISTS" % len(box.mails),
            b"* 0 RECENT",
            b"* OK [UIDVALIDITY %d] stable" % box.uidvalidity,
            b"* OK [UIDNEXT %d] next" % box.uidnext,
            *([b"* OK [HIGHESTMODSEQ %d]" % box.modseq] * self.has("CONDSTORE")),
            b"{tag} OK [READ-ONLY] opened",
        ]

    def chosen(self, command: bytes) -> list[tuple[int, Mail]]:
        """Give the messages that a UID command names, with their numbers in order."""
        box = self.boxes[self.opened]
        found = re.search(rb"(?:FETCH|UID) ([\d:*,]+)", command[4:])
        wanted = found[1].decode() if found else "1:*"
        last = max((m.uid for m in box.mails), default=0)
        ranges = [_range(part, last) for part in wanted.split(",")]
        rows = enumerate(box.mails, 1)
        return [(n, m) for n, m in rows if any(a <= m.uid <= b for a, b in ranges)]

    def _search(self, command: bytes) -> list[bytes]:
        uids = [b"%d" % mail.uid for _, mail in self.chosen(command)]
        if b"RETURN" in command:
            every = b" ALL " + b",".join(uids) if uids else b""
            return [b'* ESEARCH (TAG "{tag}") UID' + every, OK]
        return [b"* SEARCH" + b"".join(b" " + u for u in uids), OK]

    def _fetch(self, command: bytes) -> list[bytes]:
        since = re.search(rb"CHANGEDSINCE (\d+)", command)
        rows = [
            self.fetched(number, mail, command)
            for number, mail in self.chosen(command)
            if not since or mail.modseq > int(since[1])
        ]
        return [*rows, OK]

    def fetched(self, number: int, mail: Mail, command: bytes) -> bytes:
        """Give the FETCH response for a message, with the items that are asked for."""
        items = command.upper()
        said = [b"UID %d" % mail.uid]
        if b"FLAGS" in items:
            said.append(b"FLAGS (%s)" % mail.flags.encode())
        if b"INTERNALDATE" in items:
            said.append(
                mail.at.strftime('INTERNALDATE "%d-%b-%Y %H:%M:%S +0000"').encode()
            )
        if b"RFC822.SIZE" in items:
            said.append(b"RFC822.SIZE %d" % mail.size)
        if b"CHANGEDSINCE" in items:
            said.append(b"MODSEQ (%d)" % mail.modseq)
        if b"BODYSTRUCTURE" in items:
            said.append(b"BODYSTRUCTURE " + STRUCTURE)
        if section := re.search(rb"BODY\.PEEK(\[HEADER[^\]]*\])", command):
            size = len(mail.header)
            said.append(b"BODY%s {%d}\r\n%s" % (section[1], size, mail.header))
        return b"* %d FETCH (%s)" % (number, b" ".join(said))


def _range(part: str, last: int) -> tuple[int, int]:
    ends = [last if end == "*" else int(end) for end in part.split(":")]
    return min(ends), max(ends)  # RFC 9051 §9: 9:* with 5 messages is 5:9
