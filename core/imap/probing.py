"""Look at the inbox over a fresh connection: what is newest, and who serves it.

Nothing is changed: EXAMINE, the date of the newest message, the quota where it is
offered, and what TLS shows by itself.
"""

from __future__ import annotations

import hashlib
import re
import ssl
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core import refusals
from core.card import Card, Quota, Tls
from core.clock import from_ms, to_ms
from core.errors import ProtocolBroken, Unreachable
from core.imap import listing, remembered
from core.imap.dates import internal_ms
from core.imap.foreign import translated
from core.imap.responses import UID_MAX, Part
from core.imap.session import Session
from core.model import Status
from core.text import harmless

QUOTA_NAME = "QUOTA"
NUMBER_MAX = 2**63 - 1  # RFC 9208 §7: number64
# RFC 9051 §7.5.2; where UIDONLY is on (RFC 9586 §3.3) the number is the UID.
FETCH = re.compile(rb"\* (\d{1,10}) (UID)?FETCH \(", re.IGNORECASE).match
UID = re.compile(rb"[( ]UID (\d{1,10})(?=[ )])", re.IGNORECASE).search
DATE = re.compile(rb'[( ]INTERNALDATE "([^"]{10,40})"', re.IGNORECASE).search
QUOTA = re.compile(rb"\* QUOTA ", re.IGNORECASE).match
RESOURCES = re.compile(rb"\(([^()]{0,2000})\)\s*\Z").search
STORAGE = re.compile(rb"(?<!\S)STORAGE (\d{1,25}) (\d{1,25})(?!\S)", re.IGNORECASE)
NOT_OK = re.compile(rb"\* (?:NO|BAD) ", re.IGNORECASE).match
SOFTWARE_CHARS, CAPABILITIES_MOST, CAPABILITY_CHARS = 200, 200, 80
ISSUER_CHARS, VERSION_CHARS, CIPHER_CHARS = 300, 16, 64


