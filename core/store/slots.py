"""Quarters of an hour of a day of UTC, packed: what was in each, the empty left out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SLOT = np.dtype([("q", "u1"), ("n", "<u4"), ("size", "<u8")])
A_DAY = 96
SLOT_MS = 15 * 60 * 1000
DAY_MS = A_DAY * SLOT_MS
MOST_MESSAGES = 2**32 - 1


class Key(NamedTuple):
    """What a row counts. `day`: of UTC, since 1970."""

    scope: int
    day: int
    direction: str
    kind: str
    aside: str
    internal: bool


class Packed(NamedTuple):
    """A row as it is kept."""

    messages: int
    size_bytes: int
    slots: bytes


class Sums:
    """What many rows have, or what is added to them, before they are written at once.

    A row is whatever has a key; of each, messages and bytes per quarter of an hour.
    """

    def __init__(self) -> None:
        """Begin with nothing."""
        self._rows: dict[Key, int] = {}
        self._n = np.zeros(A_DAY, np.int64)
        self._size = np.zeros(A_DAY, np.int64)

    @property
    def keys(self) -> Iterable[Key]:
        """Give the keys of all rows."""
        return self._rows.keys()

    def row(self, key: Key) -> int:
        """Give the number of a row; make a new one if there is none."""
        return self._rows.setdefault(key, len(self._rows))

    def add(
        self, cells: Sequence[int], messages: Sequence[int], sizes: Sequence[int]
    ) -> None:
        """Add to cells: the number of a row times `A_DAY`, and the quarter in it."""
        self._add(*(np.asarray(one, np.int64) for one in (cells, messages, sizes)))

    def add_packed(
        self, keys: Sequence[Key], slots: Sequence[bytes], sign: int = 1
    ) -> None:
        """Add what is kept to rows, or take it away from them (`sign` -1)."""
        rows = np.asarray([self.row(key) for key in keys], np.int64)
        which, found = unpacked(slots)
        n, size = found["n"].astype(np.int64), found["size"].astype(np.int64)
        self._add(rows[which] * A_DAY + found["q"], sign * n, sign * size)

    def packed(self) -> dict[Key, Packed]:
        """Give every row as it is to be kept."""
        if not self._rows:
            return {}
        whole = len(self._rows) * A_DAY
        self._grow()
        # Less than nothing is left of what was not right before: a recount mends it.
        n = np.clip(self._n[:whole], 0, MOST_MESSAGES)
        size = np.where(n > 0, np.maximum(self._size[:whole], 0), 0)
        (there,) = np.nonzero(n)
        out = np.empty(len(there), SLOT)
        out["q"], out["n"], out["size"] = there % A_DAY, n[there], size[there]
        ends = np.searchsorted(there, np.arange(0, whole + 1, A_DAY)) * SLOT.itemsize
        first, last = ends[:-1].tolist(), ends[1:].tolist()
        sums = [one.reshape(-1, A_DAY).sum(1).tolist() for one in (n, size)]
        text = out.tobytes()
        rows = zip(self._rows, *sums, first, last, strict=True)
        return {key: Packed(n, size, text[a:b]) for key, n, size, a, b in rows}

    def _add(
        self,
        cells: NDArray[np.int64],
        messages: NDArray[np.int64],
        sizes: NDArray[np.int64],
    ) -> None:
        self._grow()
        np.add.at(self._n, cells, messages)
        np.add.at(self._size, cells, sizes)

    def _grow(self) -> None:
        """Make room for all rows, and for some more."""
        lacking = len(self._rows) * A_DAY - len(self._n)
        if lacking > 0:
            more = np.zeros(lacking + len(self._n), np.int64)
            self._n = np.concatenate([self._n, more])
            self._size = np.concatenate([self._size, more])


def unpacked(slots: Sequence[bytes]) -> tuple[NDArray[np.int64], NDArray[np.void]]:
    """Give what packed rows have, and of which of them each is."""
    found = np.frombuffer(b"".join(slots), SLOT)
    lengths = np.fromiter(map(len, slots), np.int64, len(slots)) // SLOT.itemsize
    return np.repeat(np.arange(len(slots)), lengths), found
