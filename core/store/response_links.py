"""Who names a message as answered: the first of each direction, by its Message-ID.

Messages come in any order, and answers before what they answer: so every Message-ID
that is named keeps its first namer, should it be asked for later.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import NamedTuple

from sqlalchemy import BigInteger, Connection, delete, select, tuple_, type_coerce

from core.positions import position_of
from core.store import facts, marks
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.counted import Fact
from core.store.counting_tables import answer_link
from core.store.schema import message
from core.store.search_tables import listing, thread_link, unlisted

A = answer_link.c
COLUMNS = tuple(column.name for column in answer_link.columns)
UPSERT = (
    "ON CONFLICT (integration_id, hash, direction) DO UPDATE SET"
    " at_ms = excluded.at_ms, message_id = excluded.message_id"
)
AT_ONCE = 400  # keys of one question
UNASKED = {"automatic", "bounce", "receipt"}  # kinds that no person wrote


class Named(NamedTuple):
    """A Message-ID, by its hash, and the direction of who names it."""

    hash: int
    direction: str


class Link(NamedTuple):
    """The message that names it; the first in time, then by id."""

    at_ms: int
    message_id: int


Links = dict[Named, Link]


def is_answer(fact: Fact) -> bool:
    """Tell whether a message may answer others.

    Ours is sent, and theirs is a person's; neither is a draft, junk, or written by a
    machine.
    """
    if fact.aside in {"drafts", "junk"}:
        return False
    if fact.direction == "sent":
        return fact.kind not in UNASKED
    return fact.kind == "person"


def names(fact: Fact) -> list[Named]:
    """Give what a message names, if it may answer it."""
    if not is_answer(fact):
        return []
    return [Named(one, fact.direction) for one in fact.named]


def merge(links: Links, some: Iterable[Fact]) -> None:
    """Let messages name what they name; the first one of each stays."""
    for fact in some:
        new = Link(fact.at_ms, fact.id)
        for one in names(fact):
            links[one] = min(links.get(one, new), new)


def read(conn: Connection, integration_id: int, hashes: Collection[int]) -> Links:
    """Give the links of Message-IDs, of both directions."""
    query = select(A.hash, A.direction, A.at_ms, A.message_id)
    mine = query.where(A.integration_id == integration_id)
    return {
        Named(row[0], row[1]): Link(row[2], row[3])
        for some in chunks(hashes, CHUNK)
        for row in conn.execute(mine.where(A.hash.in_(some)))
    }


def every(conn: Connection, integration_id: int) -> Links:
    """Give all links of a mailbox."""
    query = select(A.hash, A.direction, A.at_ms, A.message_id)
    rows = conn.execute(query.where(A.integration_id == integration_id))
    return {Named(row[0], row[1]): Link(row[2], row[3]) for row in rows}


def write(
    conn: Connection, integration_id: int, right: Mapping[Named, Link], held: Links
) -> set[Named]:
    """Write links as they are to be; give those that were otherwise."""
    changed = {one: link for one, link in right.items() if held.get(one) != link}
    gone = [one for one in held if one not in right]
    rows = [(integration_id, *one, *link) for one, link in changed.items()]
    insert_rows(conn, answer_link, COLUMNS, rows, UPSERT)
    for some in chunks(gone, AT_ONCE):
        key = tuple_(A.hash, A.direction).in_(some)
        mine = A.integration_id == integration_id
        conn.execute(delete(answer_link).where(mine, key))
    return {*changed, *gone}


def found_anew(
    conn: Connection,
    integration_id: int,
    wanted: Collection[Named],
    without: Collection[int],
) -> Links:
    """Find the first namers among the messages that are counted, but for some."""
    out: Links = {}
    merge(out, _namers(conn, integration_id, {one.hash for one in wanted}, without))
    return {one: out[one] for one in wanted if one in out}


def _namers(
    conn: Connection,
    integration_id: int,
    hashes: Collection[int],
    without: Collection[int],
) -> list[Fact]:
    """Give the messages that may name some: those of their conversations.

    One that waits to be taken in again is in no conversation now, and is counted as it
    was before.
    """
    before = {
        id_: was
        for id_, was in _waiting(conn, integration_id).items()
        if id_ not in without
    }
    inside = _in_threads(conn, integration_id, hashes)
    ids = {one for one in (*inside, *before) if one not in without}
    done, until = marks.counted(conn)
    counted = [one for one in ids if not done < one <= until]
    return [
        fact._replace(**before[fact.id]) if fact.id in before else fact
        for fact in facts.by_ids(conn, counted)
    ]


def _in_threads(
    conn: Connection, integration_id: int, hashes: Collection[int]
) -> set[int]:
    t, c = thread_link.c, listing.c
    out: set[int] = set()
    for some in chunks(hashes, CHUNK):
        threads = select(t.thread).where(
            t.integration_id == integration_id, t.hash.in_(some)
        )
        inside = (c.integration_id == integration_id, c.thread.in_(threads))
        out.update(conn.scalars(select(c.message_id).where(*inside)))
    return out


def _waiting(conn: Connection, integration_id: int) -> dict[int, dict[str, object]]:
    """Give what was counted of messages that are out of the listing for now."""
    u, m = unlisted.c, message.c
    at, was_at = type_coerce(m.at, BigInteger), type_coerce(u.was_at, BigInteger)
    query = (
        select(m.id, at, was_at, u.was_direction, u.was_kind, u.was_aside)
        .join(unlisted, u.message_id == m.id)
        .where(m.integration_id == integration_id, u.was_at.is_not(None))
    )
    rows = {position_of(row[1], row[0]): row for row in conn.execute(query)}
    listed: set[int] = set()
    for some in chunks(rows, CHUNK):
        there = select(listing.c.position).where(listing.c.position.in_(some))
        listed.update(conn.scalars(there))
    words = ("at_ms", "direction", "kind", "aside")
    return {
        row[0]: dict(zip(words, row[2:], strict=True))
        for position, row in rows.items()
        if position not in listed
    }
