"""Read the values of a FETCH response, however they nest. Pure; never recurses.

Lists become lists, strings and atoms bytes, NIL None. What lies deeper than a limit is
stepped over and leaves `TOO_DEEP` in its place (THREATS T8).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from core.errors import LimitExceeded
from core.imap.responses import Part

DEPTH = 64
VALUES_MOST = 400_000
TOO_DEEP: Final = object()
Value = Any  # bytes, None, TOO_DEEP, or a list of them

# RFC 9051 §9: quoted strings, atoms, and "BODY[1.MIME]<0>", which holds brackets.
TOKEN = re.compile(
    rb'\s*(?:([()])|"((?:[^"\\]|\\.)*)"|([^\s()"\[]*\[[^\]]*\][^\s()"]*|[^\s()"]+)|")',
    re.DOTALL,
)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)
LITERAL = re.compile(rb"~?\{\d{1,20}\+?\}\Z")
HEAD = re.compile(rb"\* (\d{1,10}) (UID)?FETCH (?=\()", re.IGNORECASE).match


def fetched(parts: list[Part]) -> dict[bytes, Value] | None:
    """Read a FETCH response into its items, by upper-case name; None for another one.

    UIDFETCH (RFC 9586 §3.3) says the UID in place of the number: it is given as UID.

    Raises:
        LimitExceeded: it holds more values than are read.

    """
    first = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
    if not (head := HEAD(first)):
        return None
    found = values(parts, head.end())
    items = found[0] if found and isinstance(found[0], list) else []
    out: dict[bytes, Value] = {b"UID": head[1]} if head[2] else {}
    for name, value in zip(items[::2], items[1::2], strict=False):
        if isinstance(name, bytes):
            out[name.upper()] = value
    return out


def values(parts: Iterable[Part], begin: int = 0) -> list[Value]:
    """Read values from `begin` on; what does not close is closed at the end.

    Raises:
        LimitExceeded: there are more than are read.

    """
    top: list[Value] = []
    open_lists, below = [top], 0
    for count, token in enumerate(_tokens(parts, begin)):
        if count > VALUES_MOST:
            raise LimitExceeded("values", what="values", limit=VALUES_MOST)
        if token == b"(":
            below = _open(open_lists, below)
        elif token == b")":
            if below:
                below -= 1
            elif len(open_lists) > 1:
                open_lists.pop()
        elif not below:
            value = token[0] if isinstance(token, tuple) else _atom(token)
            open_lists[-1].append(value)
    return top


def _open(open_lists: list[list[Value]], below: int) -> int:
    """Begin a list; give how many are open below the limit, and stepped over."""
    if below or len(open_lists) > DEPTH:
        if not below:
            open_lists[-1].append(TOO_DEEP)
        return below + 1
    fresh: list[Value] = []
    open_lists[-1].append(fresh)
    open_lists.append(fresh)
    return 0


def _tokens(parts: Iterable[Part], begin: int) -> Iterator[bytes | tuple[bytes]]:
    """Give parentheses and atoms as bytes, and strings as a tuple of one."""
    for part in parts:
        text = part[0] if isinstance(part, tuple) else part
        for found in TOKEN.finditer(text, begin):
            mark, quoted, atom = found.groups()
            if mark is not None:
                yield mark
            elif quoted is not None:
                yield (ESCAPED.sub(rb"\1", quoted),)
            elif atom is not None and not LITERAL.match(atom):
                yield atom
        if isinstance(part, tuple):
            yield (part[1],)
        begin = 0


def _atom(text: bytes) -> bytes | None:
    return None if text.upper() == b"NIL" else text
