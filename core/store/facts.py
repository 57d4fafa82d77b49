"""Messages as they are counted, read again: by id, or of a mailbox in time."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import BigInteger, Connection, Select, select, tuple_, type_coerce

from core.store import threads
from core.store.bulk import CHUNK, chunks
from core.store.counted import Fact
from core.store.schema import message

M = message.c
AT = type_coerce(M.at, BigInteger)
COLUMNS = (
    M.id, M.integration_id, AT.label("at_ms"), M.direction, M.kind, M.aside,
    M.size_bytes, M.from_address, M.recipients, M.copied, M.message_id, M.in_reply_to,
    M.refs,
)  # fmt: skip
BATCH = 2_000


def by_id(conn: Connection, after: int, upto: int, most: int) -> list[Fact]:
    """Give messages of all mailboxes with ids after one, in their order."""
    query = select(*COLUMNS).where(M.id > after, M.id <= upto)
    return _read(conn, query.order_by(M.id).limit(most))


def by_ids(conn: Connection, ids: Collection[int]) -> Iterator[Fact]:
    """Give some messages."""
    for some in chunks(ids, CHUNK):
        yield from _read(conn, select(*COLUMNS).where(M.id.in_(some)))


def in_time(conn: Connection, integration_id: int) -> Iterator[Fact]:
    """Walk through the messages of a mailbox from the oldest on, some at a time."""
    mine = select(*COLUMNS).where(M.integration_id == integration_id)
    query = mine.order_by(M.at, M.id).limit(BATCH)
    some = _read(conn, query)
    while some:
        yield from some
        last = some[-1]
        after = tuple_(M.at, M.id) > tuple_(last.at_ms, last.id)
        some = _read(conn, query.where(after)) if len(some) == BATCH else []


def _read(conn: Connection, query: Select[Any]) -> list[Fact]:
    return [_fact(row) for row in conn.execute(query)]


def _fact(row: Any) -> Fact:
    *plain, own, in_reply_to, refs = row
    letter = threads.letter(row.id, own, in_reply_to, refs)
    return Fact._make((*plain, letter.own, letter.named))
