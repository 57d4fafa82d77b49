"""Conversations as they are kept: which messages are of one, and whom they answer."""

from __future__ import annotations

from typing import NamedTuple

from sqlalchemy import Connection, func, select

from core.positions import position_of
from core.store.instants import to_ms
from core.store.schema import message
from core.store.search_tables import listing
from core.store.threads import ID


class Headers(NamedTuple):
    """What joins a message to others (RFC 5322 §3.6.4), each as it names it."""

    own: str
    answers: tuple[str, ...]  # In-Reply-To
    references: tuple[str, ...]  # the nearest one last


def current(conn: Connection, integration_id: int, thread: int) -> int:
    """Give what a conversation is called now: it may have been joined to another.

    A conversation is called by the id of a message that was of it when it began.
    """
    c = message.c
    at = conn.scalar(
        select(c.at).where(c.id == thread, c.integration_id == integration_id)
    )
    if at is None:
        return thread
    position = position_of(to_ms(at), thread)
    query = select(listing.c.thread).where(listing.c.position == position)
    return conn.scalar(query) or thread


def positions(
    conn: Connection, integration_id: int, thread: int, most: int
) -> tuple[list[int], int]:
    """Give the first positions of a conversation, oldest first, and how many it has."""
    c = listing.c
    here = (c.integration_id == integration_id, c.thread == thread)
    first = select(c.position).where(*here).order_by(c.position).limit(most)
    counted = select(func.count()).select_from(listing).where(*here)
    return list(conn.scalars(first)), conn.scalar(counted) or 0


def headers(conn: Connection, message_ids: list[int]) -> dict[int, Headers]:
    """Give what joins messages to others, by the id of each."""
    c = message.c
    query = select(c.id, c.message_id, c.in_reply_to, c.refs).where(
        c.id.in_(message_ids)
    )
    return {
        row[0]: Headers(
            (ID.findall(row[1]) or [row[1].strip()])[0],
            tuple(ID.findall(row[2])),
            tuple(ID.findall(row[3])),
        )
        for row in conn.execute(query)
    }
