r"""One message as it was delivered, byte for byte, fetched in pieces.

BODY.PEEK leaves \Seen as it is; partial fetches bound what comes at once
(RFC 9051 §6.4.5). The folder is open already, by EXAMINE.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.errors import LimitExceeded, NotFound
from core.imap.responses import FETCH, Part
from core.imap.session import Session

PIECE_BYTES = 1 << 20
UID = re.compile(rb"\bUID (\d{1,10})\b", re.IGNORECASE)
# RFC 9051 §7.5.2: the number tells where the piece begins; without it, it is all.
BODY = re.compile(
    rb'BODY\[\](<\d{1,20}>)? (?:\{\d+\+?\}\Z|"((?:[^"\\]|\\.)*)"|NIL)',
    re.IGNORECASE | re.DOTALL,
)
ESCAPED = re.compile(rb"\\(.)", re.DOTALL)


def pieces(session: Session, uid: int, most: int) -> Iterator[bytes]:
    """Yield a message of the open folder, piece by piece.

    Raises:
        NotFound: it is not there, any more.
        LimitExceeded: it is larger than `most` bytes.
        MailError: as of a session.

    """
    size = 0
    while True:
        piece, whole = _piece(session, uid, size)
        size += len(piece)
        if size > most:
            raise LimitExceeded("message", what="message", limit=most)
        yield piece
        if whole or len(piece) < PIECE_BYTES:
            return


def _piece(session: Session, uid: int, at: int) -> tuple[bytes, bool]:
    """Give what lies from `at` on, and whether the server gave all of it at once."""
    found: tuple[bytes, bool] | None = None
    command = f"UID FETCH {uid} (UID BODY.PEEK[]<{at}.{PIECE_BYTES}>)"
    for parts in session.exchange(command):
        found = _read(parts, uid, at) or found
    if found is None:  # RFC 9051 §6.4.9: a UID that is not there is no error
        raise NotFound(what="message", id=uid)
    return found


def _read(parts: list[Part], uid: int, at: int) -> tuple[bytes, bool] | None:
    """Read a response, if it is what was asked for; others may come between."""
    texts = [part if isinstance(part, bytes) else part[0] for part in parts]
    fetched = FETCH(texts[0])
    if not fetched:
        return None
    # RFC 9586 §3.3: the number of a UIDFETCH is the UID.
    named = UID.search(b" ".join(texts))
    number = fetched[1] if fetched[2] else named[1] if named else b""
    if number != b"%d" % uid:
        return None
    for part, text in zip(parts, texts, strict=True):
        if body := BODY.search(text):
            quoted = ESCAPED.sub(rb"\1", body[2] or b"")  # where it is short
            data = part[1] if isinstance(part, tuple) and body[2] is None else quoted
            return (data, False) if body[1] else (data[at:], True)
    return None
