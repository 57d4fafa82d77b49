"""How far it got: what was taken into the index, and what was counted of it."""

from __future__ import annotations

from sqlalchemy import Connection, select

from core.store.bulk import insert_rows
from core.store.counting_tables import counting_mark
from core.store.search_tables import index_mark

LOCK = "index of messages"  # of whoever takes in, or counts
MESSAGE = "message"
DONE, UNTIL = "done", "until"  # of older messages: up to which id, and to which at all
CALENDAR = "calendar"


def indexed(conn: Connection) -> int | None:
    """Give the id up to which all but those that wait were taken in; None: no mark."""
    if conn.dialect.name != "sqlite":
        return None
    query = select(index_mark.c.upto).where(index_mark.c.name == MESSAGE)
    return conn.scalar(query) or 0


def counted(conn: Connection) -> tuple[int, int]:
    """Give up to which id older messages were counted, and which is their last."""
    rows = conn.execute(select(counting_mark.c.name, counting_mark.c.number))
    found = {str(name): int(number) for name, number in rows}
    return found.get(DONE, 0), found.get(UNTIL, 0)


def words(conn: Connection, name: str) -> str:
    """Give what was noted by a name; empty: nothing."""
    query = select(counting_mark.c.words).where(counting_mark.c.name == name)
    return conn.scalar(query) or ""


def keep(conn: Connection, name: str, number: int = 0, text: str = "") -> None:
    """Note how far counting got, or by what it counts."""
    insert_rows(
        conn,
        counting_mark,
        ("name", "number", "words"),
        [(name, number, text)],
        "ON CONFLICT (name) DO UPDATE SET"
        " number = excluded.number, words = excluded.words",
    )
