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
from typing import NamedTuple

from imapclient.response_parser import parse_fetch_response

from core.errors import LimitExceeded, ProtocolBroken
from core.imap import parse
from core.imap.headers import internal_ms
from core.imap.parse import NO_STRUCTURE, Structure, flag_bits, read_message
from core.model import Fetched, Poison
from core.text import harmless

# A response as imaplib lays it out: text, or (text, literal) where one follows.
Part = bytes | tuple[bytes, bytes]

LINE_BYTES = 8 << 20  # THREATS T7
LITERAL_BYTES = 32 << 20
RESPONSE_LITERALS = 1_000
UID_MAX = parse.UID_MAX
CLOSING_BRACE = ord("}")
OTHERS = 400_000  # responses to one command that are not of the usual shape

# RFC 9051 §7.5.2, and UIDFETCH of RFC 9586 §3.3: there the number is the UID.
HEAD = re.compile(
    rb"\* (\d{1,10}) (UID)?FETCH \("
    rb"(?:UID (\d{1,10}) ?|FLAGS \(([^()\r]*)\) ?"
    rb'|INTERNALDATE "([^"\r]*)" ?|RFC822\.SIZE (\d{1,18}) ?'
    rb'|EMAILID \(([^()"\s]{1,255})\) ?|X-GM-MSGID (\d{1,20}) ?|MODSEQ \(\d{1,20}\) ?)*'
).match
FLAGS_LINE = re.compile(
    rb"\* (\d{1,10}) (UID)?FETCH \("
    rb"(?:UID (\d{1,10}) ?|FLAGS \(([^()\r]*)\) ?|MODSEQ \(\d{1,20}\) ?)*\)\r\n"
).match
SECTION = re.compile(rb" ?BODY\[HEADER(?:\.FIELDS \([^()\r]*\))?\] \Z").match
ATTACHMENT = re.compile(
    rb'\("(?:attachment"|application" "(?!(?:(?:x-)?pkcs7|pgp)-signature"))'
).search
LITERAL = re.compile(rb"\{(\d{1,20})\+?\}\Z").search
FETCH = re.compile(rb"\* (\d{1,10}) (UID)?FETCH ", re.IGNORECASE).match
NAMED_UID = re.compile(rb"\bUID (\d{1,10})\b").search


class Response(NamedTuple):
    """One whole response, and where in the buffer the next one begins."""

    parts: list[Part]
    end: int

    @property
    def first(self) -> bytes:
        """Give the text before the first literal."""
        return self.parts[0][0] if isinstance(self.parts[0], tuple) else self.parts[0]


class Reader:
    """The answer to one command; what it says is for the subclasses to read.

    `tagged` is the line that ends it, `rest` what came after that. `dirty`: the server
    told of changes by the way (RFC 9051 §7.5): the folder is to be looked at again.
    """

    def __init__(self, tag: bytes, ends: dict[bytes, bytes] | None = None) -> None:
        """Wait for the answer to the command with this tag.

        `ends` is shared by commands that are under way together, as a server may answer
        them in any order, and mixed (RFC 9051 §5.5): the line that ended each, by tag.
        """
        self._tag = tag
        self._ends = {} if ends is None else ends
        self._ends[tag] = b""
        self._held: list[bytes] = []
        self._size = self._needed = self._others = 0
        self.rest = b""
        self.said: list[bytes] = []  # untagged lines that are no answers to the command
        self.dirty = False

    @property
    def tagged(self) -> bytes:
        """Give the line that ended the answer; empty while it has not come."""
        return self._ends[self._tag]

    def feed(self, data: bytes) -> bool:
        """Take what came; tell whether that was the end of the answer.

        Raises:
            LimitExceeded, ProtocolBroken: this connection is no good any more.

        """
        self._held.append(data)
        self._size += len(data)
        if self._size < self._needed:
            return False
        buffer = b"".join(self._held)
        at = self._read(buffer)
        self._held, self._size = [buffer[at:]], len(buffer) - at
        if self.tagged:
            self.rest = self._held[0]
        return bool(self.tagged)

    def _read(self, buffer: bytes) -> int:
        """Read responses until one is not whole; give where that one begins."""
        at = 0
        while not self.tagged:
            at = self._quickly(buffer, at)
            response = self._frame(buffer, at)
            if response is None:
                return at
            at = response.end
            self._take(response)
        return at

    def _quickly(self, buffer: bytes, at: int) -> int:
        """Read responses of the usual shape; give where the first other one begins."""
        del buffer
        return at

    def _frame(self, buffer: bytes, at: int) -> Response | None:
        """Cut out one response with its literals; None when it is not whole."""
        parts: list[Part] = []
        begin = at
        while True:
            end = buffer.find(b"\n", at)
            if (len(buffer) if end < 0 else end) - at > LINE_BYTES:
                raise LimitExceeded("line", what="line", limit=LINE_BYTES)
            if end < 0:
                self._needed = 0
                return None
            line = buffer[at:end].rstrip(b"\r")
            found = LITERAL(line)
            if found is None:
                return Response([*parts, line], end + 1)
            size, at = int(found[1]), end + 1
            _check_literal(size, len(parts))
            if at + size > len(buffer):
                self._needed = at + size - begin
                return None
            parts.append((line, buffer[at : at + size]))
            at += size

    def _take(self, response: Response) -> None:
        first = response.first
        self._others += 1
        if self._others > OTHERS:
            raise LimitExceeded("responses", what="responses", limit=OTHERS)
        if (word := first.partition(b" ")[0]) in self._ends:
            self._ends[word] = first
        elif FETCH(first):
            self._fetch(response)
        elif first.startswith(b"* "):
            self.dirty = self.dirty or _tells_of_change(first)
            self._other(first)
        elif not first.startswith(b"+"):
            raise ProtocolBroken("a tag of nobody")

    def _fetch(self, _response: Response) -> None:
        self.dirty = True

    def _other(self, line: bytes) -> None:
        if len(self.said) < RESPONSE_LITERALS:
            self.said.append(line)


