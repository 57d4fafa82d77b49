"""Take messages into the index: the listing, their words, their conversations.

A sync does not wait for it: what it wrote is taken in by the worker within a second or
two, and until then a search looks through it word by word (`core.store.fresh`). On
SQLite, whose writers come one after the other, ids grow as they are written: so a mark
tells what was taken in. On PostgreSQL each message waits by its id. What is about to
change is taken out (`unlist`), and waits as well.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, delete, func, select, text, type_coerce

from core.positions import position_of
from core.store import counting, locks, marks, threads
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.counted import Fact, Was
from core.store.schema import message
from core.store.search_tables import index_mark, listing, unlisted
from core.store.threads import Joined, Letter
from core.store.vocabulary import Vocabulary
from core.terms import Texts, texts_of

BATCH = 500  # messages in one transaction: a tenth of a second
# What ends a token of FTS5 becomes a sign that does not, each its own.
IN_A_TOKEN = {n: 0x2800 + n for n in range(128) if not chr(n).isalnum()}
# PostgreSQL: where the words of each part stand, and the letter of each (its weight).
FIRST_PLACES = (("A", 1), ("B", 2_000), ("C", 4_000), ("D", 16_000))
PLACES_MOST = 16_383  # of a tsvector
M = message.c
COLUMNS = (
    M.id, M.integration_id, type_coerce(M.at, BigInteger), M.direction, M.kind,
    M.size_bytes, M.attachment, M.from_address, M.message_id, M.in_reply_to, M.refs,
    M.search, M.aside, M.recipients, M.copied,
)  # fmt: skip
LISTING = tuple(c.name for c in listing.columns)


class _Fact(NamedTuple):
    """A message as it is taken in; `at_ms` since 1970."""

    id: int
    integration_id: int
    at_ms: int
    direction: str
    kind: str
    size_bytes: int
    attachment: bool
    from_address: str
    message_id: str
    in_reply_to: str
    refs: str
    search: str
    aside: str
    recipients: str
    copied: str

    @property
    def position(self) -> int:
        return position_of(self.at_ms, self.id)


def take_in(conn: Connection, vocabulary: Vocabulary, most: int = BATCH) -> int:
    """Take in up to so many messages that wait; give how many there were."""
    locks.alone(conn, marks.LOCK)
    upto = marks.indexed(conn)
    waiting = _waiting(conn, most)
    facts = _facts(conn, M.id.in_(list(waiting))) if waiting else []
    if len(waiting) < most and upto is not None:
        query = select(*COLUMNS).where(M.id > upto).order_by(M.id)
        new = [_Fact(*row) for row in conn.execute(query.limit(most - len(waiting)))]
        facts += [one for one in new if one.id not in waiting]
        upto = new[-1].id if new else upto
    if facts:
        letters = _letters(facts)
        _write(conn, vocabulary, facts, letters)
        counting.count(conn, [_counted(one, letters[one.id]) for one in facts], waiting)
    if waiting:
        conn.execute(delete(unlisted).where(unlisted.c.message_id.in_(list(waiting))))
    if facts and upto is not None:
        insert_rows(
            conn,
            index_mark,
            ("name", "upto"),
            [(marks.MESSAGE, upto)],
            "ON CONFLICT (name) DO UPDATE SET upto = excluded.upto",
        )
    return len(facts)


def unlist(conn: Connection, ids: Collection[int]) -> None:
    """Take messages out before they change; they are taken in again as they are."""
    upto = marks.indexed(conn)
    for some in chunks(ids, CHUNK):
        facts = [
            one
            for one in _facts(conn, M.id.in_(some))
            if upto is None or one.id <= upto
        ]
        insert_rows(
            conn,
            unlisted,
            [c.name for c in unlisted.columns],
            [(f.id, f.at_ms, f.direction, f.kind, f.aside) for f in facts],
            # What is there stays. Who takes it in at this moment is waited for: then it
            # is not there any more, and is taken out after that.
            "ON CONFLICT (message_id) DO UPDATE SET message_id = excluded.message_id",
        )
        _remove(conn, facts)


def wait(conn: Connection, ids: Iterable[tuple[int]]) -> None:
    """Have messages, as rows of their ids, wait to be taken in."""
    insert_rows(conn, unlisted, ("message_id",), ids, "ON CONFLICT DO NOTHING")


def is_behind(conn: Connection) -> bool:
    """Tell whether anything waits, at the cost of a look."""
    upto = marks.indexed(conn)
    if conn.scalar(select(unlisted.c.message_id).limit(1)) is not None:
        return True
    newest = select(M.id).where(M.id > (upto or 0)).limit(1)
    return upto is not None and conn.scalar(newest) is not None


def behind(conn: Connection) -> int:
    """Count the messages that wait to be taken in."""
    upto = marks.indexed(conn)
    waiting = conn.scalar(select(func.count()).select_from(unlisted)) or 0
    if upto is None:
        return waiting
    newer = conn.scalar(select(func.count()).where(M.id > upto)) or 0
    return waiting + newer


def integration_mark(integration_id: int) -> str:
    """Give the token by which the words of a mailbox are told from others'."""
    return f"i{integration_id}"