@dataclass(frozen=True, slots=True)
class Newest:
    """The message with the highest UID of a folder, and when the server received it."""

    uid: int
    received_at: datetime | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server showed of an inbox, and of itself; `newest` None: it is empty."""

    status: Status
    newest: Newest | None
    card: Card


def look(session: Session, now: datetime) -> Shown:
    """Open the inbox for reading, and ask what is newest there.

    `now` is our clock, to compare that of the server with.

    Raises:
        FolderRefused, Throttled, ProtocolBroken, ConnectionLost, NoAnswer, …: of the
            inbox; a quota that is not told is no error.

    """
    tls = tls_of(session.client.connection.sock)
    status = listing.examine(session, listing.INBOX)
    newest = _newest(session) if status.messages else None
    offers = _capabilities(session)
    offered = _offers_quota(offers)
    quota, over = _quota(session) if offered else (None, False)
    card = Card(
        noted_at=now,
        software=harmless(session.identified_as)[:SOFTWARE_CHARS],
        capabilities=offers,
        tls=tls,
        offers_quota=offered,
        quota=quota,
        over_quota=over,
        ahead_s=_ahead_s(newest, now),
    )
    return Shown(status, newest, card)


def tls_of(sock: Any) -> Tls | None:
    """Tell how a connection is protected; nothing for one in clear."""
    if not isinstance(sock, ssl.SSLSocket):
        return None
    named, raw = sock.getpeercert() or {}, sock.getpeercert(binary_form=True) or b""
    cipher = sock.cipher()
    return Tls(
        version=(sock.version() or "")[:VERSION_CHARS],
        cipher=(cipher[0] if cipher else "")[:CIPHER_CHARS],
        issuer=_issuer(named.get("issuer")),
        fingerprint=hashlib.sha256(raw).hexdigest() if raw else "",
        begins_at=_certificate_date(named.get("notBefore")),
        expires_at=_certificate_date(named.get("notAfter")),
    )


def quota_in(responses: Iterable[list[Part]]) -> Quota | None:
    """Read the storage of the quota root that is fullest (RFC 9208 §4.2.1, §5.1).

    A limit of 0, and numbers beyond what the protocol has, tell nothing.
    """
    found = [one for parts in responses for one in _storage(parts)]
    return max(found, key=lambda one: one.used / one.limit, default=None)


def _newest(session: Session) -> Newest | None:
    # "*" is the highest UID that there is (RFC 9051 §9, seq-range).
    found = list(_fetched(session.exchange("UID FETCH * (UID INTERNALDATE)")))
    return max(found, key=lambda one: one.uid, default=None)


def _fetched(responses: Iterable[list[Part]]) -> Iterator[Newest]:
    for parts in responses:
        line = b"".join(p[0] if isinstance(p, tuple) else p for p in parts)
        date = DATE(line)
        if not (head := FETCH(line)) or date is None:
            continue  # RFC 9051 §7.5.2: flags of others may come at any time
        named = UID(line)
        if not (head[2] or named):
            continue
        uid = int(named[1] if named else head[1])
        if not 0 < uid <= UID_MAX:
            raise ProtocolBroken("bad UID")
        ms = internal_ms(date[1])
        yield Newest(uid, None if ms is None else from_ms(ms))


def _ahead_s(newest: Newest | None, now: datetime) -> int | None:
    """Compare the clocks, as far as a message can tell.

    A message of the future was received by a clock that is ahead, or put there by
    somebody who gave it that date (RFC 9051 §6.3.12). That a clock is behind does not
    show: a message of the past may be one.
    """
    if newest is None or newest.received_at is None:
        return None
    return (to_ms(newest.received_at) - to_ms(now)) // 1000


def _offers_quota(offers: Iterable[str]) -> bool:
    """RFC 9208 §3.1.1: QUOTA, and QUOTA=RES-… for each resource; once only QUOTA."""
    return any(c == QUOTA_NAME or c.startswith("QUOTA=RES-") for c in offers)


def _quota(session: Session) -> tuple[Quota | None, bool]:
    """Ask for the quota; tell also whether the server says that it is exceeded."""
    if QUOTA_NAME in remembered.avoided(session.server):
        return None, False
    try:
        (answer,) = session.pipelined(["GETQUOTAROOT INBOX"])  # RFC 9208 §4.1.2
    except (Unreachable, ProtocolBroken):  # what was asked before it is known by now
        session.without(QUOTA_NAME)
        return None, False
    heads = [p[0] for p in answer.responses if isinstance(p[0], bytes)]
    said = [head.decode("latin-1") for head in heads if NOT_OK(head)]
    if answer.refusal is not None:
        return None, False
    over = any(refusals.code_of(words) == "OVERQUOTA" for words in said)
    return quota_in(answer.responses), over


def _storage(parts: list[Part]) -> Iterator[Quota]:
    first, last = parts[0], parts[-1]
    head = first[0] if isinstance(first, tuple) else first
    if not QUOTA(head) or not isinstance(last, bytes):
        return
    listed = RESOURCES(last)
    for used, limit in STORAGE.findall(listed[1]) if listed else ():
        one = Quota(int(used), int(limit))
        if 0 < one.limit <= NUMBER_MAX and one.used <= NUMBER_MAX:
            yield one


def _capabilities(session: Session) -> tuple[str, ...]:
    with translated(session.server):
        raw = session.client.capabilities()[:CAPABILITIES_MOST]
    return tuple(harmless(c.decode("latin-1"))[:CAPABILITY_CHARS] for c in raw)


def _issuer(named: Any) -> str:
    """Read the organisation out of an issuer as `getpeercert` lays it out."""
    parts = {k: v for group in named or () for k, v in group}
    text = parts.get("organizationName") or parts.get("commonName") or ""
    return harmless(str(text))[:ISSUER_CHARS]


def _certificate_date(text: Any) -> datetime | None:
    with suppress(ValueError, TypeError, OverflowError, OSError):
        return datetime.fromtimestamp(ssl.cert_time_to_seconds(text), UTC)
    return None
