"""Response times by month, of each scope: what is added to the rows, and kept.

A row has the histograms of `core.durations`, and how many of each day wait still.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from sqlalchemy import Connection, delete, select, tuple_

from core.business import Calendar
from core.durations import BUCKETS, bucket_of
from core.store.bulk import chunks, insert_rows
from core.store.counted import Mailbox
from core.store.counting_tables import response_month
from core.store.packed import Counts, pack, unpack

T = response_month.c
KEYS = (T.scope, T.side, T.facet, T.month, T.value)
COLUMNS = tuple(column.name for column in response_month.columns)
PARTS = (T.calendar, T.business, T.open_days)
STARTS = (0, BUCKETS, 2 * BUCKETS)  # of the parts in a row, before it is packed
DAYS = 32  # of a month, by their numbers
WIDTH = 2 * BUCKETS + DAYS
AT_ONCE = 400  # keys of one question
UPSERT = (
    "ON CONFLICT (scope, side, facet, month, value) DO UPDATE SET"
    " answered = excluded.answered, waiting = excluded.waiting,"
    " calendar = excluded.calendar, business = excluded.business,"
    " open_days = excluded.open_days"
)


class Question(NamedTuple):
    """A message that may be answered, as the table `response` has it."""

    message_id: int
    integration_id: int
    side: str
    domain_id: int
    hash: int
    asked_ms: int
    answered_ms: int | None = None
    answer_id: int | None = None


class Key(NamedTuple):
    """What a row is of: see `response_month`."""

    scope: int
    side: str
    facet: str
    month: int
    value: int


class Kept(NamedTuple):
    """What a row has."""

    answered: int
    waiting: int
    calendar: bytes
    business: bytes
    open_days: bytes


class Sums:
    """What is added to rows, or all that they are to have."""

    def __init__(self, calendar: Calendar) -> None:
        """Begin with nothing."""
        self._by = calendar
        self.row_of: dict[Key, int] = {}
        self._cells: list[int] = []
        self._n: list[int] = []
        self._packed: list[tuple[Counts, Counts]] = []

    def add(self, one: Question, mailbox: Mailbox, sign: int = 1) -> None:
        """Count a question in every scope of its mailbox, or take it away."""
        self.add_in(one, mailbox.scopes, sign)

    def add_in(self, one: Question, scopes: Iterable[int], sign: int = 1) -> None:
        """Count a question in some scopes, or take it away."""
        here = self._by.local(one.asked_ms)
        month = here.year * 12 + here.month - 1
        columns = self._columns(one, here.day)
        for scope in scopes:
            for key in _keys(one, scope, month, here.isoweekday()):
                row = self.row_of.setdefault(key, len(self.row_of))
                for column in columns:
                    self._cells.append(row * WIDTH + column)
                    self._n.append(sign)
        if len(self._cells) > 1_000_000:
            self._fold()

    def add_kept(self, held: Mapping[Key, Kept]) -> None:
        """Add rows as they are kept."""
        rows = np.array([self.row_of[key] for key in held], np.int64)
        for at, start in enumerate(STARTS, 2):
            which, columns, n = unpack([kept[at] for kept in held.values()])
            self._packed.append((rows[which] * WIDTH + start + columns, n))

    def kept(self) -> dict[Key, Kept]:
        """Give every row as it is to be kept."""
        self._fold()
        cells, n = self._packed[0]
        # Less than nothing is left of what was not right before: a recount mends it.
        cells, n = cells[n > 0], n[n > 0]
        rows, columns = cells // WIDTH, cells % WIDTH
        parts, count = [], len(self.row_of)
        for start, end in zip(STARTS, (*STARTS[1:], WIDTH), strict=True):
            here = (columns >= start) & (columns < end)
            parts.append(pack(rows[here], columns[here] - start, n[here], count))
        answered = _sums(rows, n * (columns < STARTS[1]), count)
        waiting = _sums(rows, n * (columns >= STARTS[2]), count)
        made = map(Kept, answered, waiting, *parts)
        return dict(zip(self.row_of, made, strict=True))

    def _columns(self, one: Question, day: int) -> tuple[int, ...]:
        if one.answered_ms is None:
            return (STARTS[2] + day,)
        # An answer that is dated before what it answers took no time.
        took = max(one.answered_ms - one.asked_ms, 0) // 1000
        worked = self._by.business_seconds(one.asked_ms, one.answered_ms)
        return bucket_of(took), STARTS[1] + bucket_of(worked)

    def _fold(self) -> None:
        """Sum what was added by cell, in the order of cells."""
        new = (np.array(self._cells, np.int64), np.array(self._n, np.int64))
        self._cells, self._n = [], []
        cells, n = (
            np.concatenate(both) for both in zip(*self._packed, new, strict=True)
        )
        found, where = np.unique(cells, return_inverse=True)
        self._packed = [(found, _sums_of(where, n, len(found)))]


def _keys(one: Question, scope: int, month: int, weekday: int) -> Iterator[Key]:
    yield Key(scope, one.side, "all", month, 0)
    yield Key(scope, one.side, "weekday", month, weekday)
    if scope <= 0:  # of one mailbox, domains are read from its questions
        yield Key(scope, one.side, "domain", month, one.domain_id)


def add(conn: Connection, sums: Sums) -> None:
    """Add to the rows that are kept; those that become empty go."""
    held = _held(conn, sums.row_of)
    sums.add_kept(held)
    put(conn, sums.kept(), held)


def put(conn: Connection, right: Mapping[Key, Kept], held: Mapping[Key, Kept]) -> int:
    """Write rows as they are to be, where `held` is not; give how many were not."""
    full = {key: one for key, one in right.items() if one.answered or one.waiting}
    new = [(*key, *one) for key, one in full.items() if held.get(key) != one]
    gone = [key for key in held if key not in full]
    insert_rows(conn, response_month, COLUMNS, new, UPSERT)
    for some in chunks(gone, AT_ONCE):
        conn.execute(delete(response_month).where(tuple_(*KEYS).in_(some)))
    return len(new) + len(gone)


def of_scope(conn: Connection, scope: int) -> dict[Key, Kept]:
    """Give every row of a scope."""
    return _read(conn, T.scope == scope)


def of_many(conn: Connection) -> dict[Key, Kept]:
    """Give every row of everybody and of teams."""
    return _read(conn, T.scope <= 0)


def _held(conn: Connection, keys: Iterable[Key]) -> dict[Key, Kept]:
    found: dict[Key, Kept] = {}
    for some in chunks(keys, AT_ONCE):
        found |= _read(conn, tuple_(*KEYS).in_(some))
    return found


def _read(conn: Connection, which: object) -> dict[Key, Kept]:
    query = select(*KEYS, T.answered, T.waiting, *PARTS).where(which)  # type: ignore[arg-type]  # a condition
    return {
        Key(*row[:5]): Kept(row[5], row[6], *map(bytes, row[7:]))
        for row in conn.execute(query)
    }


def _sums(rows: Counts, n: Counts, count: int) -> Sequence[int]:
    summed: list[int] = _sums_of(rows, n, count).tolist()
    return summed


def _sums_of(which: Counts, n: Counts, count: int) -> Counts:
    return np.bincount(which, weights=n, minlength=count).astype(np.int64)