class UnderWay:
    """Messages that were asked for by commands under way together, and what came."""

    def __init__(self, *, with_id: bool = False) -> None:
        """Begin with none; `with_id`: EMAILID or X-GM-MSGID is asked for too."""
        self.with_id = with_id
        self.asked: set[int] = set()
        self.found: dict[int, Fetched] = {}
        self.bad: dict[int, Poison] = {}
        self.ends: dict[bytes, bytes] = {}


class MessageReader(Reader):
    """Metadata of the UIDs that were asked for; other answers are dropped."""

    def __init__(self, tag: bytes, under_way: UnderWay) -> None:
        """Wait for the end of one command; what comes is put to what is under way."""
        super().__init__(tag, under_way.ends)
        self._under_way = under_way

    def _quickly(self, buffer: bytes, at: int) -> int:
        find, rfind, size = buffer.find, buffer.rfind, len(buffer)
        asked, found = self._under_way.asked, self._under_way.found
        with_id = self._under_way.with_id
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
                or not SECTION(buffer, section, brace)
            ):
                return at
            which = int(uid or number)
            if which in asked:
                given = ""
                if email_id:
                    given = parse.email_id(email_id.decode("latin-1"))
                elif gmail:
                    given = parse.gmail_id(int(gmail))
                message = read_message(
                    buffer[begin:end], structure, received_ms, int(octets), given
                )
                found[which] = Fetched(which, flag_bits(flags), message)
            at = end + 3

    def _fetch(self, response: Response) -> None:
        """Read one response of another shape by imapclient's parser."""
        try:
            data = _parsed(response)
            if not any(key.startswith(b"BODY[HEADER") for key in data):
                self.dirty = True  # news of flags by the way, perhaps without UID
                return
            one = parse.fetched(data)
        except (ValueError, TypeError, LookupError, RecursionError, OverflowError) as e:
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


class FlagReader(Reader):
    """Flags of UIDs in [first, last], and what vanished (RFC 7162 §3.2.10)."""

    def __init__(self, tag: bytes, first: int, last: int) -> None:
        """Wait for flags."""
        super().__init__(tag)
        self._first, self._last = first, last
        self.flags: dict[int, int] = {}
        self.vanished: list[tuple[int, int]] = []

    def _quickly(self, buffer: bytes, at: int) -> int:
        flags_of, low, high = self.flags, self._first, self._last
        while (line := FLAGS_LINE(buffer, at)) is not None:
            number, by_uid, uid, flags = line.groups()
            at = line.end()
            if flags is not None and (uid or by_uid):
                which = int(uid or number)
                if low <= which <= high:
                    flags_of[which] = flag_bits(flags)
            else:
                self.dirty = True
        return at

    def _fetch(self, response: Response) -> None:
        try:
            data = _parsed(response)
        except (ValueError, TypeError, LookupError, RecursionError, OverflowError):
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


def read_ranges(text: bytes) -> list[tuple[int, int]]:
    """Read a set of UIDs ("1:5,9") as pairs, in the order given.

    Raises:
        ProtocolBroken: it holds something that is no UID.

    """
    out = []
    for item in filter(None, text.split(b",")):
        low, colon, high = item.partition(b":")
        ends = sorted((_uid(low), _uid(high if colon else low)))
        out.append((ends[0], ends[1]))
    return out


def _uid(text: bytes) -> int:
    if not text.isdigit() or len(text) > 10 or not 0 < int(text) <= UID_MAX:  # noqa: PLR2004 - digits of 2^32
        raise ProtocolBroken("bad UID")
    return int(text)


def _structure(text: bytes) -> Structure | None:
    """Look for attachments in a BODYSTRUCTURE as text; None: imapclient must read it.

    Quotes inside quoted strings are escaped, so `("attachment"` is never one's content.
    """
    if not text:
        return NO_STRUCTURE
    low = text.lower()
    if not low.startswith(b"bodystructure (") or b'"report"' in low:
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


def _check_literal(size: int, before: int) -> None:
    if size > LITERAL_BYTES:  # before it is read (THREATS 6)
        raise LimitExceeded("literal", what="literal", limit=LITERAL_BYTES)
    if before > RESPONSE_LITERALS:
        raise LimitExceeded("literals", what="literals", limit=RESPONSE_LITERALS)


def _tells_of_change(line: bytes) -> bool:
    word = line.rpartition(b" ")[2].upper()
    return word in {b"EXISTS", b"EXPUNGE"} or line[:11].upper() == b"* VANISHED "
