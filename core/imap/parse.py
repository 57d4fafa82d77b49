"""From a FETCH response, as imapclient's parser gives it, to values. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import blake2b
from typing import Any

from core.imap import headers
from core.model import Address, Fetched, Flags, Kind, Message
from core.text import harmless

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UID_MAX = 2**32 - 1  # RFC 9051 §2.3.1.1
SIZE_MAX = 2**63 - 1
DEPTH = 60
SIGNATURES = {b"pgp-signature", b"pkcs7-signature", b"x-pkcs7-signature"}
ID_CHARS = 1_000
REFERENCES_CHARS = 8_000


def fetched(data: Mapping[bytes, Any]) -> Fetched:
    """Build the values; whatever the server left out becomes an empty value.

    Raises:
        ValueError: no UID, or one out of range: then it is nobody's answer.

    """
    uid = data.get(b"UID")
    if not isinstance(uid, int) or not 0 < uid <= UID_MAX:
        msg = "no UID"
        raise ValueError(msg)
    return Fetched(uid, flags(data), message(data))


def flags(data: Mapping[bytes, Any]) -> Flags:
    """Read FLAGS; a response without them counts as none set (INTEROP 43)."""
    names = data.get(b"FLAGS") or ()
    return Flags.of(tuple(n for n in names if isinstance(n, bytes)))


def message(data: Mapping[bytes, Any]) -> Message:
    """Read what a mail is."""
    found = headers.fields(_header_block(data))
    size = _size(data.get(b"RFC822.SIZE"))
    written_at = headers.date(found.get("date", ""))
    senders = headers.addresses(found.get("from", ""))
    structure = data.get(b"BODYSTRUCTURE")
    return Message(
        identity=_identity(data, found, size),
        kind=kind(found, structure),
        sender=senders[0] if senders else Address("", ""),
        to=headers.addresses(found.get("to", "")),
        cc=headers.addresses(found.get("cc", "")),
        subject=headers.decode(found.get("subject", "")),
        message_id=_ids(found.get("message-id", ""), ID_CHARS),
        in_reply_to=_ids(found.get("in-reply-to", ""), ID_CHARS),
        references=_ids(found.get("references", ""), REFERENCES_CHARS),
        written_at=written_at,
        received_at=_received(data.get(b"INTERNALDATE"), written_at),
        size_bytes=size,
        attachment=has_attachment(structure),
    )


def kind(found: Mapping[str, str], structure: Any) -> Kind:  # noqa: PLR0911 - a table
    """Tell who or what wrote a message (METRICS: kind)."""
    report = _report_type(found.get("content-type", ""), structure)
    if report == "delivery-status":  # RFC 3464
        return Kind.BOUNCE
    if report == "disposition-notification":  # RFC 8098
        return Kind.RECEIPT
    if found.get("list-id"):  # RFC 2919
        return Kind.LIST
    submitted = found.get("auto-submitted", "no").partition(";")[0].strip().lower()
    if submitted != "no":  # RFC 3834 §5
        return Kind.AUTOMATIC
    precedence = found.get("precedence", "").strip().lower()
    if precedence == "list":
        return Kind.LIST
    if precedence in {"bulk", "junk", "auto_reply"}:
        return Kind.AUTOMATIC
    return Kind.PERSON


def has_attachment(structure: Any, depth: int = 0) -> bool:
    """Tell whether a BODYSTRUCTURE has a part that people call an attachment."""
    if not isinstance(structure, (tuple, list)) or depth > DEPTH:
        return False
    first = structure[0] if structure else None
    if isinstance(first, bytes):
        word = first.lower()
        if word == b"attachment":
            return True
        if word == b"application" and len(structure) > 1:
            return _lower(structure[1]) not in SIGNATURES
    return any(has_attachment(part, depth + 1) for part in structure)


def _lower(value: Any) -> bytes:
    return value.lower() if isinstance(value, bytes) else b""


def _header_block(data: Mapping[bytes, Any]) -> bytes:
    for key, value in data.items():
        if key.startswith(b"BODY[HEADER") and isinstance(value, bytes):
            return value
    return b""


def _report_type(content_type: str, structure: Any) -> str:
    """Give the report-type of a multipart/report (RFC 6522), or nothing."""
    if isinstance(structure, (tuple, list)):
        flat = structure[1:]
        if any(_lower(item) == b"report" for item in flat):
            content_type = "multipart/report " + repr(flat)
    if "multipart/report" not in content_type.lower():
        return ""
    named = re.search(
        r"delivery-status|disposition-notification", content_type, re.IGNORECASE
    )
    return named.group().lower() if named else ""


def _identity(data: Mapping[bytes, Any], found: Mapping[str, str], size: int) -> str:
    """Name the logical message (METRICS: messages received, sent)."""
    email_id = data.get(b"EMAILID")  # RFC 8474 §5.1, in parentheses
    if isinstance(email_id, tuple) and email_id and isinstance(email_id[0], bytes):
        return "e:" + harmless(email_id[0].decode("latin-1"))[:60]
    if isinstance(gmail := data.get(b"X-GM-MSGID"), int):
        return f"g:{gmail}"
    parts = [found.get(k, "") for k in ("message-id", "date", "from", "subject")]
    text = "\x1f".join([*parts, str(size)])
    return blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()


def _ids(value: str, most: int) -> str:
    return " ".join(harmless(value[:most]).split())


def _size(value: Any) -> int:
    return value if isinstance(value, int) and 0 <= value <= SIZE_MAX else 0


def _received(value: Any, written_at: datetime | None) -> datetime:
    if isinstance(value, datetime):
        try:
            at = value.astimezone(UTC)
        except (OverflowError, ValueError):
            at = EPOCH
        if headers.EARLIEST <= at <= headers.LATEST:
            return at
    return written_at or EPOCH  # INTEROP 43: servers without INTERNALDATE
