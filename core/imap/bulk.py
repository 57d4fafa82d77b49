"""Read the answer to a big FETCH as the bytes come. Pure: bytes in, values out.

imapclient's parser is a lexer that looks at every byte in Python. Here a response of
the usual shape is taken apart by one regular expression and a few searches; each other
one goes to imapclient's parser, which gives the same values (a test compares them).

    under_way.asked |= uids
    reader = MessageReader(tag, under_way)
    while not reader.feed(some bytes): ...
    under_way.found, under_way.bad, reader.tagged, reader.rest
"""

from __future__ import annotations

import re

from imapclient.exceptions import ProtocolError
from imapclient.response_parser import parse_fetch_response

from core.imap import parse
from core.imap.dates import internal_ms
from core.imap.parse import (
    NO_STRUCTURE,
    Structure,
    Unread,
    flag_bits,
    read_message,
)
from core.imap.responses import FETCH, Part, Reader, Response, read_ranges
from core.model import Message, Poison
from core.text import harmless

CLOSING_BRACE = ord("}")
HEAD = re.compile(
    rb"\* (\d{1,10}) (UID)?FETCH \("
    rb"(?:UID (\d{1,10}) ?|FLAGS \(([^()\r]*)\) ?"
    rb'|INTERNALDATE "([^"\r]*)" ?|RFC822\.SIZE (\d{1,18}) ?'
    rb'|EMAILID \(([^()"\s]{1,255})\) ?|X-GM-MSGID (\d{1,20}) ?|MODSEQ \(\d{1,20}\) ?)*'
).match
# Flags come as many thousands of lines of one shape: all of them are found at once.
UID, NAMES = rb"\d{1,10}", rb"[^()\r]*"
MODSEQ = rb"(?: MODSEQ \(\d{1,20}\))?"
FLAG_LINES = tuple(
    (
        re.compile(b"(?:" + line % (UID, NAMES)[:: -1 if backwards else 1] + b")++"),
        re.compile(line % (b"(%b)" % UID, b"(%b)" % NAMES)[:: -1 if backwards else 1]),
        backwards,
    )
    for line, backwards in (
        (rb"\* \d{1,10} FETCH \(UID %b FLAGS \(%b\)" + MODSEQ + rb"\)\r\n", False),
        (rb"\* \d{1,10} FETCH \(FLAGS \(%b\)" + MODSEQ + rb" UID %b\)\r\n", True),
        (rb"\* \d{1,10} FETCH \(FLAGS \(%b\) UID %b" + MODSEQ + rb"\)\r\n", True),
        (rb"\* %b UIDFETCH \(FLAGS \(%b\)" + MODSEQ + rb"\)\r\n", False),
    )
)
SECTION = re.compile(rb" ?BODY\[HEADER(?:\.FIELDS \([^()\r]*\))?\] \Z").match
ATTACHMENT = re.compile(rb'\("(?:attachment"|application" )').search
# What imapclient's parser raises of one message must not end the others (THREATS 4).
UNREADABLE = (
    ProtocolError,
    AttributeError,
    ValueError,
    TypeError,
    LookupError,
    RecursionError,
    OverflowError,
)
NAMED_UID = re.compile(rb"\bUID (\d{1,10})\b").search


# UID, flags as bits, and the message, or what is still to be read of it.
Found = tuple[int, int, Message | Unread]


class UnderWay:
    """Messages that were asked for by commands under way together, and what came."""

    def __init__(self, *, with_id: bool = False) -> None:
        """Begin with none; `with_id`: EMAILID or X-GM-MSGID is asked for too."""
        self.with_id = with_id
        self.asked: set[int] = set()
        self.found: dict[int, Found] = {}
        self.bad: dict[int, Poison] = {}
        self.ends: dict[bytes, bytes] = {}
        self.later = False  # whether headers are to be read by somebody else


