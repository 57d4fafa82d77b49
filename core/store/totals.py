"""Totals of messages by day, of each scope, with the quarters of an hour within."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby, product
from typing import Any

import pandas as pd
from sqlalchemy import Connection, bindparam, delete, func, select, tuple_

from core.business import Calendar
from core.domains import addresses_in, is_internal
from core.store import facts, scoping
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.counted import ALL, Change, Fact, Mailbox
from core.store.counting_tables import total_day
from core.store.slots import A_DAY, DAY_MS, SLOT_MS, Key, Packed, Sums, unpacked

T = total_day.c
KEYS = (T.scope, T.day, T.direction, T.kind, T.aside, T.internal)
COLUMNS = tuple(c.name for c in total_day.columns)
UPSERT = (
    "ON CONFLICT (scope, day, direction, kind, aside, internal) DO UPDATE SET"
    " messages = excluded.messages, size_bytes = excluded.size_bytes,"
    " slots = excluded.slots"
)
WORDS = ("direction", "kind", "aside", "internal")
DAYS = 366  # that are summed at a time: a few thousand rows
ROWS = 2_000
FIRST_DAY, END_DAY = -(2**31), 2**31 - 1


Rows = dict[Key, Packed]


def count(
    conn: Connection, changes: Sequence[Change], mailboxes: Mapping[int, Mailbox]
) -> None:
    """Count changes of messages in all of their scopes."""
    sums = Sums()
    _sum(sums, changes, mailboxes)
    _add(conn, sums)


def read(conn: Connection, scope: int, start_ms: int, end_ms: int) -> pd.DataFrame:
    """Give what a scope has of [start, end), per quarter of an hour.

    at (UTC), direction, kind, aside, internal, messages, size_bytes. Words are
    categories: of a year of many mailboxes there are a million rows. A quarter is of
    the range if it begins in it.
    """
    days = T.day.between(start_ms // DAY_MS, (end_ms - 1) // DAY_MS)
    query = select(*KEYS[1:], T.slots).where(T.scope == scope, days)
    rows = [tuple(row) for row in conn.execute(query)]
    day, *words, slots = zip(*rows, strict=True) if rows else [()] * 6
    which, found = unpacked(slots)
    at_ms = pd.Series(day, dtype="int64").to_numpy()[which] * DAY_MS
    at_ms += found["q"].astype("int64") * SLOT_MS
    inside = (at_ms >= start_ms) & (at_ms < end_ms)
    which, found = which[inside], found[inside]
    said = {
        name: pd.Series(values, dtype=_kind_of(name)).take(which).array
        for name, values in zip(WORDS, words, strict=True)
    }
    at = pd.to_datetime(at_ms[inside], unit="ms", utc=True)
    return pd.DataFrame(
        {
            "at": at.as_unit("ms"),
            **said,
            "messages": found["n"].astype("int64"),
            "size_bytes": found["size"].astype("int64"),
        }
    )


def extent(conn: Connection, scope: int) -> tuple[int, int] | None:
    """Give the first and the last day of UTC of which a scope has anything."""
    mine = T.scope == scope
    query = select(
        select(func.min(T.day)).where(mine).scalar_subquery(),
        select(func.max(T.day)).where(mine).scalar_subquery(),
    )
    first, last = conn.execute(query).one()
    return None if first is None else (first, last)


def clear(conn: Connection) -> None:
    """Count nothing any more."""
    conn.execute(delete(total_day))


def recount(conn: Connection, mailbox: Mailbox, calendar: Calendar) -> int:
    """Make the rows of a mailbox right by its messages; give how many were wrong."""
    del calendar  # days of UTC are the same in every one
    alone = {mailbox.id: mailbox._replace(team_id=0)}
    wrong, first = 0, FIRST_DAY
    messages = facts.in_time(conn, mailbox.id)
    for year, some in groupby(messages, lambda one: one.at_ms // DAY_MS // DAYS):
        sums = Sums()
        for few in chunks(some, ROWS):
            _sum(sums, [Change(1, one) for one in few], alone, everybody=False)
        end = (year + 1) * DAYS
        wrong += _mend(conn, sums, mailbox.id, first, end)
        first = end
    return wrong + _mend(conn, Sums(), mailbox.id, first, END_DAY)


def resum(conn: Connection) -> int:
    """Make what is of all and of teams right by mailboxes; give how many were wrong."""
    of = scoping.mailboxes(conn)
    ranges = {one: found for one in of if (found := extent(conn, one))}
    wrong = _strays(conn, {ALL, *of, *(-id_ for id_ in scoping.team_ids(conn))})
    for scope in (ALL, *(-id_ for id_ in scoping.team_ids(conn))):
        mine = [one for one, box in of.items() if scope in box.scopes and one in ranges]
        first = FIRST_DAY
        last = max((ranges[one][1] for one in mine), default=first)
        begin = min((ranges[one][0] for one in mine), default=last)
        for day in range(begin, last + 1, DAYS):
            sums = Sums()
            for one in mine:
                if ranges[one][0] < day + DAYS and ranges[one][1] >= day:
                    _spread(sums, _rows(conn, one, day, day + DAYS), scope)
            wrong += _mend(conn, sums, scope, first, day + DAYS)
            first = day + DAYS
        wrong += _mend(conn, Sums(), scope, first, END_DAY)
    return wrong


def move(conn: Connection, before: Mailbox, after: Mailbox) -> None:
    """Count what is of a mailbox in its new team, and not in the old one."""
    for few in chunks(_rows(conn, before.id, FIRST_DAY, END_DAY), ROWS):
        sums = Sums()
        for sign, team_id in ((-1, before.team_id), (1, after.team_id)):
            if team_id:
                _spread(sums, few, -team_id, sign)
        _add(conn, sums)


def _spread(
    sums: Sums, rows: Iterable[tuple[Key, Packed]], scope: int, sign: int = 1
) -> None:
    """Add rows to those of another scope."""
    for few in chunks(rows, ROWS):
        keys = [key._replace(scope=scope) for key, _ in few]
        sums.add_packed(keys, [one.slots for _, one in few], sign)


def _sum(
    sums: Sums,
    changes: Sequence[Change],
    mailboxes: Mapping[int, Mailbox],
    *,
    everybody: bool = True,
) -> None:
    """Add changes in all scopes of their mailboxes, or in those of themselves only."""
    cells, signs, sizes = [], [], []
    for sign, fact in changes:
        mailbox = mailboxes[fact.integration_id]
        day, in_day = divmod(fact.at_ms, DAY_MS)
        what = (fact.direction, fact.kind, fact.aside, _is_inside(fact, mailbox))
        for scope in mailbox.scopes if everybody else (mailbox.id,):
            row = sums.row(Key(scope, day, *what))
            cells.append(row * A_DAY + in_day // SLOT_MS)
            signs.append(sign)
            sizes.append(sign * fact.size_bytes)
    sums.add(cells, signs, sizes)


def _is_inside(fact: Fact, mailbox: Mailbox) -> bool:
    """Tell whether a message stayed within the domain of its mailbox."""
    if fact.direction == "sent":
        recipients = _addresses(fact.recipients) + _addresses(fact.copied)
        return is_internal(mailbox.address, recipients)
    return is_internal(mailbox.address, (fact.from_address,))


@lru_cache(10_000)
def _addresses(shown: str) -> tuple[str, ...]:
    return addresses_in(shown)


def _add(conn: Connection, sums: Sums) -> None:
    """Add to the rows that are kept; those that become empty go."""
    held = _held(conn, sums.keys)
    sums.add_packed(list(held), [one.slots for one in held.values()])
    _write(conn, sums.packed(), held)


def _held(conn: Connection, keys: Iterable[Key]) -> Rows:
    """Give those rows of some keys that are there."""
    days_of: dict[int, set[int]] = {}
    for key in keys:
        days_of.setdefault(key.scope, set()).add(key.day)
    scopes_of: dict[frozenset[int], list[int]] = {}  # most mailboxes: of today only
    for scope, found in days_of.items():
        scopes_of.setdefault(frozenset(found), []).append(scope)
    wanted, held = set(keys), dict[Key, Packed]()
    for whole, scopes in scopes_of.items():
        for some, few in product(chunks(scopes, CHUNK), chunks(sorted(whole), CHUNK)):
            query = select(total_day).where(T.scope.in_(some), T.day.in_(few))
            rows = map(_keyed, conn.execute(query))
            held |= {key: one for key, one in rows if key in wanted}
    return held


def _keyed(row: Any) -> tuple[Key, Packed]:
    return Key._make((*row[:5], bool(row[5]))), Packed._make(row[6:])


def _write(
    conn: Connection, right: Mapping[Key, Packed], held: Mapping[Key, Packed]
) -> int:
    """Write rows as they are to be; `held` are there. Give how many were otherwise."""
    right = {key: one for key, one in right.items() if one.messages}
    new = [(*key, *one) for key, one in right.items() if held.get(key) != one]
    gone = [key._asdict() for key in held if key not in right]
    insert_rows(conn, total_day, COLUMNS, new, UPSERT)
    if gone:
        mine = (column == bindparam(column.name) for column in KEYS)
        conn.execute(delete(total_day).where(*mine), gone)
    return len(new) + len(gone)


def _mend(conn: Connection, sums: Sums, scope: int, first: int, end: int) -> int:
    """Make the rows of a scope in [first, end) as summed; tell how many were not."""
    return _write(conn, sums.packed(), dict(_rows(conn, scope, first, end)))


def _rows(
    conn: Connection, scope: int, first: int, end: int
) -> Iterator[tuple[Key, Packed]]:
    """Walk through the rows of a scope in [first, end), some at a time."""
    mine = (T.scope == scope, T.day >= first, T.day < end)
    query = select(total_day).where(*mine).order_by(*KEYS[1:]).limit(ROWS)
    some = [_keyed(row) for row in conn.execute(query)]
    while some:
        yield from some
        if len(some) < ROWS:
            return
        after = tuple_(*KEYS[1:]) > tuple_(*some[-1][0][1:])
        some = [_keyed(row) for row in conn.execute(query.where(after))]


def _strays(conn: Connection, scopes: Collection[int]) -> int:
    """Drop rows of scopes that there are not; give how many there were."""
    gone = 0
    at = conn.scalar(select(func.min(T.scope)))
    while at is not None:
        if at not in scopes:
            gone += conn.execute(delete(total_day).where(T.scope == at)).rowcount
        at = conn.scalar(select(func.min(T.scope)).where(T.scope > at))
    return gone


def _kind_of(name: str) -> str:
    if name == "internal":
        return "bool"
    return "category" if name in WORDS else "int64"
