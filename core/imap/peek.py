r"""Look into one message: its structure, its header, its parts. Changes nothing.

BODY.PEEK leaves \Seen as it is, and partial fetches bound what comes
(RFC 9051 §6.4.5).
The folder is open already, by EXAMINE.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from core.errors import BadInput, LimitExceeded, MessageGone
from core.imap.session import Session
from core.imap.values import Value, fetched

CHUNK_BYTES = 1 << 20
SECTION = re.compile(r"(?:[1-9]\d{0,4}(?:\.[1-9]\d{0,4}){0,70})?\Z").match
MAIN_FIELDS = (
    "HEADER.FIELDS (FROM SENDER REPLY-TO SUBJECT DATE RECEIVED AUTHENTICATION-RESULTS)"
)
# RFC 9051 §7.5.2: the number tells where a piece begins; without it, it is all.
BODY = re.compile(rb"BODY\[[^\]]*\](<\d{1,20}>)?", re.IGNORECASE).match
OnBytes = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Begun:
    """The first bytes of a section; `cut`: there are more."""

    data: bytes
    cut: bool


def structure(session: Session, uid: int) -> Value:
    """Give the BODYSTRUCTURE of a message as nested values; None where it has none.

    Raises:
        MessageGone: there is no such message, any more.
        MailError: as of a session.

    """
    return _ask(session, uid, "BODYSTRUCTURE").get(b"BODYSTRUCTURE")


def header(session: Session, uid: int, most: int) -> Begun:
    """Give the first bytes of a message's header."""
    return _begin(session, uid, "HEADER", most)


def main_fields(session: Session, uid: int, most: int) -> Begun:
    """Give the first bytes of those header fields that tell whose a message is."""
    return _begin(session, uid, MAIN_FIELDS, most)


def check_there(session: Session, uid: int) -> None:
    """See that a message is there.

    Raises:
        MessageGone: it is not.

    """
    _ask(session, uid, "FLAGS")


def beginning(session: Session, uid: int, section: str, most: int) -> Begun:
    """Give the first bytes of a section ("1.2"), or of the whole message ("").

    Raises:
        MessageGone, BadInput, MailError: as of a session.

    """
    if not SECTION(section):
        raise BadInput("part", "unknown")
    return _begin(session, uid, section, most)


def whole(
    session: Session, uid: int, section: str, most: int, on_bytes: OnBytes
) -> bytes:
    """Give a section, fetched piece by piece; tell after each how much has come.

    Raises:
        LimitExceeded: it is larger than `most` bytes.
        MessageGone, BadInput, MailError: as of a session.

    """
    if not SECTION(section):
        raise BadInput("part", "unknown")
    pieces: list[bytes] = []
    size = 0
    for piece in _pieces(session, uid, section):
        pieces.append(piece)
        size += len(piece)
        if size > most:
            raise LimitExceeded("part", what="part", limit=most)
        on_bytes(size)
    return b"".join(pieces)


def _pieces(session: Session, uid: int, section: str) -> Iterator[bytes]:
    at = 0
    while True:
        piece, is_all = _section(session, uid, section, at, CHUNK_BYTES)
        yield piece
        at += len(piece)
        if is_all or len(piece) < CHUNK_BYTES:  # also where it told another size
            return


def _begin(session: Session, uid: int, section: str, most: int) -> Begun:
    data, _ = _section(session, uid, section, 0, most + 1)
    return Begun(data[:most], len(data) > most)


def _section(
    session: Session, uid: int, section: str, at: int, size: int
) -> tuple[bytes, bool]:
    found = _ask(session, uid, f"BODY.PEEK[{section}]<{at}.{size}>")
    return _piece(found, at, size)


def _piece(found: dict[bytes, Value], at: int, size: int) -> tuple[bytes, bool]:
    """Give what lies from `at` on, and whether the server gave all of it at once."""
    for name, data in found.items():
        if (body := BODY(name)) and isinstance(data, bytes):
            return (data[:size], False) if body[1] else (data[at:], True)
    return b"", True  # a section that is not there is NIL (RFC 9051 §7.5.2)


def _ask(session: Session, uid: int, item: str) -> dict[bytes, Value]:
    """Ask for one item of one message; what is said of others is passed over."""
    ours: dict[bytes, Value] = {}
    for parts in session.exchange(f"UID FETCH {uid} (UID {item})"):
        found = fetched(parts)
        if found is not None and found.get(b"UID") == str(uid).encode():
            ours |= found
    if not ours:  # RFC 9051 §6.4.9: a UID that is not there is no error
        raise MessageGone(f"uid {uid}")
    return ours
