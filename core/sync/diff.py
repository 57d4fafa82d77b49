"""Compare two views of a folder. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet

from core.model import Flags

SEEN = int(Flags.SEEN)
GONE_SHARE, GONE_FEW = 0.25, 20


def changed(known: Mapping[int, int], now: Mapping[int, int]) -> dict[int, int]:
    """Find the new flags of UIDs that we hold; others are not ours to add here."""
    if known == now:
        return {}
    return {uid: f for uid, f in now.items() if uid in known and known[uid] != f}


def read(known: Mapping[int, int], changed_: Mapping[int, int]) -> int:
    """Count the messages that were marked as read."""
    return sum(f & SEEN > known[uid] & SEEN for uid, f in changed_.items())


def gone(known: AbstractSet[int], now: AbstractSet[int]) -> frozenset[int]:
    """Find the UIDs that are not there any more."""
    return frozenset(known - now)


def lacking(known: AbstractSet[int], now: AbstractSet[int]) -> list[int]:
    """Find the UIDs that are there and that we do not hold, ascending."""
    return sorted(now - known)


def many(gone_: int, held: int) -> bool:
    """Tell whether so many are gone that one answer is not believed (THREATS T10)."""
    return gone_ > GONE_FEW and gone_ > held * GONE_SHARE
