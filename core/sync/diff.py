"""Compare two views of a folder. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Set as AbstractSet

from core.model import Flags


def changed(known: Mapping[int, Flags], now: Mapping[int, Flags]) -> dict[int, Flags]:
    """Find the new flags of UIDs that we hold; others are not ours to add here."""
    return {uid: f for uid, f in now.items() if uid in known and known[uid] != f}


def gone(known: AbstractSet[int], now: AbstractSet[int]) -> frozenset[int]:
    """Find the UIDs that are not there any more."""
    return frozenset(known - now)


def lacking(known: AbstractSet[int], now: AbstractSet[int]) -> list[int]:
    """Find the UIDs that are there and that we do not hold, ascending."""
    return sorted(now - known)