class MessageReader(Reader):
    """Metadata of the UIDs that were asked for; other answers are dropped."""

    def __init__(self, tag: bytes, under_way: UnderWay) -> None:
        """Wait for the end of one command; what comes is put to what is under way."""
        super().__init__(tag, under_way.ends)
        self._under_way = under_way
        self._section = b""

    def _quickly(self, buffer: bytes, at: int) -> int:
        find, rfind, size = buffer.find, buffer.rfind, len(buffer)
        asked, found = self._under_way.asked, self._under_way.found
        with_id, later = self._under_way.with_id, self._under_way.later
        while True:
            line_end = find(b"\r\n", at) - 1
            if line_end < at or buffer[line_end] != CLOSING_BRACE:
                return at
            head = HEAD(buffer, at, line_end)
            if head is None:
                return at
            (
                number,
                by_uid,
                uid,
                flags,
                date,
                octets,
                email_id,
                gmail,
            ) = head.groups()
            brace = rfind(b"{", at, line_end)
            section = rfind(b" BODY[HEADER", head.end() - 1, brace)
            digits = buffer[brace + 1 : line_end]
            if section < 0 or not digits.isdigit() or len(digits) > 8:  # noqa: PLR2004
                return at
            begin = line_end + 3
            end = begin + int(digits)
            if end + 3 > size:
                return at
            structure = _structure(buffer[head.end() : section])
            received_ms = internal_ms(date) if date else None
            if (
                buffer[end : end + 3] != b")\r\n"
                or structure is None
                or received_ms is None
                or flags is None
                or octets is None
                or (uid is None and by_uid is None)
                or (with_id and email_id is None and gmail is None)
                or not self._is_header(buffer[section:brace])
            ):
                return at
            which = int(uid or number)
            if which in asked:
                given = _given_id(email_id, gmail) if with_id else ""
                unread = (
                    buffer[begin:end], *structure, received_ms, int(octets), given,
                )  # fmt: skip
                message = unread if later else read_message(*unread)
                found[which] = (which, flag_bits(flags), message)
            at = end + 3

    def _is_header(self, section: bytes) -> bool:
        """Tell whether a section is a header; it is the same for all of an answer."""
        if section != self._section and SECTION(section):
            self._section = section
        return section == self._section

    def _fetch(self, response: Response) -> None:
        """Read one response of another shape by imapclient's parser."""
        try:
            data = _parsed(response)
            if not any(key.startswith(b"BODY[HEADER") for key in data):
                self.dirty = True  # news of flags by the way, perhaps without UID
                return
            one = parse.fetched(data)
        except UNREADABLE as e:
            self._poison(response, f"{type(e).__name__}: {e}")
            return
        if one.uid in self._under_way.asked:
            self._under_way.found[one.uid] = one

    def _poison(self, response: Response, reason: str) -> None:
        """Set a message aside by its UID; one without is nobody's answer."""
        named = NAMED_UID(response.first[:300])
        head = FETCH(response.first)
        if named is None and head is not None and head[2]:
            named = head
        if named is not None and int(named[1]) in self._under_way.asked:
            uid = int(named[1])
            self._under_way.bad[uid] = Poison(uid, harmless(reason)[:200])


class _Bits(dict[bytes, int]):
    """Bits of flags by how they are written; few ways are used."""

    def __missing__(self, names: bytes) -> int:
        bits = self[names] = flag_bits(names)
        return bits


class FlagReader(Reader):
    """Flags of UIDs in [first, last], and what vanished (RFC 7162 §3.2.10)."""

    def __init__(self, tag: bytes, first: int, last: int) -> None:
        """Wait for flags."""
        super().__init__(tag)
        self._first, self._last = first, last
        self._bits = _Bits()
        self.flags: dict[int, int] = {}
        self.vanished: list[tuple[int, int]] = []

    def _quickly(self, buffer: bytes, at: int) -> int:
        for lines, each, backwards in FLAG_LINES:
            if (usual := lines.match(buffer, at)) is not None:
                found = each.findall(buffer, at, usual.end())
                self._take_flags([(u, f) for f, u in found] if backwards else found)
                return usual.end()
        return at

    def _take_flags(self, found: list[tuple[bytes, bytes]]) -> None:
        bits, low, high = self._bits, self._first, self._last
        flags = {int(uid): bits[names] for uid, names in found}
        if not low <= min(flags) <= max(flags) <= high:
            flags = {u: f for u, f in flags.items() if low <= u <= high}
        self.flags.update(flags)

    def _fetch(self, response: Response) -> None:
        try:
            data = _parsed(response)
        except UNREADABLE:
            self.dirty = True
            return
        uid = data.get(b"UID")
        if (
            isinstance(uid, int)
            and self._first <= uid <= self._last
            and b"FLAGS" in data
        ):
            self.flags[uid] = parse.flags(data)
        else:
            self.dirty = True

    def _other(self, line: bytes) -> None:
        if line[:11].upper() == b"* VANISHED ":
            self.vanished += read_ranges(line.rpartition(b" ")[2])
        else:
            super()._other(line)


def _given_id(email_id: bytes | None, gmail: bytes | None) -> str:
    if email_id:
        return parse.email_id(email_id.decode("latin-1"))
    return parse.gmail_id(int(gmail)) if gmail else ""


def _structure(text: bytes) -> Structure | None:
    """Look for attachments in a BODYSTRUCTURE as text; None: imapclient must read it.

    Quotes inside quoted strings are escaped, so `("attachment"` is never one's content.
    A broken one does not cost its message here: nothing else is read from it.
    """
    if not text:
        return NO_STRUCTURE
    low = text.lower()
    if not low.startswith(b"bodystructure (") or b'"report"' in low:
        return None
    if b'-signature"' in low:  # no attachment, whatever its disposition
        return None
    if b'"attachment"' not in low and b'"application"' not in low:
        return NO_STRUCTURE
    return Structure(ATTACHMENT(low) is not None, "")


def _parsed(response: Response) -> dict[bytes, object]:
    """Let imapclient's parser read one FETCH response.

    Raises:
        ValueError, TypeError, LookupError, RecursionError: it cannot.

    """
    head = FETCH(response.first)
    if head is None:
        return {}
    cut = head[1] + b" " + response.first[head.end() :]
    first = response.parts[0]
    changed: Part = (cut, first[1]) if isinstance(first, tuple) else cut
    found = parse_fetch_response(
        [changed, *response.parts[1:]], normalise_times=False, uid_is_key=False
    )
    data: dict[bytes, object] = next(iter(found.values()), {})
    if head[2]:
        data[b"UID"] = int(head[1])
    return data
