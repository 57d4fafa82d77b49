"""From what a server says of a message to values. Pure.

`read_message` builds a message from its header block and a few facts, whichever way
they were read: by the bulk reader (`core.imap.bulk`), or by imapclient's parser, which
is the way for whatever the bulk reader does not know (`fetched`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

from core.clock import to_ms
from core.imap import dates, headers
from core.imap.responses import UID_MAX
from core.model import Fetched, Flags, Kind, Message
from core.text import harmless

SIZE_MAX = 2**63 - 1
DEPTH = 60
SIGNATURES = {b"pgp-signature", b"pkcs7-signature", b"x-pkcs7-signature"}
ID_CHARS = 1_000
DAY_MS = 86_400_000
REFERENCES_CHARS = 8_000
SCIENTIFIC = re.compile(rb"\d\.\d{1,9}e\+\d{1,2}\Z").match
PERSON = str(Kind.PERSON)
REPORTS = {  # RFC 3464, RFC 8098
    "delivery-status": Kind.BOUNCE,
    "disposition-notification": Kind.RECEIPT,
}
OTHER_REPORT = "other"  # of complaints, of TLS
BULK = {"bulk", "junk", "auto_reply"}
COMMENT = re.compile(r"\([^()]*\)")  # RFC 5322 §3.2.2
NOT_BY_A_PERSON = frozenset(("list-id", "auto-submitted", "precedence", "content-type"))


class Structure(NamedTuple):
    """What is kept of a BODYSTRUCTURE; `report`: a multipart/report's type, if one."""

    attachment: bool
    report: str


NO_STRUCTURE = Structure(False, "")


# What `read_message` takes, for whoever reads it later.
Unread = tuple[bytes, bool, str, int | None, int, str]


def read_message(
    block: bytes,
    attachment: bool,
    report: str,
    received_ms: int | None,
    size_bytes: int,
    given_id: str,
) -> Message:
    """Read what a mail is; whatever the server left out becomes an empty value.

    `attachment` and `report` are a `Structure`, `block` the header as it came.
    `given_id` is the server's own identity of the message (EMAILID, X-GM-MSGID).
    """
    found = headers.fields(block)
    get = found.get
    who, who_folded, machine = headers.sender(get("from", ""))
    to, to_folded = headers.people(get("to", ""))
    cc, cc_folded = headers.people(get("cc", ""))
    subject, subject_folded = headers.subject(get("subject", ""))
    written_ms = dates.date_ms(get("date", ""))
    if received_ms is None:  # INTEROP 43: servers without INTERNALDATE
        received_ms = written_ms or 0
    kind = PERSON
    if report or machine or not NOT_BY_A_PERSON.isdisjoint(found):
        kind = str(kind_of(found, report, machine=machine))
    return Message(
        given_id or _identity(found, size_bytes, written_ms),
        kind,
        who[0],
        who[1],
        to,
        cc,
        subject,
        _ids(get("message-id", ""), ID_CHARS),
        _ids(get("in-reply-to", ""), ID_CHARS),
        _ids(get("references", ""), REFERENCES_CHARS),
        written_ms,
        received_ms,
        size_bytes,
        attachment,
        f"{subject_folded}\n{who_folded}\n{to_folded}\n{cc_folded}",
    )


def kind_of(found: Mapping[str, str], report: str, *, machine: bool = False) -> Kind:
    """Tell who or what wrote a message (METRICS: kind; docs/reference/kinds.md).

    `machine`: its sender is one that no person writes from (`headers.Sender`).
    """
    report = report or _report_type(found.get("content-type", ""))
    if report:
        return REPORTS.get(report, Kind.AUTOMATIC)
    submitted = COMMENT.sub("", found.get("auto-submitted", ""))
    submitted = submitted.partition(";")[0].strip().lower() or "no"
    if submitted == "auto-replied":  # RFC 3834 §5.1: also where a list sent it on
        return Kind.AUTOMATIC
    precedence = found.get("precedence", "").strip().lower()
    if found.get("list-id") or (submitted == "no" and precedence == "list"):
        return Kind.LIST  # RFC 2919
    if submitted != "no" or precedence in BULK or machine:  # RFC 3834 §5
        return Kind.AUTOMATIC
    return Kind.PERSON


# ---- from imapclient's parser


