"""Header fields as they go over the wire. Pure.

Written here rather than by the standard library, whose header classes (Python 3.11)
take text for what is already encoded: a person who types "=?utf-8?b?…?=" into a subject
would have it decoded into something else. Lines have at most 78 characters where there
is a place to fold (RFC 5322 §2.1.1), encoded words at most 75 (RFC 2047 §2).
"""

from __future__ import annotations

import base64
import re
import string
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import quote

from core.outgoing import Recipient

LINE = 78
WORD = 60  # a longer one is encoded, for it could not be folded
Q_MOST, B_MOST = 63, 45  # characters, octets: what fits into one encoded word
# What may stand for itself in an encoded word wherever that stands (RFC 2047 §5).
Q_SAFE = frozenset((string.ascii_letters + string.digits + "!*+-/").encode())
ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")  # RFC 5322 §3.2.3
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9 ._()+-]{0,48}(?<! )")
PARAMETER_SAFE = "!#$&+-.^_`{|}~"  # RFC 2231 §7: attribute-char
SEGMENT = 54


def folded(name: str, words: Sequence[str]) -> str:
    """Give a field: its words, with a line break before each that does not fit."""
    lines = [f"{name}:"]
    for word in words:
        if len(lines[-1]) + 1 + len(word) > LINE and not lines[-1].endswith(":"):
            lines.append("")
        lines[-1] += f" {word}"
    return "\r\n".join(lines) + "\r\n"


def unstructured(name: str, text: str) -> str:
    """Give a field of free text, as a subject; it arrives as this very text."""
    return folded(name, text.split(" ") if _is_plain(text) else encoded(text))


def mailboxes(name: str, people: Iterable[Recipient]) -> str:
    """Give a field of addresses with their names (RFC 5322 §3.4)."""
    words: list[str] = []
    for one in people:
        if words:
            words[-1] += ","
        words += [*phrase(one.name), f"<{one.address}>"] if one.name else [one.address]
    return folded(name, words)


def phrase(text: str) -> list[str]:
    """Give a display name as words: bare, in quotation marks, or encoded."""
    if not _is_plain(text) or len(text) > WORD:
        return encoded(text)
    if ATOMS.fullmatch(text):
        return text.split(" ")
    escaped = re.sub(r'([\\"])', r"\\\1", text)
    return [f'"{escaped}"']


def file_name(text: str) -> list[str]:
    """Give the parameters that name a file, in UTF-8 by RFC 2231 §4 where needed."""
    if FILE_NAME.fullmatch(text):
        return [f'filename="{text}"']
    pieces = [quote(character, safe=PARAMETER_SAFE) for character in text]
    segments = [""]
    for piece in pieces:
        if len(segments[-1]) + len(piece) > SEGMENT:
            segments.append("")
        segments[-1] += piece
    if len(segments) == 1:
        return [f"filename*=utf-8''{segments[0]}"]
    first, *more = segments  # RFC 2231 §3
    rest = [f"filename*{n}*={value}" for n, value in enumerate(more, 1)]
    return [f"filename*0*=utf-8''{first}", *rest]


def encoded(text: str) -> list[str]:
    """Give a text as encoded words, none of which holds a part of a character."""
    octets = text.encode()
    odd = sum(octet not in Q_SAFE and octet != ord(" ") for octet in octets)
    if odd * 3 > len(octets):
        pieces = _pieces(text, lambda c: len(c.encode()), B_MOST)
        return [f"=?utf-8?b?{base64.b64encode(p.encode()).decode()}?=" for p in pieces]
    pieces = _pieces(text, lambda c: len(_quoted(c)), Q_MOST)
    return [f"=?utf-8?q?{_quoted(piece)}?=" for piece in pieces]


def _is_plain(text: str) -> bool:
    """Tell whether a text can stand in a header as it is, and be folded."""
    words = text.split(" ")
    simple = text.isascii() and text.isprintable() and "=?" not in text
    return simple and all(0 < len(word) <= WORD for word in words)


def _quoted(text: str) -> str:
    safe = {octet: chr(octet) for octet in Q_SAFE} | {ord(" "): "_"}
    return "".join(safe.get(octet, f"={octet:02X}") for octet in text.encode())


def _pieces(text: str, cost: Callable[[str], int], most: int) -> list[str]:
    pieces, left = [""], most
    for character in text:
        needed = cost(character)
        if needed > left:
            pieces.append("")
            left = most
        pieces[-1] += character
        left -= needed
    return pieces
