"""Read contacts at a cost that does not grow with messages, nor with correspondents.

How the first few are found, and proven to be the first: docs/explain/correspondents.md.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import Connection, func, select, text

from core.store import contact_names, scoping
from core.store.bulk import among, chunks, tuples
from core.store.contact_names import EVERY
from core.store.counting_tables import contact, contact_month
from core.store.schema import integration

M, C = contact_month.c, contact.c
COLUMNS = ("name", "messages", "first_month", "last_month")
RECEIVED = "received"
DEPTH = 100  # of each month that is looked at first
CANDIDATES_MOST = 8_000  # whose months are summed
LOOK = 20_000  # correspondents that are looked through for silent ones
COUNT_MOST = 10_000
FEW = 200  # of them in one query
USED_TO_WRITE = 5  # messages
WHO = "scope = :scope AND what = :what AND direction = :direction"
BEST_OF_MONTH = text(
    f"SELECT name_id, messages FROM contact_month WHERE {WHO} AND month = :month"  # noqa: S608 - ours
    " ORDER BY messages DESC, name_id DESC LIMIT :depth"
)
BEST_OF_ALL = text(
    f"SELECT name_id, messages FROM contact WHERE {WHO}"  # noqa: S608 - ours
    " ORDER BY messages DESC LIMIT :depth"
)
BEST_OF_NEW = text(
    f"SELECT name_id, messages FROM contact WHERE {WHO} AND first_month = :month"  # noqa: S608 - ours
    " ORDER BY messages DESC, name_id DESC LIMIT :depth"
)
# "+ 0", and no more than `FEW` at once: else PostgreSQL 15 reads whole months and looks
# for them there.
SUMS = (
    f"SELECT name_id, sum(messages) FROM contact_month WHERE {WHO}"  # noqa: S608 - ours
    " AND month + 0 BETWEEN :first AND :last AND name_id {some} GROUP BY name_id"
)
SPANS = (
    f"SELECT name_id, first_month, last_month FROM contact WHERE {WHO}"  # noqa: S608 - ours
    " AND name_id {some}"
)
HOW_MANY_NEW = text(
    f"SELECT count(*) FROM (SELECT 1 FROM contact WHERE {WHO}"  # noqa: S608 - ours
    " AND first_month BETWEEN :first AND :last LIMIT :most) AS few"
)
LOOKED = text(
    f"SELECT name_id, messages, last_month FROM contact WHERE {WHO}"  # noqa: S608 - ours
    " AND messages >= :least ORDER BY messages DESC LIMIT :look"
)


class Period(NamedTuple):
    """Whose correspondents, of which kind, in which months, both ends included."""

    scope: int
    what: str
    direction: str
    first: int
    last: int

    @property
    def who(self) -> dict[str, Any]:
        """Give what every query is told."""
        return {"scope": self.scope, "what": self.what, "direction": self.direction}

    @property
    def months(self) -> range:
        """Give the months, by number."""
        return range(self.first, self.last + 1)


class Found(NamedTuple):
    """The first few, and whether they are proven to be the first.

    `frame`: name, messages, first_month, last_month. `in_all`: how many there are in
    all, where that was asked; `all_counted` False: at least so many.
    """

    frame: pd.DataFrame
    exact: bool
    in_all: int = 0
    all_counted: bool = True


class _Best(NamedTuple):
    """Candidates, and the most that anybody else can have."""

    ids: set[int]
    bound: int


def top(
    conn: Connection, scope: int, what: str, direction: str,
    first_month: int, last_month: int, most: int,
) -> Found:  # fmt: skip
    """Give those with most messages in a period, and the months that span all theirs.

    Their numbers are exact in any case; not `exact`: another with as many may be left
    out, as there are too many alike.
    """
    of = Period(scope, what, direction, first_month, last_month)
    return _first(conn, of, most, _best)


def new(
    conn: Connection, scope: int, what: str, direction: str,
    first_month: int, last_month: int, most: int,
) -> Found:  # fmt: skip
    """Give those who were never seen before the period, as `top`, and how many."""
    of = Period(scope, what, direction, first_month, last_month)
    found = _first(conn, of, most, _best_new)
    told = {"first": of.first, "last": of.last, "most": COUNT_MOST + 1}
    count = conn.scalar(HOW_MANY_NEW, of.who | told) or 0
    return found._replace(
        in_all=min(count, COUNT_MOST), all_counted=count <= COUNT_MOST
    )


def silent(
    conn: Connection, scope: int, what: str, first_month: int, most: int
) -> Found:
    """Give those who used to write and were not heard of since a month began.

    messages: all that ever came. Looked through are those who wrote most; not `exact`:
    there are more of those, and one who wrote less may be left out.
    """
    of = Period(scope, what, RECEIVED, first_month, first_month)
    told = {"least": USED_TO_WRITE, "look": LOOK}
    looked = tuples(conn, LOOKED, of.who | told)
    ended = [(id_, n) for id_, n, last in looked if last < first_month]
    frame = _frame(conn, of, dict(ended[:most]))
    whole = len(looked) < LOOK
    return Found(frame, whole or len(ended) >= most, len(ended), whole)


def total(
    conn: Connection, scope: int, direction: str, first_month: int, last_month: int
) -> int:
    """Count the messages of a period, each once: what shares are of."""
    of = Period(scope, EVERY, direction, first_month, last_month)
    return sum(_totals(conn, of).values())


def held_since(conn: Connection, scope: int) -> int | None:
    """Give the first month of which anything is counted; None: nothing is."""
    every = (C.scope == scope, C.what == EVERY)
    found: int | None = conn.scalar(select(func.min(C.first_month)).where(*every))
    return found


def own_addresses(conn: Connection, scope: int) -> set[str]:
    """Give the addresses of the mailboxes of a scope."""
    query = select(integration.c.address)
    if scope:
        mine = scoping.members(scope) if scope < 0 else [scope]
        query = query.where(integration.c.id.in_(mine))
    return set(conn.scalars(query))


def _first(conn: Connection, of: Period, most: int, best: Any) -> Found:
    """Look deeper until the last of the first few has what nobody else can have."""
    sums: dict[int, int] = {}
    depth = max(DEPTH, 2 * most)
    while True:
        found: _Best = best(conn, of, depth)
        more = found.ids.difference(sums)
        sums |= dict.fromkeys(more, 0) | _sums(conn, of, more)
        ranked = sorted((n for n in sums.values() if n), reverse=True)[:most]
        proven = ranked[-1] >= found.bound if len(ranked) == most else not found.bound
        if proven or 2 * len(sums) > CANDIDATES_MOST:
            break
        depth *= 2
    least = ranked[-1] if ranked else 1
    frame = _frame(conn, of, {id_: n for id_, n in sums.items() if n >= least})
    return Found(frame.head(most), exact=proven)


def _best(conn: Connection, of: Period, depth: int) -> _Best:
    """Take the best of each month, and of all months.

    Who is none of the former has at most what the last of each month had, together;
    and who is none of the latter, at most what the last of those had in all.
    """
    lists = [
        tuples(conn, BEST_OF_MONTH, of.who | {"month": month, "depth": depth})
        for month in of.months
    ]
    of_all = tuples(conn, BEST_OF_ALL, of.who | {"depth": depth})
    bound = min(sum(_last(one, depth) for one in lists), _last(of_all, depth))
    return _Best({id_ for one in (*lists, of_all) for id_, _ in one}, bound)


def _best_new(conn: Connection, of: Period, depth: int) -> _Best:
    """Take the best of those who were new in each month; each was new in one only."""
    lists = [
        tuples(conn, BEST_OF_NEW, of.who | {"month": month, "depth": depth})
        for month in of.months
    ]
    bound = max((_last(one, depth) for one in lists), default=0)
    return _Best({id_ for one in lists for id_, _ in one}, bound)


def _last(rows: list[tuple[Any, ...]], depth: int) -> int:
    return int(rows[-1][1]) if len(rows) == depth else 0


def _sums(conn: Connection, of: Period, ids: Collection[int]) -> dict[int, int]:
    told = of.who | {"first": of.first, "last": of.last}
    return {id_: int(sum_) for id_, sum_ in _of_some(conn, SUMS, told, ids)}


def _frame(conn: Connection, of: Period, sums: dict[int, int]) -> pd.DataFrame:
    """Give those with a sum, by name, with the first and the last month of theirs."""
    names, spans = contact_names.by_id(conn, sums), _spans(conn, of, sums)
    rows = [(names[id_], n, *spans[id_]) for id_, n in sums.items()]
    rows.sort(key=lambda row: (-row[1], row[0]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _spans(
    conn: Connection, of: Period, ids: Collection[int]
) -> dict[int, tuple[int, int]]:
    rows = _of_some(conn, SPANS, of.who, ids)
    return {id_: (first, last) for id_, first, last in rows}


def _of_some(
    conn: Connection, query: str, told: dict[str, Any], ids: Collection[int]
) -> Iterator[tuple[Any, ...]]:
    for few in chunks(ids, FEW):
        which, some = among(conn, few)
        yield from tuples(conn, text(query.format(some=which)), told | {"some": some})


def _totals(conn: Connection, of: Period) -> dict[int, int]:
    """Give the sum of each month; of what is counted under one name, a row a month."""
    query = select(M.month, func.sum(M.messages)).where(
        M.scope == of.scope,
        M.what == of.what,
        M.direction == of.direction,
        M.month.between(of.first, of.last),
    )
    return {month: int(n) for month, n in conn.execute(query.group_by(M.month))}
