"""Messages that were not taken into the index yet: looked through one by one.

There are few: the worker takes them in within seconds. While a big mailbox is read for
the first time there may be many, and a search takes as long as it takes to read them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import BigInteger, ColumnElement, Connection, select, type_coerce

from core.positions import position_of
from core.store import marks
from core.store.schema import message
from core.store.search_tables import unlisted
from core.store.wanted import Wanted, has, told

if TYPE_CHECKING:
    from core.store.walks import Reach, Walk

CHUNK = 2_000
C = message.c


def walk(asked: Wanted) -> Walk:
    """Give a walk over what is not in the index and is all that is asked for."""

    def through(conn: Connection, reach: Reach, most: int) -> list[int]:
        found = _found(conn, asked, reach)
        if found:
            found = list(told(conn, asked, found, with_terms=False))
        return sorted(found, reverse=reach.newest)[:most]

    return through


def _found(conn: Connection, asked: Wanted, reach: Reach) -> list[int]:
    out = []
    of = set(asked.integrations)
    for which in _waiting(conn):
        query = select(type_coerce(C.at, BigInteger), C.id, C.integration_id, C.search)
        rows = conn.execute(query.where(which).execution_options(yield_per=CHUNK))
        for at, number, integration_id, search in rows:
            position = position_of(at, number)
            within = integration_id in of and reach.low < position < reach.high
            if within and (not asked.terms or has(asked.terms, search)):
                out.append(position)
    return out


def _waiting(conn: Connection) -> list[ColumnElement[bool]]:
    """Give what tells those that wait: a query for each, each of one index."""
    upto = marks.indexed(conn)
    waiting = C.id.in_(select(unlisted.c.message_id))
    return [waiting] if upto is None else [C.id > upto, waiting & (C.id <= upto)]
