"""Ask an open folder for its UIDs, its flags and the metadata of its messages.

Nothing here changes a mailbox: BODY.PEEK only (THREATS T11).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from imapclient.response_parser import parse_fetch_response

from core.errors import LimitExceeded, ProtocolBroken
from core.imap import parse
from core.imap.session import Session
from core.imap.wire import Part
from core.model import Fetched, Flags, Poison
from core.text import harmless

FIELDS = (
    "FROM TO CC SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES "
    "LIST-ID AUTO-SUBMITTED PRECEDENCE CONTENT-TYPE"
)
NUMBER_MAX = 2**32 - 1
UIDS_MAX = 20_000_000  # of one folder, before we doubt the server
FETCH = re.compile(rb"\* \d+ FETCH ", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one FETCH brought: the good, and what could not be read."""

    messages: list[Fetched]
    poisoned: list[Poison]


def uids(session: Session) -> list[int]:
    """List the UIDs of the open folder, ascending (RFC 9051 §6.4.4)."""
    found: set[int] = set()
    esearch = session.features.esearch
    for parts in session.exchange(
        "UID SEARCH RETURN (ALL) ALL" if esearch else "UID SEARCH ALL"
    ):
        found.update(_found(b"".join(p for p in parts if isinstance(p, bytes))))
    return sorted(found)


def flags(session: Session, since: int = 0, upto: int = 0) -> dict[int, Flags]:
    """Give the flags of UIDs ≤ `upto`, or only those changed after `since`.

    `since` needs CONDSTORE (RFC 7162 §3.1.4.1).
    """
    modifier = f" (CHANGEDSINCE {since})" if since else ""
    out: dict[int, Flags] = {}
    for parts in session.exchange(f"UID FETCH 1:{upto} (FLAGS){modifier}"):
        data = _fetch_data(parts)
        uid = data.get(b"UID")
        if isinstance(uid, int) and 0 < uid <= upto and b"FLAGS" in data:
            out[uid] = parse.flags(data)
    return out


def metadata(session: Session, wanted: Sequence[int]) -> Batch:
    """Fetch the metadata of some UIDs of the open folder.

    One message that cannot be read is set aside; the others are not touched by it
    (THREATS 4). Answers without UID or for UIDs nobody asked for are dropped (3).
    """
    asked = set(wanted)
    good: dict[int, Fetched] = {}
    bad: dict[int, Poison] = {}
    command = f"UID FETCH {uid_set(wanted)} ({_items(session)})"
    for parts in session.exchange(command):
        if not FETCH.match(parts[0][0] if isinstance(parts[0], tuple) else parts[0]):
            continue
        one = _fetched(parts)
        if isinstance(one, Fetched) and one.uid in asked:
            good[one.uid] = one
        elif isinstance(one, Poison) and one.uid in asked:
            bad[one.uid] = one
    poisoned = [p for uid, p in sorted(bad.items()) if uid not in good]
    return Batch([good[uid] for uid in sorted(good)], poisoned)


def uid_set(numbers: Iterable[int]) -> str:
    """Write numbers as an ascending IMAP set with ranges (THREATS 9)."""
    out: list[list[int]] = []
    for n in sorted(numbers):
        if out and n == out[-1][1] + 1:
            out[-1][1] = n
        else:
            out.append([n, n])
    return ",".join(f"{a}:{b}" if b > a else str(a) for a, b in out)


def _items(session: Session) -> str:
    items = "UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE"
    if session.features.objectid:
        items += " EMAILID"
    elif session.features.gmail:
        items += " X-GM-MSGID"
    return f"{items} BODY.PEEK[HEADER.FIELDS ({FIELDS})]"


def _found(line: bytes) -> Iterator[int]:
    """Read UIDs from SEARCH (RFC 3501 §7.2.5) or ESEARCH (RFC 9051 §7.3.4)."""
    if line[:9].upper() == b"* SEARCH ":
        text = line[9:].partition(b"(")[0].replace(b" ", b",")
    elif line[:10].upper() == b"* ESEARCH " and b" ALL " in line.upper():
        text = line[line.upper().rfind(b" ALL ") + 5 :].split(b" ")[0]
    else:
        return
    for item in text.strip(b",").split(b","):
        low, _, high = item.partition(b":")
        if not item:
            continue
        ends = sorted((_uid(low), _uid(high or low)))
        if ends[1] - ends[0] > UIDS_MAX:
            raise LimitExceeded("UID range", what="uids", limit=UIDS_MAX)
        yield from range(ends[0], ends[1] + 1)


def _uid(text: bytes) -> int:
    if not text.isdigit() or len(text) > 10 or not 0 < int(text) <= NUMBER_MAX:  # noqa: PLR2004 - digits of 2^32
        raise ProtocolBroken("bad UID in SEARCH")
    return int(text)


def _fetch_data(parts: list[Part]) -> dict[bytes, object]:
    try:
        return next(iter(_parsed(parts).values()), {})
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError):
        return {}


def _parsed(parts: list[Part]) -> dict[int, dict[bytes, object]]:
    first = parts[0]
    head = first[0] if isinstance(first, tuple) else first
    if not FETCH.match(head):
        return {}
    cut = re.sub(rb"FETCH ", b"", head[2:], count=1, flags=re.IGNORECASE)
    changed: Part = (cut, first[1]) if isinstance(first, tuple) else cut
    found: dict[int, dict[bytes, object]] = parse_fetch_response(
        [changed, *parts[1:]], normalise_times=False, uid_is_key=False
    )
    return found


def _fetched(parts: list[Part]) -> Fetched | Poison | None:
    """Read one response; what breaks the parser is named by its UID, if it has one."""
    try:
        return parse.fetched(next(iter(_parsed(parts).values()), {}))
    except (ValueError, TypeError, LookupError, RecursionError, OverflowError) as error:
        head = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
        named = re.search(rb"UID (\d{1,10})\b", head[:200])
        reason = f"{type(error).__name__}: {error}"[:200]
        return Poison(int(named.group(1)), harmless(reason)) if named else None
