"""Split a message into its parts, as far as a report needs it. Pure; never raises.

`core.mime.structure` reads what a server tells of a message; this reads the message
itself. A returned message is a part, and is not looked into: what it holds was written
by someone else (RFC 6522 §3).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from core.mime import decoding, fields
from core.mime.fields import Field

READ_BYTES = 512 << 10
PARTS_MOST, DEPTH_MOST = 40, 5
TYPE_CHARS, BOUNDARY_CHARS = 2_000, 200  # RFC 2046 §5.1.1 allows a boundary of 70
BLANK_LINE = re.compile(rb"(?:\A|\n)[ \t]*\n")
PARAMETER = re.compile(r';\s*([\w*-]{1,40})\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s;"]*))')


@dataclass(frozen=True)
class Part:
    """A part that is no multipart; `content` is as it came, with LF as line ends.

    `reported`: it stands in the multipart/report that the message is, and not in
    something that was put beside it.
    """

    kind: str
    content: bytes
    encoding: str = ""
    charset: str = ""
    reported: bool = False

    @property
    def data(self) -> bytes:
        """Give its bytes, decoded, with LF as line ends."""
        return _lines(decoding.transfer_decoded(self.content, self.encoding)[0])

    @property
    def text(self) -> str:
        """Give its text, decoded."""
        html = self.kind == "text/html"
        return decoding.text_of(
            self.content, self.encoding, self.charset, html=html, cut=True
        ).text


@dataclass(frozen=True)
class Whole:
    """A message: its header, and its parts in their order."""

    header: list[Field]
    parts: list[Part]

    def of_kind(self, *kinds: str) -> list[Part]:
        """Give the parts of these types."""
        return [part for part in self.parts if part.kind in kinds]

    @cached_property
    def texts(self) -> list[Part]:
        """Give the parts that people read, plain text first."""
        return self.of_kind("text/plain", "") + self.of_kind("text/html")


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a message a part stands; `trunk`: nothing stands before it."""

    depth: int = 0
    trunk: bool = True
    reported: bool = False

    def inside(self, kind: str, number: int) -> _Place:
        """Give the place of a multipart's part."""
        report = self.trunk and kind == "multipart/report"
        return replace(
            self,
            depth=self.depth + 1,
            trunk=self.trunk and not number,
            reported=self.reported or report,
        )


def read(raw: bytes) -> Whole:
    """Split a message; of a long one, what stands in its first part of `READ_BYTES`."""
    raw = _lines(_bounded(raw))
    parts: list[Part] = []
    for part in _parts(raw, _Place()):
        parts.append(part)
        if len(parts) == PARTS_MOST:
            break
    return Whole(fields.read(cut(raw)[0]), parts)


def cut(block: bytes) -> tuple[bytes, bytes]:
    """Cut a block at its first blank line: header and body."""
    found = BLANK_LINE.search(block)
    return (block[: found.start()], block[found.end() :]) if found else (block, b"")


def _parts(block: bytes, place: _Place) -> Iterator[Part]:
    head, body = cut(block)
    header = fields.read(head)
    kind, given = _content_type(fields.first(header, "content-type"))
    boundary = given.get("boundary", "")[:BOUNDARY_CHARS]
    if kind.startswith("multipart/"):
        if boundary and place.depth < DEPTH_MOST:
            for number, piece in enumerate(_pieces(body, boundary)):
                yield from _parts(piece, place.inside(kind, number))
        return
    encoding = fields.first(header, "content-transfer-encoding").strip().lower()
    yield Part(kind, body, encoding, given.get("charset", ""), place.reported)


def _pieces(body: bytes, boundary: str) -> Iterator[bytes]:
    """Cut a multipart's body; one whose end is missing ends with the message."""
    mark = re.escape(boundary.encode("utf-8", "replace"))
    lines = re.finditer(rb"^--" + mark + rb"(--)?[ \t]*$", body, re.MULTILINE)
    start = -1
    for found in lines:
        if start >= 0:
            yield body[start : found.start()]
        start = -1 if found[1] else found.end() + 1
        if found[1]:
            return
    if start >= 0:
        yield body[start:]


def _content_type(value: str) -> tuple[str, dict[str, str]]:
    """Read a Content-Type (RFC 2045 §5.1): the type, and its parameters."""
    value = value[:TYPE_CHARS]
    given: dict[str, str] = {}
    for name, quoted, bare in PARAMETER.findall(value):
        given.setdefault(name.lower(), quoted.replace("\\", "") or bare)
    kind = value.partition(";")[0].strip().lower()
    return kind, given


def _bounded(raw: bytes) -> bytes:
    """Cut what is too long at the end of a line: half an address is another one."""
    if len(raw) <= READ_BYTES:
        return raw
    return raw[: raw.rfind(b"\n", 0, READ_BYTES) + 1]


def _lines(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
