"""Cut the answer to a command into responses, as the bytes come. Pure.

Every limit of what a server may say in one response is kept here (THREATS T7).
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.errors import LimitExceeded, ProtocolBroken

# A response as imaplib lays it out: text, or (text, literal) where one follows.
Part = bytes | tuple[bytes, bytes]

LINE_BYTES = 8 << 20
LITERAL_BYTES = 32 << 20
RESPONSE_LITERALS = 1_000
OTHERS = 400_000  # responses to one command that are not of the usual shape
UID_MAX = 2**32 - 1  # RFC 9051 §2.3.1.1

LITERAL = re.compile(rb"\{(\d{1,20})\+?\}\Z").search
# RFC 9051 §7.5.2, and UIDFETCH of RFC 9586 §3.3: there the number is the UID.
FETCH = re.compile(rb"\* (\d{1,10}) (UID)?FETCH ", re.IGNORECASE).match


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
        self._size = self._needed = self._others = self._given = 0
        self.rest = b""
        self.said: list[bytes] = []  # untagged lines that are no answers to the command
        self.dirty = False

    @property
    def tagged(self) -> bytes:
        """Give the line that ended the answer; empty while it has not come."""
        return self._ends[self._tag]

    def overheard(self) -> list[bytes]:
        """Give the lines that are no answers and were not given before."""
        new, self._given = self.said[self._given :], len(self.said)
        return new

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


def _check_literal(size: int, before: int) -> None:
    if size > LITERAL_BYTES:  # before it is read (THREATS 6)
        raise LimitExceeded("literal", what="literal", limit=LITERAL_BYTES)
    if before > RESPONSE_LITERALS:
        raise LimitExceeded("literals", what="literals", limit=RESPONSE_LITERALS)


def _tells_of_change(line: bytes) -> bool:
    word = line.rpartition(b" ")[2].upper()
    return word in {b"EXISTS", b"EXPUNGE"} or line[:11].upper() == b"* VANISHED "
