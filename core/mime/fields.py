"""The header of a message, field by field, in the order it came. Pure; never raises.

Servers on the way put their fields on top (RFC 5322 §3.6.7), so order tells who wrote
what; `core.imap.headers` keeps the first of each name, which is all that a sync needs.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from core.text import harmless

HEADER_BYTES = 128 << 10
FIELDS_MOST = 2_000
VALUE_CHARS = 64 << 10
NAME = re.compile(rb"[!-9;-~]{1,200}")  # RFC 5322 §2.2: printable, no colon
FOLD = re.compile(rb"\r?\n(?=[ \t])")
LINE = re.compile(rb"\r\n|\r|\n")


class Field(NamedTuple):
    """A header field: its name in lower case, its value unfolded and undecoded."""

    name: str
    value: str


def read(block: bytes) -> list[Field]:
    """Read a header block; lines that are no fields are passed over."""
    out: list[Field] = []
    for line in LINE.split(FOLD.sub(b"", block[:HEADER_BYTES])):
        if not line:
            if out:  # the header ends here, whatever follows
                break
            continue
        name, colon, value = line.partition(b":")
        if colon and NAME.fullmatch(name.rstrip()):
            key = name.rstrip().decode("ascii").lower()
            out.append(Field(key, _text(value[:VALUE_CHARS]).strip()))
        if len(out) == FIELDS_MOST:
            break
    return out


def first(found: list[Field], name: str) -> str:
    """Give the first field of a name; empty where there is none."""
    return next((f.value for f in found if f.name == name), "")


def every(found: list[Field], name: str) -> list[str]:
    """Give all fields of a name."""
    return [f.value for f in found if f.name == name]


def as_text(raw: bytes) -> str:
    """Give source as text, line by line, with what is invisible made visible."""
    text = _text(raw).replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(harmless(line.replace("\t", "    ")) for line in text.split("\n"))


def _text(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")
