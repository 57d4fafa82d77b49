"""Find words: FTS5 in SQLite, tsvector in PostgreSQL, by whole words of the vocabulary.

A word that is looked for in the middle of names, or as a beginning, becomes the words
that have it: their lists come in the order of time and are read only as far as needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import Connection, text

from core.store import vocabulary
from core.store.indexing import domain_mark, integration_mark
from core.terms import ANYWHERE_LEAST, Term, Where

if TYPE_CHECKING:
    from core.store.walks import Reach

PEOPLE = {
    Where.ANY: ("sender", "recipients"),
    Where.SENDER: ("sender",),
    Where.RECIPIENTS: ("recipients",),
}
LETTERS = {"subject": "A", "sender": "B", "recipients": "C", "marks": "D"}


def query(
    conn: Connection, terms: Sequence[Term], integrations: Sequence[int] | None
) -> str | None:
    """Write what is looked for in the language of the database; None: nothing has it.

    `integrations`: only of these; None: of all.
    """
    tongue = _Fts5() if conn.dialect.name == "sqlite" else _Tsquery()
    parts = []
    if integrations is not None:
        marks = [tongue.word(integration_mark(one)) for one in integrations]
        parts.append(tongue.within(("marks",), tongue.any_of(marks)))
    for term in terms:
        if term.wanted:
            found = _term(conn, tongue, term)
            if found is None:
                return None
            parts.append(found)
    others = [_term(conn, tongue, term) for term in terms if not term.wanted]
    parts.extend(tongue.negative(found) for found in others if found is not None)
    return tongue.all_of(parts)


def walk(conn: Connection, asked: str, reach: Reach, most: int) -> list[int]:
    """Give up to so many positions within a reach, in its order."""
    order = "DESC" if reach.newest else "ASC"
    column, condition = "position", "words @@ CAST(:asked AS tsquery)"
    if conn.dialect.name == "sqlite":
        column, condition = "rowid", "message_words MATCH :asked"
    statement = text(
        f"SELECT {column} FROM message_words WHERE {condition}"  # noqa: S608 - ours
        f" AND {column} > :low AND {column} < :high"
        f" ORDER BY {column} {order} LIMIT :most"
    )
    params = {"asked": asked, "low": reach.low, "high": reach.high, "most": most}
    return list(conn.scalars(statement, params))


def _term(conn: Connection, tongue: _Fts5 | _Tsquery, term: Term) -> str | None:
    if not term.words or not term.words[0]:
        return None
    if term.where is Where.DOMAIN:
        return tongue.within(("marks",), tongue.word(domain_mark(term.words[0])))
    people = PEOPLE.get(term.where, ())
    subject = term.where in {Where.ANY, Where.SUBJECT}
    if len(term.words) > 1:
        return _phrase(tongue, term, (*(("subject",) if subject else ()), *people))
    (word,) = term.words
    found = []
    if subject and (begun := _begun(conn, tongue, term, word)):
        found.append(tongue.within(("subject",), begun))
    if people and (held := _held(conn, tongue, term, word)):
        found.append(tongue.within(people, held))
    return tongue.any_of(found) if found else None


def _begun(
    conn: Connection, tongue: _Fts5 | _Tsquery, term: Term, word: str
) -> str | None:
    if term.whole:
        return tongue.word(word)
    words = vocabulary.beginning_with(conn, word)
    if words is None:
        return tongue.beginning(word)
    return tongue.any_of(list(map(tongue.word, words))) if words else None


def _held(
    conn: Connection, tongue: _Fts5 | _Tsquery, term: Term, word: str
) -> str | None:
    if term.whole or len(word) < ANYWHERE_LEAST:
        return _begun(conn, tongue, term, word)
    words = vocabulary.holding(conn, word)
    return tongue.any_of(list(map(tongue.word, words))) if words else None


def _phrase(tongue: _Fts5 | _Tsquery, term: Term, columns: Sequence[str]) -> str:
    # Parts of a tsvector stand far apart: no phrase goes over from one to another.
    return tongue.phrase(term.words, whole=term.whole, columns=columns)


class _Fts5:
    """Write for FTS5: https://sqlite.org/fts5.html#full_text_query_syntax."""

    def word(self, word: str) -> str:
        return f'"{word}"'

    def beginning(self, word: str) -> str:
        return f'"{word}" *'

    def phrase(
        self, words: Sequence[str], *, whole: bool, columns: Sequence[str]
    ) -> str:
        return self.within(columns, f'"{" ".join(words)}"{"" if whole else " *"}')

    def within(self, columns: Sequence[str], what: str) -> str:
        return f"({{{' '.join(columns)}}} : ({what}))"

    def any_of(self, parts: Sequence[str]) -> str:
        return " OR ".join(parts)

    def all_of(self, parts: Sequence[str]) -> str:
        wanted = [part for part in parts if not part.startswith("NOT ")]
        others = [part for part in parts if part.startswith("NOT ")]
        return " ".join([f"({' AND '.join(f'({part})' for part in wanted)})", *others])

    def negative(self, part: str) -> str:
        return f"NOT ({part})"


class _Tsquery:
    """Write a tsquery: postgresql.org/docs/15/datatype-textsearch.html."""

    def word(self, word: str) -> str:
        return f"'{word}':@"  # @: the letters of columns, see `within`

    def beginning(self, word: str) -> str:
        return f"'{word}':*@"

    def phrase(
        self, words: Sequence[str], *, whole: bool, columns: Sequence[str]
    ) -> str:
        *first, last = words
        end = self.word(last) if whole else self.beginning(last)
        # Each column by itself: letters are of words, not of phrases.
        each = " <-> ".join([*map(self.word, first), end])
        return self.any_of([self.within((column,), each) for column in columns])

    def within(self, columns: Sequence[str], what: str) -> str:
        letters = "".join(LETTERS[column] for column in columns)
        return f"({what.replace('@', letters)})"

    def any_of(self, parts: Sequence[str]) -> str:
        return " | ".join(parts)

    def all_of(self, parts: Sequence[str]) -> str:
        return " & ".join(f"({part})" for part in parts)

    def negative(self, part: str) -> str:
        return f"!({part})"
