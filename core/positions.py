"""Positions: one number by which messages are put in the order of time. Pure.

The second of a message's time, then its id: unique, and the same wherever worked out.
Times are whole seconds from 1970 to 2100 (`core.imap.dates`), ids below 2³¹.
"""

from __future__ import annotations

SHIFT = 31
BELOW = 1 << SHIFT
END = (1 << 63) - 1


def position_of(at_ms: int, message_id: int) -> int:
    """Give the position of a message."""
    return (at_ms // 1000) * BELOW + message_id


def key_of(position: int) -> tuple[int, int]:
    """Give the time in milliseconds since 1970, and the id, of a position."""
    return (position >> SHIFT) * 1000, position & (BELOW - 1)


def first_at(at_ms: int) -> int:
    """Give the lowest position that a message of that time or later may have."""
    return -(-at_ms // 1000) * BELOW
