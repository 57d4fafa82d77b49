"""Erase the subjects of an integration, some at a time; what was begun is resumed.

The column `erased_upto` says that subjects are to be erased, and how far that is: so a
process that dies in the middle leaves a mark, and the worker goes on from there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, case, func, select, update

from core.store import indexing, integrations, locks, marks, vocabulary
from core.store.engine import translated, writing
from core.store.schema import integration, message
from core.terms import words

BATCH = 1_000  # messages of one transaction
PAGES = 500  # of the index, merged in one transaction


def begin(conn: Connection, integration_id: int) -> None:
    """Mark the subjects of an integration as to be erased."""
    integrations.change(conn, integration_id, erased_upto=0)


def give_up(conn: Connection, integration_id: int) -> None:
    """Erase no more: subjects may be kept again."""
    integrations.change(conn, integration_id, erased_upto=None)


def waiting(conn: Connection) -> list[int]:
    """List the integrations whose subjects are to be erased yet."""
    c = integration.c
    return list(conn.scalars(select(c.id).where(c.erased_upto.is_not(None))))


def count(conn: Connection, integration_id: int) -> int:
    """Count the messages of an integration, on the server or not any more."""
    mine = message.c.integration_id == integration_id
    return conn.scalar(select(func.count()).where(mine)) or 0


def erase_some(conn: Connection, integration_id: int) -> int:
    """Erase the subjects of the next messages; give of how many, 0 at the end.

    Who they are from and to can be searched as before.
    """
    c = integration.c
    reached = conn.scalar(select(c.erased_upto).where(c.id == integration_id))
    if reached is None:
        return 0
    ids = _next(conn, integration_id, reached)
    if not ids:
        give_up(conn, integration_id)
        return 0
    _take_out(conn, ids)
    m = message.c
    conn.execute(
        update(message)
        .where(m.id.in_(ids))
        .values(subject="", search=_without_first_line(conn, m.search))
    )
    integrations.change(conn, integration_id, erased_upto=ids[-1])
    return len(ids)


def _take_out(conn: Connection, ids: list[int]) -> None:
    """Take messages, and the words that only they had, out of the index."""
    locks.alone(conn, marks.LOCK)
    indexing.unlist(conn, ids)
    texts = conn.scalars(select(message.c.search).where(message.c.id.in_(ids)))
    found = {w for one in texts for w in words(one.partition("\n")[0])}
    vocabulary.forget_words(conn, sorted(found))


def _next(conn: Connection, integration_id: int, reached: int) -> list[int]:
    # In the order of ids: `+ 0` keeps SQLite from the index of integrations, which
    # would be read to its end for each batch.
    m = message.c
    mine = (m.integration_id + 0 == integration_id, m.id > reached, m.subject != "")
    return list(conn.scalars(select(m.id).where(*mine).order_by(m.id).limit(BATCH)))


def _without_first_line(conn: Connection, text: Any) -> Any:
    find = func.instr if conn.dialect.name == "sqlite" else func.strpos
    at = find(text, "\n")
    return case((at > 0, func.substr(text, at)), else_="")


@contextmanager
def erasing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction in which SQLite overwrites what is deleted with zeros."""
    with writing(engine) as conn:
        sqlite = conn.dialect.name == "sqlite"
        if sqlite:
            conn.exec_driver_sql("PRAGMA secure_delete = ON")
        yield conn
        if sqlite:
            conn.exec_driver_sql("PRAGMA secure_delete = OFF")


def leave_no_trace(engine: Engine) -> None:
    """Have SQLite overwrite what it has put aside: old pieces of the index, its log.

    The log is emptied if nobody reads just then. PostgreSQL has its own ways.
    """
    if engine.dialect.name != "sqlite":
        return
    pages = -PAGES  # below zero: begin to merge all there is (SQLite: FTS5, 6.8)
    while _merge(engine, pages):
        pages = PAGES
    with translated(), closing(engine.raw_connection()) as raw:
        raw.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _merge(engine: Engine, pages: int) -> bool:
    """Merge some of the index; tell whether there may be more to merge."""
    with erasing(engine) as conn:
        changes = "SELECT total_changes()"
        before = conn.exec_driver_sql(changes).scalar_one()
        conn.exec_driver_sql(
            "INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)",
            (pages,),
        )
        after = conn.exec_driver_sql(changes).scalar_one()
    return bool(after - before > 1)  # as the documentation of FTS5 says
