"""Ask an open folder which UIDs there are, and for their flags.

The commands go out below imapclient, which refuses ranges; long answers are read as
they come.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from core.errors import LimitExceeded, ProtocolBroken
from core.imap.bulk import FlagReader
from core.imap.lines import quote
from core.imap.responses import UID_MAX, Reader, read_ranges
from core.imap.session import Session

UIDS_MAX = 20_000_000  # of one folder, before we doubt the server
LIMITED = re.compile(r"\[MESSAGELIMIT \d+ (\d{1,10})\]", re.IGNORECASE)  # RFC 9738


class FlagNews(NamedTuple):
    """Flags by UID, as bits; and ranges of UIDs that vanished, where QRESYNC tells."""

    flags: dict[int, int]
    vanished: tuple[tuple[int, int], ...] | None


def uids(session: Session, first: int = 1) -> list[int]:
    """List the UIDs of the open folder from `first` on, ascending (RFC 9051 §6.4.4)."""
    found: set[int] = set()
    span: str | None = f"{first}:*" if first > 1 else ""
    while span is not None:
        reader = Reader(_search(session, span))
        limited = LIMITED.search(session.read(reader, "UID SEARCH"))
        for line in reader.said:
            found.update(_found(line))
        span = _before(limited, first)
    # INTEROP 33: `n:*` gives the last message even when n lies above it.
    return sorted(uid for uid in found if uid >= first)


def named(session: Session, message_id: str) -> list[int]:
    """Search the open folder for a Message-ID of ours; give UIDs, ascending.

    RFC 9051 §6.4.4: HEADER finds what is part of a field; CHARSET is not needed for
    ASCII, and refused by some (INTEROP 2, 19, 34).
    """
    returned = "RETURN (ALL) " if session.features.esearch else ""
    command = f"UID SEARCH {returned}HEADER MESSAGE-ID {quote(message_id)}"
    reader = Reader(session.begin(command))
    session.read(reader, "UID SEARCH")
    return sorted({uid for line in reader.said for uid in _found(line)})


def flags(session: Session, upto: int, since: int = 0, first: int = 1) -> FlagNews:
    """Give the flags of UIDs in [first, upto]; with `since`, of what changed after it.

    `since` is a modseq and needs CONDSTORE (RFC 7162 §3.1.4.1); with QRESYNC the answer
    also tells what vanished (§3.2.6).
    """
    vanished = since > 0 and session.features.qresync
    modifier = f" (CHANGEDSINCE {since}{' VANISHED' if vanished else ''})"
    found: dict[int, int] = {}
    gone: list[tuple[int, int]] = []
    last = upto
    while last >= first:
        command = f"UID FETCH {first}:{last} (UID FLAGS){modifier if since else ''}"
        reader = FlagReader(session.begin(command), first, upto)
        limited = LIMITED.search(session.read(reader, "UID FETCH"))
        found |= reader.flags
        gone += reader.vanished
        last = min(int(limited[1]), last) - 1 if limited else 0
    return FlagNews(found, tuple(gone) if vanished else None)


def _search(session: Session, span: str) -> bytes:
    what = f"UID {span}" if span else "ALL"
    returned = "RETURN (ALL) " if session.features.esearch else ""
    return session.begin(f"UID SEARCH {returned}{what}")


def _before(limited: re.Match[str] | None, first: int) -> str | None:
    """Give the UIDs that a server with a limit did not look at (RFC 9738 §3.1)."""
    if limited is None or int(limited[1]) <= first:
        return None
    return f"{first}:{int(limited[1]) - 1}"


def _found(line: bytes) -> Iterator[int]:
    """Read UIDs from SEARCH (RFC 3501 §7.2.5) or ESEARCH (RFC 9051 §7.3.4)."""
    upper = line[:10].upper()
    if upper[:9] == b"* SEARCH ":
        text = line[9:].partition(b"(")[0].replace(b" ", b",")
    elif upper == b"* ESEARCH " and b" ALL " in line.upper():
        text = line[line.upper().rfind(b" ALL ") + 5 :].split(b" ")[0]
    else:
        return
    if b":" not in text and text.replace(b",", b"").isdigit():
        yield from _numbers(text)
        return
    for low, high in read_ranges(text):
        if high - low > UIDS_MAX:
            raise LimitExceeded("UID range", what="uids", limit=UIDS_MAX)
        yield from range(low, high + 1)


def _numbers(text: bytes) -> list[int]:
    numbers = [int(item) for item in text.split(b",") if item]
    if not 0 < min(numbers) <= max(numbers) <= UID_MAX:
        raise ProtocolBroken("bad UID in SEARCH")
    return numbers
