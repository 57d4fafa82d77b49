"""Read the lines of LIST, LSUB and STATUS responses. Pure.

A line of the usual shape is taken apart by a regular expression; each other one goes
to imapclient's parser, which is slower by far: 20,000 folders are no rarity.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from imapclient.exceptions import ProtocolError
from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.response_parser import parse_response

from core.imap.responses import Part
from core.imap.roles import by_attributes
from core.model import Listed, Role
from core.text import harmless

UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}  # RFC 9051 §7.3.1
CHILDLESS = {b"\\hasnochildren", b"\\noinferiors"}
TITLE_CHARS = 500
STRAY = re.compile(rb"[\x00-\x1f\x7f]").search
ESCAPED = re.compile(rb'\\(["\\])')

# Up to the name: attributes and delimiter. INTEROP 41: `"\"` for `"\\"` occurs.
LIST_HEAD = re.compile(
    rb'\* (?:LIST|LSUB) \(([^()"{]*)\) (?:"(\\\\|\\"|[^"\\]|\\|)"|NIL) ', re.IGNORECASE
).match
NAME = re.compile(rb'"((?:[^"\\]|\\.)*)"(?: |\Z)|([^\s"(){}]+)(?: |\Z)').match
STATUS_HEAD = re.compile(rb"\* STATUS ", re.IGNORECASE).match
ITEM = re.compile(rb"([A-Z]+) (\d{1,20})(?![^\s)])", re.IGNORECASE).findall
MAILBOX_ID = re.compile(rb"MAILBOXID \(([^()\s]{1,255})\)", re.IGNORECASE).search


class Found(NamedTuple):
    """A folder as LIST shows it, and whether it may hold others."""

    folder: Listed
    childless: bool


class Said(NamedTuple):
    """What a STATUS response says, and of which folder."""

    name: str
    numbers: dict[bytes, int]
    mailbox_id: str


def quote(name: str) -> str:
    """Write a folder's raw name as a quoted string (RFC 9051 §4.3)."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def key(name: str) -> str:
    """Give what two names of one folder have in common: INBOX is any case's."""
    return "INBOX" if name.upper() == "INBOX" else name  # RFC 9051 §5.1


def listed(parts: list[Part]) -> Found | None:
    """Read LIST or LSUB; nothing, if it is none or names no folder."""
    first = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
    if first[:7].upper() not in {b"* LIST ", b"* LSUB "}:
        return None
    if head := LIST_HEAD(first):
        attributes, mark = head[1].split(), head[2] or b""
        if isinstance(parts[0], tuple):
            return _found(attributes, mark, parts[0][1])
        if name := NAME(first, head.end()):
            return _found(attributes, mark, _unescaped(name))
    return _parsed(parts)


def status(parts: list[Part]) -> Said | None:
    """Read STATUS; the items may be none at all (INTEROP 22)."""
    first = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
    if not (head := STATUS_HEAD(first)):
        return None
    if isinstance(parts[0], tuple):
        raw, items = parts[0][1], parts[-1] if isinstance(parts[-1], bytes) else b""
    elif name := NAME(first, head.end()):
        raw, items = _unescaped(name), first[name.end() :]
    else:
        return None
    numbers = {k.upper(): int(v) for k, v in ITEM(items)}
    known = MAILBOX_ID(items)
    return Said(
        raw.decode("latin-1"), numbers, known[1].decode("latin-1") if known else ""
    )


def _unescaped(name: re.Match[bytes]) -> bytes:
    if name[1] is None:
        return name[2]
    return ESCAPED.sub(rb"\1", name[1]) if b"\\" in name[1] else name[1]


def _found(attributes: list[bytes], mark: bytes, name: bytes) -> Found | None:
    if not name or STRAY(name):
        return None
    attrs = {a.lower() for a in attributes}
    inbox = name.upper() == b"INBOX"
    folder = Listed(
        name=name.decode("latin-1"),
        title=harmless(_title(name))[:TITLE_CHARS],
        delimiter=mark.decode("latin-1")[-1:],
        role=Role.INBOX if inbox else by_attributes(attributes),
        selectable=not UNSELECTABLE & attrs,
    )
    return Found(folder, bool(CHILDLESS & attrs))


def _parsed(parts: list[Part]) -> Found | None:
    """Read by imapclient's parser what is not of the usual shape."""
    first = parts[0]
    head = (first[0][7:], first[1]) if isinstance(first, tuple) else first[7:]
    try:
        attributes, mark, name = parse_response([head, *parts[1:]])[:3]
    except (ProtocolError, ValueError, RecursionError, TypeError, LookupError):
        return None
    words = attributes if isinstance(attributes, tuple) else ()
    raw = name if isinstance(name, bytes) else _spelled(name)
    delimiter = mark if isinstance(mark, bytes) else b""
    return _found([w for w in words if isinstance(w, bytes)], delimiter, raw)


def _spelled(name: object) -> bytes:
    """Undo what the parser makes of the folders named 2026 and NIL."""
    return b"NIL" if name is None else str(name).encode("latin-1", "replace")


def _title(name: bytes) -> str:
    """Decode modified UTF-7 (RFC 3501 §5.1.3); UTF-8 and worse also occur."""
    if b"&" not in name and name.isascii():
        return name.decode("ascii")
    try:
        return str(decode_utf7(name)) if name.isascii() else name.decode("utf-8")
    except (ValueError, LookupError):
        return name.decode("latin-1")
