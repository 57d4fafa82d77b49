"""From made-up mail to the rows that counting it would have written.

What is of teams and of everybody is the sum of what is of mailboxes: both are made of
the same cells (a number of what is counted, and how many).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from core.durations import BUCKETS
from core.store.packed import pack
from core.store.slots import SLOT
from tests.bench.analysis_mail import (
    A_DAY,
    ASIDES,
    DAY_MS,
    DAYS,
    DIRECTIONS,
    KINDS,
    SLOT_MS,
    Mail,
    Numbers,
    World,
)

Row = tuple[Any, ...]
MONTHS = DAYS // 28 + 2
WIDTH = 2 * BUCKETS + 32  # of a row of response times, as `response_months` has it
SIDES = ("ours", "theirs")  # by direction of the message that is to be answered
NOBODY = 1  # the id of the name under which every message is counted once
WORDS = [(d, k, a) for d in DIRECTIONS for k in KINDS for a in ASIDES]
WHATS = ("address", "all", "domain")


class Totals:
    """Messages and bytes of a scope by day of UTC, words and quarter of an hour."""

    def __init__(self, world: World) -> None:
        """Begin with nothing."""
        self._first = (world.end_ms - DAYS * DAY_MS) // DAY_MS - 1
        self._n = np.zeros((DAYS + 3) * len(WORDS) * 2 * A_DAY, np.int32)
        self._size = np.zeros(len(self._n), np.int64)

    def cells(self, mail: Mail) -> tuple[Numbers, Numbers, Numbers]:
        """Give the cells of the mail of a mailbox: which, messages, bytes."""
        day = mail.at_ms // DAY_MS - self._first
        row = (day * len(WORDS) + _words(mail)) * 2 + mail.internal
        return _summed(row * A_DAY + mail.at_ms // SLOT_MS % A_DAY, mail.size_bytes)

    def add(self, cells: tuple[Numbers, Numbers, Numbers]) -> None:
        """Add the cells of a mailbox."""
        which, n, size = cells
        self._n[which] += n
        self._size[which] += size

    def own(self) -> tuple[Numbers, Numbers, Numbers]:
        """Give the cells of all that was added."""
        (which,) = np.nonzero(self._n)
        return which, self._n[which].astype(np.int64), self._size[which]

    def rows(
        self, scope: int, cells: tuple[Numbers, Numbers, Numbers]
    ) -> Iterator[Row]:
        """Give the rows of `total_day`, packed as `core.store.slots` does."""
        which, n, size = cells
        out = np.empty(len(which), SLOT)
        out["q"], out["n"], out["size"] = which % A_DAY, n, size
        keys, starts = np.unique(which // A_DAY, return_index=True)
        if not len(keys):
            return
        sums = [np.add.reduceat(one, starts).tolist() for one in (n, size)]
        ends = [*starts[1:].tolist(), len(which)]
        whole = out.tobytes()
        wide = SLOT.itemsize
        for key, a, b, many, bytes_ in zip(
            keys.tolist(), starts.tolist(), ends, *sums, strict=True
        ):
            day, rest = divmod(key, len(WORDS) * 2)
            slots = whole[a * wide : b * wide]
            words = WORDS[rest // 2]
            yield (
                scope,
                day + self._first,
                *words,
                bool(rest % 2),
                many,
                bytes_,
                slots,
            )


def rollups(integration_id: int, mail: Mail) -> Iterator[Row]:
    """Give the rows of `rollup` of a mailbox."""
    key = mail.at_ms // SLOT_MS * len(WORDS) + _words(mail)
    which, n, size = _summed(key, mail.size_bytes)
    for one, many, bytes_ in zip(
        which.tolist(), n.tolist(), size.tolist(), strict=True
    ):
        slot, words = divmod(one, len(WORDS))
        yield (integration_id, slot, *WORDS[words], many, bytes_)


class Contacts:
    """Messages of a scope with each name, by direction and month."""

    def __init__(self, world: World) -> None:
        """Begin with nothing."""
        self._world = world
        self._people = len(world.addresses)
        # By number: everybody, then addresses, then domains; ids are 1 more.
        self._names = 1 + self._people + len(world.domains)
        self._n = np.zeros(2 * self._names * MONTHS, np.int32)

    def cells(self, mail: Mail) -> tuple[Numbers, Numbers]:
        """Give the cells of the mail of a mailbox: which, messages."""
        counted = (mail.kind <= 1) & (mail.aside == 0)  # persons and lists
        whom = mail.whom[counted]
        of = mail.direction[counted] * self._names
        month = mail.month[counted] - self._world.first_month
        numbers = (0 * whom, 1 + whom, 1 + self._people + self._world.domain_of[whom])
        cells = np.concatenate([(of + one) * MONTHS + month for one in numbers])
        which, n = np.unique(cells, return_counts=True)
        return which, n

    def add(self, cells: tuple[Numbers, Numbers]) -> None:
        """Add the cells of a mailbox."""
        which, n = cells
        self._n[which] += n.astype(np.int32)

    def own(self) -> tuple[Numbers, Numbers]:
        """Give the cells of all that was added."""
        (which,) = np.nonzero(self._n)
        return which, self._n[which].astype(np.int64)

    def months(self, scope: int, cells: tuple[Numbers, Numbers]) -> Iterator[Row]:
        """Give the rows of `contact_month`."""
        first = self._world.first_month
        for one, n in zip(*(part.tolist() for part in cells), strict=True):
            who, month = divmod(one, MONTHS)
            yield (scope, *self._who(who), month + first, n)

    def spans(self, scope: int, cells: tuple[Numbers, Numbers]) -> Iterator[Row]:
        """Give the rows of `contact`."""
        which, n = cells
        if not len(which):
            return
        who, starts = np.unique(which // MONTHS, return_index=True)
        month = which % MONTHS + self._world.first_month
        found = (
            np.add.reduceat(n, starts),
            np.minimum.reduceat(month, starts),
            np.maximum.reduceat(month, starts),
        )
        for one, *span in zip(
            who.tolist(), *(part.tolist() for part in found), strict=True
        ):
            yield (scope, *self._who(one), *span)

    def _who(self, who: int) -> tuple[str, str, int]:
        direction, name = divmod(who, self._names)
        what = WHATS[0 if 0 < name <= self._people else 2 if name else 1]
        return what, DIRECTIONS[direction], name + 1

    def domain_ids(self, whom: Numbers) -> Numbers:
        """Give the ids of the domains of correspondents."""
        return np.asarray(2 + self._people + self._world.domain_of[whom])

    def names(self) -> Iterator[Row]:
        """Give the rows of `correspondent`: id and name."""
        domains = (f"@{one}" for one in self._world.domains)
        yield NOBODY, ""
        yield from enumerate((*self._world.addresses, *domains), 2)


class Responses:
    """Questions, and what is summed of them by month, as `response_months` does."""

    def __init__(self, world: World, contacts: Contacts) -> None:
        """Begin with nothing."""
        self._world, self._contacts = world, contacts
        self._kept: list[tuple[int, Numbers, Numbers]] = []  # team, keys, columns

    def questions(self, integration_id: int, first_id: int, mail: Mail) -> list[Row]:
        """Give the rows of `response`; ids of messages go from `first_id` on."""
        (asked,) = np.nonzero(mail.asks)
        ids = asked + first_id
        ends = mail.answered_ms[asked]
        columns = zip(
            ids.tolist(),
            mail.direction[asked].tolist(),
            self._contacts.domain_ids(mail.whom[asked]).tolist(),
            mail.at_ms[asked].tolist(),
            ends.tolist(),
            strict=True,
        )
        return [
            (id_, integration_id, SIDES[side], domain, id_ * 2_654_435_761 % 2**62,
             at, end or None, id_ + 1 if end else None)
            for id_, side, domain, at, end in columns
        ]  # fmt: skip

    def rows(self, scope: int, team: int, mail: Mail) -> Iterator[Row]:
        """Give the rows of `response_month` of a mailbox; keep them for sums."""
        (asked,) = np.nonzero(mail.asks)
        (answered,) = np.nonzero(mail.answered_ms)
        (waits,) = np.nonzero(mail.asks & (mail.answered_ms == 0))
        calendar, business = self._world.buckets(mail, answered)
        of = np.concatenate([answered, answered, waits])
        columns = np.concatenate(
            [calendar, BUCKETS + business, 2 * BUCKETS + mail.day_of_month[waits]]
        )
        keys = mail.direction[of] * MONTHS + mail.month[of] - self._world.first_month
        keys = keys * 8 + mail.weekday[of]
        domains = self._contacts.domain_ids(mail.whom[of])
        self._kept.append((team, keys * 2**20 + domains, columns))
        del asked
        yield from self._facets(scope, keys, columns)

    def sums(self, scope: int, team: int = 0) -> Iterator[Row]:
        """Give the rows of everybody, or of a team."""
        mine = [one[1:] for one in self._kept if not team or one[0] == team]
        keys, columns = (np.concatenate(part) for part in zip(*mine, strict=True))
        yield from self._facets(scope, keys // 2**20, columns)
        domains = keys // 2**20 // 8 * 2**20 + keys % 2**20
        yield from self._rows(scope, "domain", domains, columns, 2**20)

    def _facets(self, scope: int, keys: Numbers, columns: Numbers) -> Iterator[Row]:
        yield from self._rows(scope, "all", keys // 8 * 8, columns, 8)
        yield from self._rows(scope, "weekday", keys, columns, 8)

    def _rows(
        self, scope: int, facet: str, keys: Numbers, columns: Numbers, values: int
    ) -> Iterator[Row]:
        """Pack cells of (side, month, value), the value below `values`."""
        cells, n = np.unique(keys * WIDTH + columns, return_counts=True)
        found, row = np.unique(cells // WIDTH, return_inverse=True)
        column, rows = cells % WIDTH, len(found)
        part = np.minimum(column // BUCKETS, 2)
        packed = [
            pack(row[part == p], column[part == p] - p * BUCKETS, n[part == p], rows)
            for p in range(3)
        ]
        sums = [
            np.bincount(row[part == p], n[part == p], rows).astype(int).tolist()
            for p in (0, 2)
        ]
        for key, *rest in zip(found.tolist(), *sums, *packed, strict=True):
            of, value = divmod(key, values)
            side, month = divmod(of, MONTHS)
            where = (scope, SIDES[side], facet, month + self._world.first_month, value)
            yield (*where, *rest)


def _words(mail: Mail) -> Numbers:
    whole = mail.direction * len(KINDS) + mail.kind
    return np.asarray(whole * len(ASIDES) + mail.aside)


def _summed(keys: Numbers, size: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """Sum by key: which there are, how many of each, and of how many bytes."""
    which, of, n = np.unique(keys, return_inverse=True, return_counts=True)
    sizes = np.bincount(of, size, len(which)).astype(np.int64)
    return which, n, sizes
