"""From a BODYSTRUCTURE to a tree of parts. Pure; never raises.

A server's own mistakes and a sender's bombs both end here (THREATS T8, INTEROP 26):
what cannot be read is left out, and what was left out is counted.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from core.imap.parse import SCIENTIFIC
from core.imap.values import TOO_DEEP
from core.mime.names import Parameters, file_name, parameters

PARTS_MOST = 300
DEPTH_MOST = 40
WORD_CHARS = 100
SIZE_MAX = 2**63 - 1
DISPOSITIONS = frozenset((b"attachment", b"inline", b"form-data"))
# RFC 9051 §7.5.2, body-fields: where each stands in the list of a single part.
TYPE, SUBTYPE, PARAMETERS, ID, ENCODING, SIZE, EXTENSION = 0, 1, 2, 3, 5, 6, 7


@dataclass(frozen=True, slots=True)
class Piece:
    """One part. `section` is what BODY[…] calls it (RFC 9051 §6.4.5).

    `name` is safe to write to a disk, and empty where the part has none; `named_badly`
    tells that characters were taken out of it that hide what it is. `size_bytes` is as
    the server states it, before decoding. `pieces` are those of a multipart.
    """

    section: str
    type: str
    charset: str = ""
    encoding: str = ""
    size_bytes: int = 0
    name: str = ""
    named_badly: bool = False
    disposition: str = ""
    content_id: str = ""
    start: str = ""  # of multipart/related (RFC 2387 §3.2)
    pieces: tuple[Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Tree:
    """A message's parts; `left_out`: at least so many more were not looked at."""

    root: Piece | None
    left_out: int = 0


@dataclass(slots=True)
class _Budget:
    """How many parts may still be read, and how many were passed over."""

    left: int = PARTS_MOST
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a part says of itself, beside its type."""

    given: Parameters = field(default_factory=dict)
    disposition: str = ""
    disposed: Parameters = field(default_factory=dict)


def read(value: Any) -> Tree:
    """Read a BODYSTRUCTURE, as `core.imap.values` gives it."""
    budget = _Budget()
    root = _piece(value, "", 0, budget)
    return Tree(root, budget.left_out)


def leaves(piece: Piece) -> Iterator[Piece]:
    """Give the parts that are no multiparts, in their order."""
    if not piece.type.startswith("multipart/"):
        yield piece
    for one in piece.pieces:
        yield from leaves(one)


def _piece(value: Any, section: str, depth: int, budget: _Budget) -> Piece | None:
    if not isinstance(value, list) or not value:
        budget.left_out += value is TOO_DEEP
        return None
    if depth > DEPTH_MOST or not budget.left:
        budget.left_out += 1
        return None
    budget.left -= 1
    if isinstance(value[0], list) or value[0] is TOO_DEEP:
        return _multipart(value, section, depth, budget)
    return _single(value, section or "1")


def _multipart(value: list[Any], section: str, depth: int, budget: _Budget) -> Piece:
    pieces: list[Piece] = []
    number = 0
    for child in value:
        if not isinstance(child, list) and child is not TOO_DEEP:
            break
        number += 1
        inner = f"{section}.{number}" if section else str(number)
        if (one := _piece(child, inner, depth + 1, budget)) is not None:
            pieces.append(one)
    subtype = _word(value[number]) if number < len(value) else ""
    given = parameters(value[number + 1]) if number + 1 < len(value) else {}
    return Piece(
        section,
        f"multipart/{subtype or 'mixed'}",
        start=_id(given.get("start", b"")),
        pieces=tuple(pieces),
    )


def _single(value: list[Any], section: str) -> Piece:
    facts = _facts(value)
    named = file_name(facts.disposed, facts.given)
    kind = f"{_word(_at(value, TYPE))}/{_word(_at(value, SUBTYPE))}"
    return Piece(
        section,
        kind if len(kind) > 1 else "application/octet-stream",
        charset=_word(facts.given.get("charset")),
        encoding=_word(_at(value, ENCODING)),
        size_bytes=_size(_at(value, SIZE)),
        name=named.name,
        named_badly=named.badly,
        disposition=facts.disposition,
        content_id=_id(_at(value, ID)),
    )


def _facts(value: list[Any]) -> _Facts:
    """Find the disposition by its shape: servers put it at several places."""
    given = parameters(_at(value, PARAMETERS))
    for one in value[EXTENSION:]:
        if not isinstance(one, list) or len(one) < 2:  # noqa: PLR2004 - a word and its parameters
            continue
        word = one[0].lower() if isinstance(one[0], bytes) else b""
        if word in DISPOSITIONS or (word and isinstance(one[1], list)):
            return _Facts(given, _word(word), parameters(one[1]))
    return _Facts(given)


def _at(value: list[Any], index: int) -> Any:
    return value[index] if index < len(value) else None


def _word(value: Any) -> str:
    if not isinstance(value, bytes):
        return ""
    text = value[:WORD_CHARS].decode("ascii", "replace").strip().lower()
    return "".join(c for c in text if c.isascii() and c.isprintable())


def _id(value: Any) -> str:
    """Give a Content-ID as `cid:` names it: without its brackets (RFC 2392 §2)."""
    if not isinstance(value, bytes) or len(value) > 2 * WORD_CHARS:
        return ""
    return value.decode("utf-8", "replace").strip().removeprefix("<").removesuffix(">")


def _size(value: Any) -> int:
    if not isinstance(value, bytes):
        return 0
    if SCIENTIFIC(value):  # INTEROP 26: mail.ru
        return min(int(float(value)), SIZE_MAX)
    digits = value.isdigit() and len(value) < 20  # noqa: PLR2004 - digits of 2^63
    return min(int(value), SIZE_MAX) if digits else 0
