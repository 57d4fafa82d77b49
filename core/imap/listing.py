"""Ask for the folders of a mailbox and for the numbers of each.

EXAMINE only (THREATS T11); numbers are checked before they are believed (T9).
"""

from __future__ import annotations

import re
from collections.abc import Collection

from imapclient.imap_utf7 import decode as decode_utf7
from imapclient.response_parser import parse_response

from core.errors import FolderRefused, ProtocolBroken
from core.imap.bulk import Part
from core.imap.roles import assign, by_attributes
from core.imap.session import Session
from core.model import Listed, Role, Status, Sweep
from core.text import harmless

UNSELECTABLE = {b"\\noselect", b"\\nonexistent"}  # RFC 9051 §7.3.1
NUMBER_MAX = 2**32 - 1
MODSEQ_MAX = 2**63 - 1  # RFC 7162 §3.1.1
FOLDERS_MAX = 50_000
CODE_NUMBER = re.compile(
    rb"\* OK \[(UIDVALIDITY|UIDNEXT|HIGHESTMODSEQ) (\d{1,20})\]", re.IGNORECASE
)


def quote(name: str) -> str:
    """Write a folder's raw name as a quoted string (RFC 9051 §4.3)."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def folders(session: Session) -> list[Listed]:
    """LIST every folder, with its role; broken names are kept as they came.

    Raises:
        ProtocolBroken: there is no inbox, so nothing can be followed.

    """
    command = 'LIST "" "*"'
    if session.features.special_use and session.features.list_status:
        # Dovecot 2.4 returns only what is asked for (INTEROP 30).
        command += " RETURN (SPECIAL-USE CHILDREN)"
    found: dict[str, Listed] = {}
    for parts in session.exchange(command):
        listed = _listed(parts)
        if listed is not None and len(found) < FOLDERS_MAX:
            found.setdefault(listed.name, listed)
    if not any(f.role is Role.INBOX for f in found.values()):
        raise ProtocolBroken("LIST shows no INBOX", host=session.server.host)
    return assign(list(found.values()))


def sweep(session: Session, names: Collection[str] | None = None) -> Sweep:
    """LIST, and STATUS of the folders that can be opened."""
    listed = folders(session)
    numbers: dict[str, Status] = {}
    refused: dict[str, str] = {}
    for one in listed:
        if one.selectable and (names is None or one.name in names):
            try:
                numbers[one.name] = status(session, one.name)
            except FolderRefused as error:
                refused[one.name] = error.code
    return Sweep(listed, numbers, refused)


def status(session: Session, folder: str) -> Status:
    """Ask for the numbers of a folder without opening it (RFC 9051 §6.3.11).

    Raises:
        FolderRefused: it is gone or may not be read.

    """
    items = "MESSAGES UIDNEXT UIDVALIDITY UNSEEN"
    if session.features.condstore:
        items += " HIGHESTMODSEQ"
    said = list(session.exchange(f"STATUS {quote(folder)} ({items})"))
    for values in filter(None, map(_status_items, said)):
        return _status(values, values.get(b"MESSAGES", 0))
    raise FolderRefused("no STATUS", folder=folder, server_says="")


def examine(session: Session, folder: str) -> Status:
    """Open a folder for reading only and give its numbers (RFC 9051 §6.3.3)."""
    numbers: dict[bytes, int] = {}
    exists: int | None = None
    for parts in session.exchange(f"EXAMINE {quote(folder)}"):
        line = parts[0] if isinstance(parts[0], bytes) else parts[0][0]
        if found := CODE_NUMBER.match(line):
            numbers[found[1].upper()] = int(found[2])
        elif found := re.match(rb"\* (\d{1,20}) EXISTS", line, re.IGNORECASE):
            exists = max(exists or 0, int(found[1]))  # INTEROP 31: several lines
    if exists is None:
        raise ProtocolBroken("no EXISTS", host=session.server.host)
    return _status(numbers, exists)


def _listed(parts: list[Part]) -> Listed | None:
    first = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
    if first[:7].upper() != b"* LIST ":
        return None
    cut = [
        (p[0][7:], p[1]) if i == 0 else p
        for i, p in enumerate(parts)
        if isinstance(p, tuple)
    ]
    rest = [p[7:] if i == 0 else p for i, p in enumerate(parts) if isinstance(p, bytes)]
    try:
        attributes, delimiter, raw = parse_response([*cut, *rest])[:3]
    except (ValueError, RecursionError, TypeError, LookupError):
        return None
    name = (
        raw
        if isinstance(raw, bytes)
        else str(raw).encode()
        if raw is not None
        else b"NIL"
    )
    name = name.replace(b'\\"', b'"').replace(b"\\\\", b"\\") if not cut else name
    if not name or re.search(rb"[\x00-\x1f\x7f]", name):
        return None
    return _as_listed(attributes, delimiter, name)


def _as_listed(attributes: object, delimiter: object, name: bytes) -> Listed:
    words = attributes if isinstance(attributes, tuple) else ()
    attrs = [a for a in words if isinstance(a, bytes)]
    mark = delimiter.decode("latin-1")[-1:] if isinstance(delimiter, bytes) else ""
    inbox = name.upper() == b"INBOX"  # RFC 9051 §5.1: in any case
    return Listed(
        name=name.decode("latin-1"),
        title=harmless(_title(name))[:500],
        delimiter=mark,
        role=Role.INBOX if inbox else by_attributes(attrs),
        selectable=not UNSELECTABLE & {a.lower() for a in attrs},
    )


def _title(name: bytes) -> str:
    """Decode modified UTF-7 (RFC 3501 §5.1.3); UTF-8 and worse also occur."""
    try:
        return str(decode_utf7(name)) if name.isascii() else name.decode("utf-8")
    except (ValueError, LookupError):
        return name.decode("latin-1")


def _status_items(parts: list[Part]) -> dict[bytes, int] | None:
    line = parts[-1] if isinstance(parts[-1], bytes) else b""
    first = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
    if first[:9].upper() != b"* STATUS ":
        return None
    inside = line[line.rfind(b"(") + 1 : line.rfind(b")")].upper().split()
    pairs = zip(inside[::2], inside[1::2], strict=False)
    return {k: int(v) for k, v in pairs if v.isdigit() and len(v) <= 20}  # noqa: PLR2004 - 64 bits


def _status(numbers: dict[bytes, int], exists: int) -> Status:
    modseq = numbers.get(b"HIGHESTMODSEQ", 0)
    values = (exists, numbers.get(b"UIDNEXT", 0), numbers.get(b"UNSEEN", 0))
    if max(values) > NUMBER_MAX or modseq > MODSEQ_MAX:
        raise ProtocolBroken("number out of range")
    return Status(
        uidvalidity=min(numbers.get(b"UIDVALIDITY", 0), MODSEQ_MAX),  # INTEROP 35
        uidnext=numbers.get(b"UIDNEXT", 0),
        highestmodseq=modseq,
        messages=exists,
        unseen=numbers.get(b"UNSEEN", 0),
    )
