"""Write messages as bytes (RFC 2047, RFC 2231). Pure.

Mail is put together here instead of by `email.message`, which chooses boundaries at
random and takes ten times as long for two thousand messages.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr
from urllib.parse import quote

from core.demo.cast import Contact

CRLF = "\r\n"
LINE_CHARS = 76
Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Part:
    """A body with the fields that describe it, CRLF line ends throughout."""

    fields: Fields
    content: bytes


def message(fields: Fields, body: Part) -> bytes:
    """Put a whole message together; the body's fields come after the given ones."""
    version = ("MIME-Version", "1.0")
    return header([*fields, version, *body.fields]) + b"\r\n" + body.content


def header(fields: Fields) -> bytes:
    """Write header fields, each already encoded and folded."""
    return "".join(f"{name}: {value}{CRLF}" for name, value in fields).encode("ascii")


def encoded(text: str, charset: str = "utf-8") -> str:
    """Write a text for a header field, in encoded words if it needs them (RFC 2047)."""
    if text.isascii():
        return text
    return Header(text, charset, LINE_CHARS, "Subject").encode(linesep=CRLF)


def mailbox(who: Contact, charset: str = "utf-8") -> str:
    """Write a name and an address."""
    return formataddr((who.name, who.address), charset)


def folded(ids: Iterable[str]) -> str:
    """Write message ids, one a line: References grows long."""
    return f"{CRLF} ".join(ids)


def text(content: str, charset: str = "utf-8", subtype: str = "plain") -> Part:
    """Make a text part: 7bit if that will do, else quoted-printable."""
    if content.isascii():
        kind, raw, encoding = "us-ascii", content.encode(), "7bit"
    else:
        raw = quopri.encodestring(content.encode(charset, "replace"))
        kind, encoding = charset, "quoted-printable"
    fields = (
        ("Content-Type", f'text/{subtype}; charset="{kind}"'),
        ("Content-Transfer-Encoding", encoding),
    )
    return Part(fields, raw.replace(b"\n", b"\r\n"))


def described(content_type: str, content: bytes) -> Part:
    """Make a part of exactly these bytes."""
    return Part((("Content-Type", content_type),), content)


def attachment(name: str, content_type: str, content: bytes) -> Part:
    """Make a part that people save as a file (RFC 2231 for its name)."""
    parameter = f'filename="{name}"'
    if not name.isascii():
        parameter = f"filename*=utf-8''{quote(name)}"
    fields = (
        ("Content-Type", content_type),
        ("Content-Disposition", f"attachment; {parameter}"),
        ("Content-Transfer-Encoding", "base64"),
    )
    return Part(fields, base64.encodebytes(content).replace(b"\n", b"\r\n"))


def multipart(kind: str, parts: Sequence[Part], boundary: str) -> Part:
    """Join parts; `kind` is the subtype, with parameters if it has any."""
    content_type = f'multipart/{kind};{CRLF} boundary="{boundary}"'
    between = f"--{boundary}{CRLF}".encode()
    joined = b"".join(
        between + header(part.fields) + b"\r\n" + part.content + b"\r\n"
        for part in parts
    )
    return described(content_type, joined + f"--{boundary}--{CRLF}".encode())