def domain_mark(domain: str) -> str:
    """Give the token of a domain: no word has its sign."""
    return "d" + domain.translate(IN_A_TOKEN)


def _waiting(conn: Connection, most: int) -> dict[int, Was | None]:
    """Give the ids that wait, each as it was counted, if it was.

    Those that somebody changes at this moment have time until the next time.
    """
    c = unlisted.c
    was_at = type_coerce(c.was_at, BigInteger)
    query = select(c.message_id, was_at, c.was_direction, c.was_kind, c.was_aside)
    some = query.order_by(c.message_id).limit(most).with_for_update(skip_locked=True)
    rows = conn.execute(some)
    return {row[0]: None if row[1] is None else Was(*row[1:]) for row in rows}


def _facts(conn: Connection, which: Any) -> list[_Fact]:
    return [_Fact(*row) for row in conn.execute(select(*COLUMNS).where(which))]


def _letters(facts: Sequence[_Fact]) -> dict[int, Letter]:
    return {
        f.id: threads.letter(f.id, f.message_id, f.in_reply_to, f.refs) for f in facts
    }


def _counted(one: _Fact, letter: Letter) -> Fact:
    return Fact(
        one.id, one.integration_id, one.at_ms, one.direction, one.kind, one.aside,
        one.size_bytes, one.from_address, one.recipients, one.copied, letter.own,
        letter.named,
    )  # fmt: skip


def _write(
    conn: Connection,
    vocabulary: Vocabulary,
    facts: Sequence[_Fact],
    letters: Mapping[int, Letter],
) -> None:
    joined: dict[int, Joined] = {}
    for one in {fact.integration_id for fact in facts}:
        mine = [letters[f.id] for f in facts if f.integration_id == one]
        joined |= threads.join(conn, one, mine)
    insert_rows(
        conn,
        listing,
        LISTING,
        [_row(one, letters[one.id].own, joined[one.id]) for one in facts],
        # Waiting twice, by its id and beyond the mark, it may be there by now.
        "ON CONFLICT (position) DO NOTHING",
    )
    texts = {one.position: (one, texts_of(one.search)) for one in facts}
    people = {w for _, t in texts.values() for w in (*t.sender, *t.recipients)}
    found = people.union(*(t.subject for _, t in texts.values()))
    vocabulary.add(conn, sorted(found), people)
    _write_words(conn, texts)


def _row(one: _Fact, own_hash: int, joined: Joined) -> tuple[Any, ...]:
    return (
        one.position, one.integration_id, one.id, one.direction, one.kind,
        bool(one.attachment), one.size_bytes.bit_length(), one.from_address,
        own_hash, joined.thread, joined.threaded, joined.replied,
    )  # fmt: skip


def _columns(one: _Fact, found: Texts) -> tuple[tuple[str, ...], ...]:
    """Give the words of a message by column: subject, sender, recipients, marks."""
    domains = map(domain_mark, sorted(found.domains))
    own = (integration_mark(one.integration_id), *domains)
    return (found.subject, found.sender, found.recipients, own)


def _write_words(conn: Connection, texts: dict[int, tuple[_Fact, Texts]]) -> None:
    held = {at: _columns(*both) for at, both in texts.items()}
    if conn.dialect.name == "sqlite":
        conn.exec_driver_sql(
            "INSERT INTO message_words"
            " (rowid, subject, sender, recipients, marks) VALUES (?, ?, ?, ?, ?)",
            [(at, *map(" ".join, columns)) for at, columns in held.items()],
        )
        return
    conn.exec_driver_sql(  # in one statement: a row of its own costs as much again
        "INSERT INTO message_words (position, words) SELECT at, words::tsvector"
        " FROM unnest(%s::bigint[], %s::text[]) AS new (at, words)"
        " ON CONFLICT (position) DO NOTHING",
        (list(held), [_vector(columns) for columns in held.values()]),
    )


def _vector(columns: tuple[tuple[str, ...], ...]) -> str:
    """Write words as a tsvector: where each stands, and in which part."""
    return " ".join(
        f"'{word}':{min(first + at, PLACES_MOST)}{letter}"
        for (letter, first), words in zip(FIRST_PLACES, columns, strict=True)
        for at, word in enumerate(words)
    )


def _remove(conn: Connection, facts: Sequence[_Fact]) -> None:
    positions = [one.position for one in facts]
    if not positions:
        return
    there = set(
        conn.scalars(
            select(listing.c.position).where(listing.c.position.in_(positions))
        )
    )
    conn.execute(delete(listing).where(listing.c.position.in_(positions)))
    if conn.dialect.name == "sqlite":
        words = [
            (one.position, *map(" ".join, _columns(one, texts_of(one.search))))
            for one in facts
            if one.position in there
        ]
        if words:  # none: they wait since they changed before
            conn.exec_driver_sql(
                "INSERT INTO message_words"
                " (message_words, rowid, subject, sender, recipients, marks)"
                " VALUES ('delete', ?, ?, ?, ?, ?)",
                words,
            )
        return
    conn.execute(
        text("DELETE FROM message_words WHERE position = ANY(:some)"),
        {"some": positions},
    )
