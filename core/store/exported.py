"""What goes into an export of messages, and where to fetch the chosen ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Connection, case, func, select

from core.positions import key_of
from core.store import pages
from core.store.frames import frame
from core.store.instants import from_ms
from core.store.schema import folder, message, placement
from core.store.search_tables import listing


class Place(NamedTuple):
    """Where a message lies: the UID holds under this UIDVALIDITY (RFC 9051 §2.3.1)."""

    folder: str
    uidvalidity: int
    uid: int


def rows(conn: Connection, positions: list[int]) -> pd.DataFrame:
    """Give what an export has of messages, in this order.

    The columns of `pages.rows`, and received_at, written_at, header_message_id.
    """
    m = message.c
    found = pages.rows(conn, positions)
    query = select(
        m.id, m.received_at, m.written_at, m.message_id.label("header_message_id")
    ).where(m.id.in_([key_of(one)[1] for one in positions]))
    more = frame(conn, query).rename(columns={"id": "message_id"})
    return found.merge(more, on="message_id", how="left", validate="one_to_one")


def places(conn: Connection, integration_id: int, message_id: int) -> list[Place]:
    """Give every place where a message of an integration lies now."""
    f, p = folder.c, placement.c
    query = (
        select(f.name, f.uidvalidity, p.uid)
        .join(placement, p.folder_id == f.id)
        .where(
            p.message_id == message_id,
            f.integration_id == integration_id,
            p.generation == f.generation,
            f.missing_since.is_(None),
        )
        .order_by(f.id, p.uid)
    )
    return [Place(*row) for row in conn.execute(query)]


def chosen(
    conn: Connection, integration_ids: Sequence[int], message_ids: Sequence[int]
) -> list[tuple[int, int]]:
    """Give integration and id of those messages that are of these integrations.

    Mailbox by mailbox, each oldest first.
    """
    m = message.c
    query = select(m.integration_id, m.id).where(
        m.integration_id.in_(integration_ids), m.id.in_(message_ids)
    )
    rows = conn.execute(query.order_by(m.integration_id, m.at, m.id))
    return [(row[0], row[1]) for row in rows]


def threads(conn: Connection, integration_ids: Sequence[int]) -> pd.DataFrame:
    """Give one row per conversation: how many messages, from when to when."""
    c = listing.c
    query = (
        select(
            c.integration_id,
            c.thread,
            func.count().label("messages"),
            func.min(c.position).label("first_at"),
            func.max(c.position).label("last_at"),
            func.sum(case((c.direction == "sent", 1), else_=0)).label("sent"),
        )
        .where(c.integration_id.in_(integration_ids))
        .group_by(c.integration_id, c.thread)
        .order_by(c.integration_id, func.max(c.position).desc())
    )
    found = frame(conn, query)
    found["received"] = found["messages"] - found["sent"]
    for name in ("first_at", "last_at"):
        found[name] = [from_ms(key_of(int(one))[0]) for one in found[name]]
    return found


def subject(conn: Connection, message_id: int) -> str:
    """Give the subject of a message; empty where none is held."""
    m = message.c
    return conn.scalar(select(m.subject).where(m.id == message_id)) or ""
