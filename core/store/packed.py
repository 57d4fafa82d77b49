"""Rows of many small counts, packed: which column, how many; the empty left out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

CELL = np.dtype([("column", "u1"), ("n", "<u4")])
Counts = NDArray[np.int64]


def unpack(rows: Sequence[bytes]) -> tuple[Counts, Counts, Counts]:
    """Give what packed rows have: of which row, in which column, and how many."""
    found = np.frombuffer(b"".join(rows), CELL)
    lengths = np.fromiter(map(len, rows), np.int64, len(rows)) // CELL.itemsize
    which = np.repeat(np.arange(len(rows)), lengths)
    return which, found["column"].astype(np.int64), found["n"].astype(np.int64)


def pack(which: Counts, columns: Counts, n: Counts, rows: int) -> list[bytes]:
    """Pack cells into so many rows; they come in the order of rows and columns."""
    out = np.empty(len(which), CELL)
    out["column"], out["n"] = columns, n
    ends = (np.searchsorted(which, np.arange(rows + 1)) * CELL.itemsize).tolist()
    whole = out.tobytes()
    return [whole[ends[row] : ends[row + 1]] for row in range(rows)]


def together(rows: Sequence[bytes], of: Counts, groups: int, width: int) -> Counts:
    """Sum packed rows by the group that each is of: an array of groups and columns."""
    which, columns, n = unpack(rows)
    cells = of[which] * width + columns
    summed = np.bincount(cells, weights=n, minlength=groups * width)
    return summed.astype(np.int64).reshape(groups, width)
