"""Find messages of a folder by their Message-ID. Changes nothing.

Two ways, as none is good everywhere. The headers of the newest messages are read, which
every server can give: what was sent just now is among them. What is not is searched for
(RFC 9051 §6.4.4), and believed only after its header was read: there are servers whose
SEARCH finds what was not asked for, or nothing (INTEROP 34, 42).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from core.clock import from_ms
from core.errors import FolderRefused, LimitExceeded, ProtocolBroken
from core.imap import listing, search
from core.imap.dates import internal_ms
from core.imap.fetch import uid_set
from core.imap.session import Session
from core.imap.values import Value, fetched

NEWEST = 200  # messages of a folder whose headers are read
SEARCHED_MOST = 50  # Message-IDs in one go
HITS_MOST = 20  # of one search that are looked at: the newest
# Outlook gives what it sends a Message-ID of its own and keeps ours in a field of this
# name (chatmail/core 2250); so does Gmail with one that it does not like.
FIELDS = "MESSAGE-ID X-MICROSOFT-ORIGINAL-MESSAGE-ID X-GOOGLE-ORIGINAL-MESSAGE-ID"
ITEMS = f"UID INTERNALDATE BODY.PEEK[HEADER.FIELDS ({FIELDS})]"
ID = re.compile(rb"<[^<>\s]{1,998}>")


@dataclass(frozen=True, slots=True)
class Found:
    """A message that was found, and when the server has received it, if it says."""

    uid: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Looked:
    """What was found, by Message-ID; `whole`: what is not in it is not in the folder.

    Not whole: the server would not search, and there are more than were read.
    """

    found: dict[str, Found]
    whole: bool


def find(session: Session, folder: str, message_ids: Collection[str]) -> Looked:
    """Look for messages in a folder, which is opened by EXAMINE.

    Raises:
        FolderRefused, Throttled, ProtocolBroken: it is not to be opened or read.
        ConnectionLost, NoAnswer.

    """
    now = listing.examine(session, folder)
    if not now.messages:  # INTEROP 32: FETCH of an empty folder is answered with BAD
        return Looked({}, whole=True)
    wanted = {one.encode(): one for one in message_ids}
    found = _newest(session, now.uidnext, wanted)
    left = [one for one in message_ids if one not in found]
    whole = now.messages <= NEWEST and now.uidnext <= NEWEST
    for one in left[:SEARCHED_MOST]:
        try:
            hits = search.named(session, one)[-HITS_MOST:]
        except (FolderRefused, ProtocolBroken) as refusal:
            if isinstance(refusal, LimitExceeded) or "command" not in refusal.facts:
                raise
            return Looked(found, whole)
        if hits:
            found |= _read(session, uid_set(hits), wanted)
    return Looked(found, whole or len(left) <= SEARCHED_MOST)


def _newest(
    session: Session, uidnext: int, wanted: dict[bytes, str]
) -> dict[str, Found]:
    if not uidnext:  # INTEROP 35: servers without UIDNEXT
        some = search.uids(session)[-NEWEST:]
        return _read(session, uid_set(some), wanted) if some else {}
    return _read(session, f"{max(1, uidnext - NEWEST)}:*", wanted)


def _read(session: Session, uids: str, wanted: dict[bytes, str]) -> dict[str, Found]:
    found: dict[str, Found] = {}
    for parts in session.exchange(f"UID FETCH {uids} ({ITEMS})"):
        items = fetched(parts)
        uid = items.get(b"UID") if items else None
        if items is None or not isinstance(uid, bytes) or not uid.isdigit():
            continue
        for one in wanted.keys() & set(_ids(items)):
            at = items.get(b"INTERNALDATE")
            found[wanted[one]] = Found(int(uid), _moment(at))
    return found


def _ids(items: dict[bytes, Value]) -> Iterable[bytes]:
    for name, value in items.items():
        if name.startswith(b"BODY[") and isinstance(value, bytes):
            yield from ID.findall(value)


def _moment(value: Value) -> datetime | None:
    ms = internal_ms(value) if isinstance(value, bytes) else None
    return None if ms is None else from_ms(ms)
