"""Every word of the index once: what a search means is looked up here first.

So a word that is looked for in the middle of others, or as their beginning, becomes a
few whole words, which an index finds in the order of time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from sqlalchemy import ColumnElement, Connection, delete, select, text, update

from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.search_tables import index_mark, word
from core.terms import ANYWHERE_LEAST

LAST = "\U0010ffff"
KNOWN_MOST = 200_000
FORGOTTEN = "forgotten"  # the mark that counts how often words were forgotten
# What is left of a word that is nobody's name once no message has it.
IS_USED = {
    "sqlite": """SELECT 1 FROM message_words
        WHERE message_words MATCH '"' || word.word || '"'""",
    "postgresql": """SELECT 1 FROM message_words
        WHERE words @@ quote_literal(word.word)::tsquery""",
}


class Vocabulary:
    """What one process knows to be in the table: most words are not new."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._known: dict[str, bool] = {}
        self._forgotten = 0

    def add(self, conn: Connection, found: Iterable[str], people: set[str]) -> None:
        """Write words that are new, and those that are people's for the first time."""
        forgotten = _times_forgotten(conn)
        if forgotten != self._forgotten:  # by whoever erases subjects
            self._forgotten = forgotten
            self.forget()
        wanted = {one: one in people for one in found}
        fresh = {
            one: theirs
            for one, theirs in wanted.items()
            if one not in self._known or (theirs and not self._known[one])
        }
        if not fresh:
            return
        held = _held(conn, fresh)
        new = [(one, theirs) for one, theirs in fresh.items() if one not in held]
        insert_rows(conn, word, ("word", "people"), new, "ON CONFLICT DO NOTHING")
        named = [one for one, theirs in fresh.items() if theirs and not held.get(one)]
        for some in chunks([one for one in named if one in held], CHUNK):
            conn.execute(update(word).where(word.c.word.in_(some)).values(people=True))
        if conn.dialect.name == "sqlite" and named:
            conn.exec_driver_sql(
                "INSERT INTO people_word (word) VALUES (?)", [(one,) for one in named]
            )
        if len(self._known) + len(fresh) > KNOWN_MOST:
            self._known.clear()
        self._known |= fresh | {one: True for one, theirs in held.items() if theirs}

    def forget(self) -> None:
        """Know nothing: what was written may have been taken back."""
        self._known.clear()


def beginning_with(conn: Connection, start: str, most: int) -> list[str] | None:
    """Give the words that begin so; None: they are more than that."""
    c: ColumnElement[str] = word.c.word
    if conn.dialect.name == "postgresql":
        c = c.collate("C")
    query = select(word.c.word).where(c >= start, c < start + LAST).limit(most + 1)
    found = list(conn.scalars(query).all())
    return None if len(found) > most else found


def holding(conn: Connection, part: str, most: int) -> list[str] | None:
    """Give the words of names and addresses that have this anywhere within them.

    None: they are more than `most`.
    """
    if len(part) < ANYWHERE_LEAST:
        msg = f"a part of a word has at least {ANYWHERE_LEAST} characters"
        raise ValueError(msg)
    query = text("SELECT word FROM word WHERE people AND word LIKE :part LIMIT :most")
    params = {"part": f"%{part}%", "most": most + 1}
    if conn.dialect.name == "sqlite":
        query = text(
            "SELECT word FROM people_word WHERE people_word MATCH :match"
            " AND instr(word, :part) LIMIT :most"
        )
        params |= {"match": f'"{part}"', "part": part}
    found = set(conn.scalars(query, params).all())
    return None if len(found) > most else sorted(found)


def forget_words(conn: Connection, found: Collection[str]) -> None:
    """Forget those of some words that are in no message of the index any more.

    Names stay. Messages that wait bring theirs again when they are taken in.
    """
    unused = f"NOT people AND NOT EXISTS ({IS_USED[conn.dialect.name]})"
    gone = 0
    for some in chunks(found, CHUNK):
        which = (word.c.word.in_(some), text(unused))
        gone += conn.execute(delete(word).where(*which)).rowcount
    if gone:
        times = [(FORGOTTEN, _times_forgotten(conn) + 1)]
        more = "ON CONFLICT (name) DO UPDATE SET upto = excluded.upto"
        insert_rows(conn, index_mark, ("name", "upto"), times, more)


def _times_forgotten(conn: Connection) -> int:
    query = select(index_mark.c.upto).where(index_mark.c.name == FORGOTTEN)
    return conn.scalar(query) or 0


def _held(conn: Connection, wanted: Collection[str]) -> dict[str, bool]:
    found: dict[str, bool] = {}
    for some in chunks(wanted, CHUNK):
        rows = conn.execute(
            select(word.c.word, word.c.people).where(word.c.word.in_(some))
        )
        found.update({row[0]: bool(row[1]) for row in rows})
    return found