def fetched(data: Mapping[bytes, Any]) -> Fetched:
    """Build the values from a response as imapclient's parser gives it.

    Raises:
        ValueError: no UID, or one out of range: then it is nobody's answer.

    """
    uid = data.get(b"UID")
    if not isinstance(uid, int) or not 0 < uid <= UID_MAX:
        msg = "no UID"
        raise ValueError(msg)
    message = read_message(
        _header_block(data),
        *structure_of(data.get(b"BODYSTRUCTURE")),
        _received_ms(data.get(b"INTERNALDATE")),
        _size(data.get(b"RFC822.SIZE")),
        _given_id(data),
    )
    return Fetched(uid, flags(data), message)


def flags(data: Mapping[bytes, Any]) -> int:
    """Read FLAGS; a response without them counts as none set (INTEROP 43)."""
    names = data.get(b"FLAGS") or ()
    return int(Flags.of(tuple(n for n in names if isinstance(n, bytes))))


@lru_cache(2_000)
def flag_bits(names: bytes) -> int:
    """Read flags as they stand between parentheses."""
    return int(Flags.of(tuple(names.split())))


def email_id(text: str) -> str:
    """Name a message by its EMAILID (RFC 8474 §5.1)."""
    return "e:" + harmless(text)[:60]


def gmail_id(number: int) -> str:
    """Name a message by its X-GM-MSGID."""
    return f"g:{number}"


def structure_of(structure: Any) -> Structure:
    """Read a BODYSTRUCTURE (RFC 9051 §7.5.2)."""
    if not isinstance(structure, (tuple, list)):
        return NO_STRUCTURE
    report = ""
    if any(_lower(item) == b"report" for item in structure[1:]):
        report = _report_type("multipart/report " + repr(structure[1:]))
    return Structure(_has_attachment(structure), report)


def _has_attachment(structure: Any, depth: int = 0) -> bool:
    """Tell whether there is a part that people call an attachment."""
    if not isinstance(structure, (tuple, list)) or depth > DEPTH:
        return False
    first = structure[0] if structure else None
    if isinstance(first, bytes):
        word = first.lower()
        if word == b"attachment":
            return True
        if word == b"application" and len(structure) > 1:
            return _lower(structure[1]) not in SIGNATURES
    return any(_has_attachment(part, depth + 1) for part in structure)


def _lower(value: Any) -> bytes:
    return value.lower() if isinstance(value, bytes) else b""


def _header_block(data: Mapping[bytes, Any]) -> bytes:
    for key, value in data.items():
        if key.startswith(b"BODY[HEADER") and isinstance(value, bytes):
            return value
    return b""


def _report_type(text: str) -> str:
    """Give the report-type of a multipart/report (RFC 6522), or nothing."""
    if "multipart/report" not in text.lower():
        return ""
    named = re.search(r"delivery-status|disposition-notification", text, re.IGNORECASE)
    return named.group().lower() if named else OTHER_REPORT


def _given_id(data: Mapping[bytes, Any]) -> str:
    found = data.get(b"EMAILID")
    if isinstance(found, tuple) and found and isinstance(found[0], bytes):
        return email_id(found[0].decode("latin-1"))
    gmail = data.get(b"X-GM-MSGID")
    return gmail_id(gmail) if isinstance(gmail, int) else ""


def _identity(found: Mapping[str, str], size_bytes: int, written_ms: int | None) -> str:
    """Name the logical message (METRICS: messages received, sent).

    The day it was written comes first: mail that arrives together lies together in the
    index, which is several times quicker to write than names in no order.
    """
    get = found.get
    text = (
        f"{get('message-id', '')}\x1f{get('date', '')}\x1f{get('from', '')}"
        f"\x1f{get('subject', '')}\x1f{size_bytes}"
    )
    name = blake2b(text.encode("utf-8", "replace"), digest_size=16).hexdigest()
    return f"{(written_ms or 0) // DAY_MS:05x}{name[:27]}"


def _ids(value: str, most: int) -> str:
    if value.isprintable() and len(value) < ID_CHARS and " " not in value:
        return value
    return harmless(" ".join(value[:most].split()))


def _size(value: Any) -> int:
    if isinstance(value, bytes) and SCIENTIFIC(value):  # INTEROP 26: mail.ru
        value = int(float(value))
    return value if isinstance(value, int) and 0 <= value <= SIZE_MAX else 0


def _received_ms(value: Any) -> int | None:
    if not isinstance(value, datetime):
        return None
    try:
        ms = to_ms(value)
    except (OverflowError, ValueError, TypeError):
        return None
    return ms if dates.EARLIEST_MS <= ms <= dates.LATEST_MS else None
