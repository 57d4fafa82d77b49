"""Fetch what is shown of a message from its server, over a connection of its own.

Reading never changes a mailbox: EXAMINE and BODY.PEEK only (THREATS T11). The folder's
UIDVALIDITY must be the one that the UID is of (RFC 9051 §2.3.1.1).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from core.errors import FolderRefused, MessageGone
from core.imap import listing, opening, peek
from core.imap.peek import OnBytes
from core.imap.session import Session
from core.mime import decoding, fields, structure
from core.mime.choosing import Chosen, choose
from core.mime.decoding import Decoded
from core.mime.fields import HEADER_BYTES
from core.mime.sanitising import IMAGE_BYTES, IMAGES_BYTES, of_text
from core.mime.structure import Piece, leaves
from core.preview import shaping
from core.preview.shown import Body, Note, Preview
from core.runtime import Runtime
from core.store.previews import Lies, Sought
from core.sync import syncer

TEXT_BYTES, HTML_BYTES = 512 << 10, 2 << 20  # as they come, before decoding
SOURCE_BYTES = 256 << 10
TEXT_CHARS = 200_000


@dataclass(frozen=True, slots=True)
class Opened:
    """A message in an open folder."""

    session: Session
    uid: int


@contextmanager
def opened(runtime: Runtime, sought: Sought) -> Iterator[Opened]:
    """Log in, and open the folder that the message lies in; log out at the end.

    Raises:
        MessageGone: it lies in none of the folders where it was seen.
        MailError: as of a session.

    """
    if not sought.places:
        raise MessageGone("it lies nowhere")
    access, policy, one = runtime.access(), runtime.policy(), sought.integration
    with access.recordings.recording(one, "peek") as recorder:
        session = syncer.start(access, policy, one, recorder=recorder)
        with opening.held(session, policy):
            yield _first_there(session, sought.places)


def preview(one: Opened, sought: Sought) -> Preview:
    """Fetch structure and header, then the part that is shown, and no other."""
    tree = structure.read(peek.structure(one.session, one.uid))
    header = peek.header(one.session, one.uid, HEADER_BYTES)
    found = fields.read(header.data)
    if header.cut:  # what is needed may stand below fifty thousand recipients
        main = fields.read(peek.main_fields(one.session, one.uid, HEADER_BYTES).data)
        found = [*main, *(f for f in found if f.name in {"to", "cc"})]
    chosen = choose(tree.root)
    shown = shaping.people(found)
    title = shaping.subject(found, sought.subject)
    return Preview(
        subject=shaping.seen(title),
        people=shown,
        odd=shaping.oddities(found, shown, title),
        authentication=shaping.stated(found, _own(sought)),
        body=_body(one, chosen),
        attachments=shaping.attachments(chosen),
        headers=fields.as_text(header.data),
        notes=_notes(tree, chosen, cut=header.cut),
        text_part=chosen.text if chosen.html else None,
        pieces={p.section: p for p in leaves(tree.root)} if tree.root else {},
    )


def text(one: Opened, piece: Piece) -> Body:
    """Fetch a text part."""
    told = _decoded(one, piece, TEXT_BYTES)
    notes = list(told.notes)
    if len(told.text) > TEXT_CHARS and "cut" not in notes:
        notes.append("cut")
    shown = shaping.seen_lines(told.text[:TEXT_CHARS])
    return Body(of_text(shown), shown, notes=tuple(Note(code) for code in notes))


def source(one: Opened) -> peek.Begun:
    """Fetch the first bytes of the whole message."""
    return peek.beginning(one.session, one.uid, "", SOURCE_BYTES)


def file(one: Opened, piece: Piece, most: int, on_bytes: OnBytes) -> bytes:
    """Fetch a part whole, piece by piece, and decode it.

    Raises:
        LimitExceeded: more comes than `most` encoded bytes.

    """
    raw = peek.whole(one.session, one.uid, piece.section, most, on_bytes)
    return decoding.transfer_decoded(raw, piece.encoding)[0]


def _first_there(session: Session, places: tuple[Lies, ...]) -> Opened:
    for place in places:
        try:
            status = listing.examine(session, place.folder)
            if status.uidvalidity == place.uidvalidity:
                peek.check_there(session, place.uid)
                return Opened(session, place.uid)
        except (FolderRefused, MessageGone):
            continue  # it may still lie in another folder
    raise MessageGone("it was moved, or deleted")


def _body(one: Opened, chosen: Chosen) -> Body:
    if chosen.html is None:
        return text(one, chosen.text) if chosen.text else Body()
    told = _decoded(one, chosen.html, HTML_BYTES)
    images = _images(one, chosen.images) if "cid:" in told.text.lower() else {}
    return shaping.html_body(told.text, told.notes, images)


def _images(one: Opened, pieces: tuple[Piece, ...]) -> dict[str, bytes]:
    """Fetch the images that came with the HTML, as many as may be shown."""
    out: dict[str, bytes] = {}
    left = IMAGES_BYTES
    for piece in pieces:
        size = shaping.decoded_size(piece)
        if size > min(IMAGE_BYTES, left):
            continue
        begun = peek.beginning(one.session, one.uid, piece.section, 2 * IMAGE_BYTES)
        data = decoding.transfer_decoded(begun.data, piece.encoding)[0]
        if not begun.cut:
            out[piece.content_id] = data
            left -= len(data)
    return out


def _decoded(one: Opened, piece: Piece, most: int) -> Decoded:
    begun = peek.beginning(one.session, one.uid, piece.section, most)
    is_html = piece.type == "text/html"
    return decoding.text_of(
        begun.data, piece.encoding, piece.charset, html=is_html, cut=begun.cut
    )


def _notes(tree: structure.Tree, chosen: Chosen, *, cut: bool) -> tuple[Note, ...]:
    told: dict[str, Any] = {
        "left_out": tree.left_out,
        "no_structure": tree.root is None,
        "encrypted": chosen.encrypted,
        "header_cut": cut,
    }
    return tuple(Note(code, int(count)) for code, count in told.items() if count)


def _own(sought: Sought) -> tuple[str, ...]:
    """Give the domains in whose name the mailbox's own server speaks."""
    one = sought.integration
    return (one.address.rpartition("@")[2], one.imap.host)
