"""Conversations: messages joined by In-Reply-To and References, never by subject.

METRICS, "conversations". Each Message-ID that was seen or named is a link to one
conversation; a message that names two of them joins them. Links are by hash: 64 bits,
of which a mailbox of ten million messages has two equal ones once in 300,000.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b
from typing import NamedTuple

from sqlalchemy import Connection, select, update

from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.search_tables import listing, thread_link

ID = re.compile(r"<[^<>\s]+>")
NAMED_MOST = 100  # of the References of one message: the first, and the last ones


class Letter(NamedTuple):
    """What joins a message to others: hashes of its Message-ID, of those it names."""

    id: int
    own: int  # 0: it has no Message-ID
    named: tuple[int, ...]


class Joined(NamedTuple):
    """Which conversation a message is of; is it part of one, and was it answered."""

    thread: int
    threaded: bool
    replied: bool


def letter(message_id: int, own: str, in_reply_to: str, references: str) -> Letter:
    """Read the three headers as they are stored (RFC 5322 §3.6.4)."""
    own = (ID.findall(own) or [own.strip()])[0]
    named = dict.fromkeys(ID.findall(f"{references} {in_reply_to}"))
    named.pop(own, None)
    some = list(named)
    if len(some) > NAMED_MOST:
        some = [some[0], *some[1 - NAMED_MOST :]]
    return Letter(
        message_id, header_hash(own) if own else 0, tuple(map(header_hash, some))
    )


def join(
    conn: Connection, integration_id: int, letters: Sequence[Letter]
) -> dict[int, Joined]:
    """Find the conversation of each message, by id, and write what they join.

    The messages themselves are not in the listing yet; what is there of others is
    changed: they may be of another conversation now, or be answered.
    """
    links = _Links(conn, integration_id, letters)
    threads = {one.id: links.thread_of(one) for one in letters}
    answered = links.answered()
    links.write()
    _mark_answered(conn, integration_id, answered)
    return {
        one.id: Joined(
            links.root(threads[one.id]),
            bool(one.named) or links.is_answered(one.own),
            links.is_answered(one.own),
        )
        for one in letters
    }


class _Links:
    """The links of one mailbox that some messages touch."""

    def __init__(
        self, conn: Connection, integration_id: int, letters: Iterable[Letter]
    ) -> None:
        self._conn, self._integration_id = conn, integration_id
        wanted = {h for one in letters for h in (one.own, *one.named) if h}
        self._before = _read(conn, integration_id, wanted)
        self._threads = {h: link[0] for h, link in self._before.items()}
        self._replied = {h for h, link in self._before.items() if link[1]}
        self._newly_replied: set[int] = set()
        self._into: dict[int, int] = {}  # a conversation that was joined to another

    def root(self, thread: int) -> int:
        """Give the conversation that this one was joined to, or itself."""
        while thread in self._into:
            thread = self._into[thread]
        return thread

    def thread_of(self, one: Letter) -> int:
        hashes = [h for h in (one.own, *one.named) if h]
        found = {self.root(self._threads[h]) for h in hashes if h in self._threads}
        thread = min(found, default=one.id)
        for other in found - {thread}:
            self._into[other] = thread
        for h in hashes:
            self._threads[h] = thread
        self._newly_replied.update(set(one.named) - self._replied)
        return thread

    def answered(self) -> set[int]:
        """Give the Message-IDs of which it was not known that they were answered."""
        return self._newly_replied

    def is_answered(self, own: int) -> bool:
        return own in self._replied or own in self._newly_replied

    def write(self) -> None:
        for old in self._into:
            new = self.root(old)
            for table in (thread_link, listing):
                c = table.c
                here = (c.integration_id == self._integration_id, c.thread == old)
                self._conn.execute(update(table).where(*here).values(thread=new))
        rows = [
            (self._integration_id, h, self.root(thread), self.is_answered(h))
            for h, thread in self._threads.items()
            if self._before.get(h) != (self.root(thread), self.is_answered(h))
        ]
        insert_rows(
            self._conn,
            thread_link,
            [c.name for c in thread_link.columns],
            rows,
            "ON CONFLICT (integration_id, hash) DO UPDATE SET"
            " thread = excluded.thread, replied = excluded.replied",
        )


def _mark_answered(
    conn: Connection, integration_id: int, hashes: Collection[int]
) -> None:
    c = listing.c
    for some in chunks(hashes, CHUNK):
        here = (c.integration_id == integration_id, c.header_hash.in_(some))
        conn.execute(update(listing).where(*here).values(replied=True, threaded=True))


def _read(
    conn: Connection, integration_id: int, hashes: Collection[int]
) -> dict[int, tuple[int, bool]]:
    c = thread_link.c
    found: dict[int, tuple[int, bool]] = {}
    query = select(c.hash, c.thread, c.replied).where(
        c.integration_id == integration_id
    )
    for some in chunks(hashes, CHUNK):
        rows = conn.execute(query.where(c.hash.in_(some)))
        found.update({row[0]: (row[1], bool(row[2])) for row in rows})
    return found


def header_hash(message_id: str) -> int:
    """Give 64 bits of a Message-ID, never 0."""
    digest = blake2b(message_id.encode("utf-8", "replace"), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True) or 1
