"""Find words: FTS5 in SQLite, tsvector in PostgreSQL, by whole words of the vocabulary.

A word that is looked for in the middle of names, or as a beginning, becomes the words
that have it: their lists come in the order of time and are read only as far as needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection

from core.store import vocabulary
from core.store.indexing import domain_mark, integration_mark
from core.terms import ANYWHERE_LEAST, Term, Where

PEOPLE = {
    Where.ANY: ("sender", "recipients"),
    Where.SENDER: ("sender",),
    Where.RECIPIENTS: ("recipients",),
}
WORDS_MOST = 500  # in the place of a part of one
ENDS_MOST = 8  # of words that stand together
BEGINNING = 3  # letters of the longest beginnings that SQLite keeps an index of
LETTERS = {"subject": "A", "sender": "B", "recipients": "C", "marks": "D"}


class Matching(NamedTuple):
    """What is looked for in the language of the database; empty: nothing there is.

    `exact`: what it finds is what was looked for; else it is among what it finds.
    `rough`: what finds all of it, and more, in less time; empty: nothing does.
    """

    query: str
    exact: bool
    rough: str = ""


def query(
    conn: Connection, terms: Sequence[Term], integrations: Sequence[int] | None
) -> Matching | None:
    """Write what is looked for; None: no message of the index has it.

    `integrations`: only of these; None: of all.
    """
    tongue = _Fts5() if conn.dialect.name == "sqlite" else _Tsquery()
    parts, rough = [], []
    exact = True
    for term in sorted(terms, key=lambda one: not one.wanted):
        found = _term(conn, tongue, term)
        if found is None and term.wanted:
            return None
        if found is None:
            continue
        exact = exact and found.exact
        if term.wanted and found.query:
            parts.append(found.query)
            rough.append(found.rough or found.query)
        elif found.exact and parts:
            parts.append(tongue.negative(found.query))
        elif found.query:
            exact = False
    if parts and integrations is not None:
        marks = [tongue.word(integration_mark(one)) for one in integrations]
        of_them = tongue.within(("marks",), tongue.any_of(marks))
        parts.append(of_them)
        rough.append(of_them)
    if not parts:
        return Matching("", exact)
    return Matching(tongue.all_of(parts), exact, tongue.all_of(rough))


ANYTHING = Matching("", exact=False)  # too many words: each message is looked at


def _term(conn: Connection, tongue: _Fts5 | _Tsquery, term: Term) -> Matching | None:
    if not term.words or not term.words[0]:
        return None
    if term.where is Where.DOMAIN:
        mark = tongue.word(domain_mark(term.words[0]))
        return Matching(tongue.within(("marks",), mark), exact=True)
    people = PEOPLE.get(term.where, ())
    subject = ("subject",) if term.where in {Where.ANY, Where.SUBJECT} else ()
    if len(term.words) > 1:
        return _phrase(conn, tongue, term, (*subject, *people))
    found: list[tuple[tuple[str, ...], Matching | None]] = []
    if subject:
        found.append((subject, _begun(conn, tongue, term)))
    if people:
        found.append((people, _held(conn, tongue, term)))
    parts = [(columns, one) for columns, one in found if one is not None]
    if not parts:
        return None
    if not all(one.query for _, one in parts):
        return ANYTHING
    within = [tongue.within(columns, one.query) for columns, one in parts]
    return Matching(tongue.any_of(within), all(one.exact for _, one in parts))


def _begun(conn: Connection, tongue: _Fts5 | _Tsquery, term: Term) -> Matching | None:
    """Look for a word, or for those that begin with it."""
    (word,) = term.words
    if term.whole:
        return Matching(tongue.word(word), exact=True)
    return _beginning(conn, tongue, word)


def _beginning(
    conn: Connection, tongue: _Fts5 | _Tsquery, word: str
) -> Matching | None:
    if not isinstance(tongue, _Fts5):
        return Matching(tongue.beginning(word), exact=True)
    words = vocabulary.beginning_with(conn, word, WORDS_MOST)
    if words is None:  # SQLite has an index of beginnings, as long as these
        short = word[:BEGINNING]
        return Matching(tongue.beginning(short), exact=short == word)
    return _one_of(tongue, words)


def _held(conn: Connection, tongue: _Fts5 | _Tsquery, term: Term) -> Matching | None:
    """Look for a word, or for those that have it anywhere."""
    (word,) = term.words
    if term.whole or len(word) < ANYWHERE_LEAST:
        return _begun(conn, tongue, term)
    words = vocabulary.holding(conn, word, WORDS_MOST)
    if words is None:
        return ANYTHING
    if isinstance(tongue, _Fts5):
        return _one_of(tongue, words)
    others = [one for one in words if not one.startswith(word)]
    parts = [tongue.word(one) for one in others]
    if len(others) < len(words):  # not a word of a long list after the other
        parts = [tongue.beginning(word), *parts]
    return Matching(tongue.any_of(parts), exact=True) if parts else None


def _one_of(tongue: _Fts5 | _Tsquery, words: Sequence[str]) -> Matching | None:
    if not words:
        return None
    return Matching(tongue.any_of(list(map(tongue.word, words))), exact=True)


def _phrase(
    conn: Connection, tongue: _Fts5 | _Tsquery, term: Term, columns: Sequence[str]
) -> Matching | None:
    """Look for words one after the other; the last may be a beginning.

    Parts of a tsvector stand far apart: no phrase goes over from one to another.
    """
    *first, last = term.words
    if not isinstance(tongue, _Fts5):
        found = tongue.phrase(term.words, columns, begun=not term.whole)
        whole = term.words if term.whole else first
        every = tongue.all_of([tongue.word(one) for one in whole])
        rough = tongue.within(columns, every)
        return Matching(f"{rough} & ({found})", exact=True, rough=rough)
    ends: Sequence[str] | None = [last]
    if not term.whole:
        ends = vocabulary.beginning_with(conn, last, ENDS_MOST)
    if ends is None:
        return Matching(tongue.phrase(first, columns), exact=False)
    phrases = [tongue.phrase((*first, end), columns) for end in ends]
    return Matching(tongue.any_of(phrases), exact=True) if phrases else None


class _Fts5:
    """Write for FTS5: https://sqlite.org/fts5.html#full_text_query_syntax."""

    def word(self, word: str) -> str:
        return f'"{word}"'

    def beginning(self, word: str) -> str:
        return f'"{word}" *'

    def phrase(self, words: Sequence[str], columns: Sequence[str]) -> str:
        return self.within(columns, f'"{" ".join(words)}"')

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
        self, words: Sequence[str], columns: Sequence[str], *, begun: bool
    ) -> str:
        *first, last = words
        end = self.beginning(last) if begun else self.word(last)
        # Each column by itself: letters are of words, not of phrases.
        each = " <-> ".join([*map(self.word, first), end])
        return self.any_of([self.within((column,), each) for column in columns])

    def within(self, columns: Sequence[str], what: str) -> str:
        letters = "".join(LETTERS[column] for column in columns)
        return f"({what.replace('@', letters)})"

    def any_of(self, parts: Sequence[str]) -> str:
        return " | ".join(parts)

    def all_of(self, parts: Sequence[str]) -> str:
        # The first that a message has not is the last that is looked for in it.
        quick = sorted(parts, key=lambda part: (part.startswith("!"), len(part)))
        return " & ".join(f"({part})" for part in quick)

    def negative(self, part: str) -> str:
        return f"!({part})"
