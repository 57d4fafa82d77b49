"""Decide whether what a server has newest is what we hold. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from core.model import Cursor, Status


class Verdict(StrEnum):
    """What a probe of an inbox shows."""

    LEVEL = "level"  # what the server has newest is here
    BEHIND = "behind"  # a message came, and we do not know of it
    MOVED = "moved"  # numbers are others, and no message is lacking for sure
    UNKNOWN = "unknown"  # there is nothing to compare with, or a sync is on its way


@dataclass(frozen=True, slots=True)
class Held:
    """What we hold of an inbox.

    `has_newest`: the server's newest message lies in our table, or is set aside as
    unreadable; `building`: it is being read again under another UIDVALIDITY.
    """

    cursor: Cursor | None
    has_newest: bool
    building: bool = False


def judge(held: Held, stated: Status, newest: int, *, awaited: bool) -> Verdict:
    """Compare what we hold with what EXAMINE stated.

    `newest`: the highest UID there, 0 in an empty inbox.
    `awaited`: a sync of this mailbox is on its way, so what lacks is no surprise.
    """
    seen = _compare(held, stated, newest)
    return Verdict.UNKNOWN if awaited and seen is not Verdict.LEVEL else seen


def _compare(held: Held, stated: Status, newest: int) -> Verdict:
    cursor = held.cursor
    if cursor is None or held.building or not stated.uidvalidity:
        return Verdict.UNKNOWN  # RFC 9051 §2.3.1.1: UIDs say nothing without it
    if cursor.uidvalidity != stated.uidvalidity:
        return Verdict.MOVED
    if newest >= cursor.high and not held.has_newest:
        return Verdict.BEHIND
    if newest and not held.has_newest:
        # The first sync has not got there; or it went, here, since we asked the server.
        return Verdict.UNKNOWN if newest < cursor.low else Verdict.MOVED
    # A message that came and went between two looks raises UIDNEXT, and no server
    # tells of it in IDLE.
    return Verdict.LEVEL if cursor.high >= stated.uidnext else Verdict.MOVED
