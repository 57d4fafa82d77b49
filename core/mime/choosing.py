"""Which parts of a message are read, and which are attachments. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from core.mime.structure import Piece, leaves

TEXT, HTML = "text/plain", "text/html"
SHOWN = frozenset((TEXT, HTML))
SEALED = frozenset(
    ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
)
IMAGES_MOST = 40


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to read: a text, its HTML, and the images that the HTML may name.

    `encrypted`: the message is sealed for its reader, and nothing of it is shown.
    """

    text: Piece | None
    html: Piece | None
    images: tuple[Piece, ...]
    attachments: tuple[Piece, ...]
    encrypted: bool = False


def choose(root: Piece | None) -> Chosen:
    """Choose what to show, as RFC 2046 §5.1 and RFC 2387 mean it."""
    if root is None:
        return Chosen(None, None, (), ())
    shown = _shown(root)
    text = next((p for p in shown if p.type == TEXT), None)
    html = next((p for p in shown if p.type == HTML), None)
    images = _images(root) if html else ()
    # What HTML names stands in it; with a file name it may be wanted as a file, too.
    inside = {p.section for p in images if p.disposition != "attachment" and p.type}
    read = {p.section for p in (text, html) if p}
    attached = [p for p in leaves(root) if p.section not in read | inside]
    return Chosen(text, html, images, tuple(attached), encrypted=_sealed(root))


def _shown(piece: Piece) -> list[Piece]:
    """Give the parts of a message that are its text, at most one of each type."""
    if not piece.type.startswith("multipart/"):
        is_text = piece.type in SHOWN and piece.disposition != "attachment"
        return [piece] if is_text and not piece.name else _named(piece)
    if piece.type == "multipart/related":
        first = next((p for p in piece.pieces if _starts(piece, p)), None)
        return _shown(first or piece.pieces[0]) if piece.pieces else []
    if piece.type == "multipart/alternative":
        return _alternatives(piece)
    for one in piece.pieces:  # mixed, signed, report, digest, …: the first that is text
        if found := _shown(one):
            return found
    return []


def _named(piece: Piece) -> list[Piece]:
    """Give a text with a file name only where it says that it is to be seen."""
    seen = piece.type in SHOWN and piece.disposition == "inline"
    return [piece] if seen or (piece.section == "1" and piece.type in SHOWN) else []


def _alternatives(piece: Piece) -> list[Piece]:
    """Give the best of each type: the last is the richest (RFC 2046 §5.1.4)."""
    by_type: dict[str, Piece] = {}
    for one in piece.pieces:
        for found in _shown(one):
            by_type[found.type] = found
    return list(by_type.values())


def _starts(related: Piece, piece: Piece) -> bool:
    return bool(related.start) and piece.content_id == related.start


def _images(root: Piece) -> tuple[Piece, ...]:
    found = (p for p in leaves(root) if p.content_id and p.type.startswith("image/"))
    return tuple(found)[:IMAGES_MOST]


def _sealed(root: Piece) -> bool:
    return root.type in SEALED or any(p.type in SEALED for p in root.pieces)
