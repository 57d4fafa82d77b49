"""Being alone for a moment, where a database lets several write at the same time.

SQLite has one writer at a time: there is nothing to wait for. On PostgreSQL, whoever
reads something and then writes what follows from it takes one of these before; each is
given back at the end of the transaction.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, func, select

from core.store.bulk import CHUNK, chunks
from core.store.schema import integration


def alone(conn: Connection, what: str) -> None:
    """Wait until nobody else does this; `what` names it."""
    if not _is_alone(conn):
        number = func.hashtextextended(what, 0)
        conn.execute(select(func.pg_advisory_xact_lock(number)))


def hold(conn: Connection, ids: Iterable[int]) -> None:
    """Keep others from writing what is of some integrations.

    Each batch of a sync writes to the row of its integration first (`leases.renew`), as
    do reconnecting and ending: they wait. In the order of ids, so that two who hold
    several do not wait for each other.
    """
    if _is_alone(conn):
        return
    c = integration.c
    for some in chunks(sorted(ids), CHUNK):
        mine = select(c.id).where(c.id.in_(some)).order_by(c.id)
        # key_share: what only refers to the row need not wait.
        conn.execute(mine.with_for_update(key_share=True)).all()


def _is_alone(conn: Connection) -> bool:
    return conn.dialect.name == "sqlite"
