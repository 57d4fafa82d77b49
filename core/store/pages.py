"""Pages of messages, newest first, found by key: never by counting rows off."""

from __future__ import annotations

from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    exists,
    func,
    select,
    tuple_,
    type_coerce,
)

from core.store.frames import frame
from core.store.placements import stays
from core.store.schema import folder, message, placement
from core.text import fold

COUNT_MOST = 10_000


class Key(NamedTuple):
    """The place of a row: its time in milliseconds, and its message's id."""

    at_ms: int
    message_id: int


def page(
    conn: Connection,
    integration_id: int,
    folder_id: int | None,
    search: str,
    *,
    before: Key | None = None,
    after: Key | None = None,
    size: int,
) -> pd.DataFrame:
    """Give up to `size` messages older than `before` or newer than `after`.

    message_id, at, direction, kind, from_name, from_address, recipients, subject,
    size_bytes, attachment, unread, folders (titles, comma-separated); newest first.
    """
    query = _chosen(integration_id, folder_id, search)
    key = tuple_(type_coerce(message.c.at, BigInteger), message.c.id)
    order = (message.c.at.desc(), message.c.id.desc())
    if before is not None:
        query = query.where(key < tuple_(*before))
    if after is not None:
        query = query.where(key > tuple_(*after))
        order = (message.c.at.asc(), message.c.id.asc())
    found = frame(conn, query.order_by(*order).limit(size))
    if after is not None:
        found = found.iloc[::-1].reset_index(drop=True)
    return _with_places(conn, found)


def count(
    conn: Connection, integration_id: int, folder_id: int | None, search: str
) -> int:
    """Count the messages, exactly up to 10,000; 10,001 means more."""
    some = _chosen(integration_id, folder_id, search).limit(COUNT_MOST + 1).subquery()
    return conn.scalar(select(func.count()).select_from(some)) or 0


def one(conn: Connection, message_id: int) -> pd.DataFrame:
    """Give one message with every column, and the folders it lies in."""
    found = frame(conn, select(message).where(message.c.id == message_id))
    names = {"message_id": "header_message_id", "id": "message_id"}
    return _with_places(conn, found.rename(columns=names))


def _chosen(integration_id: int, folder_id: int | None, search: str) -> Select[Any]:
    m = message.c
    query = select(
        m.id.label("message_id"), m.at, m.direction, m.kind, m.from_name,
        m.from_address, m.recipients, m.subject, m.size_bytes, m.attachment,
    )  # fmt: skip
    here = _lies(integration_id, folder_id)
    query = query.where(m.integration_id == integration_id, here)
    for word in fold(search).split():
        query = query.where(m.search.contains(word, autoescape=True))
    return query


def _lies(integration_id: int, folder_id: int | None) -> Any:
    """Tell that a message lies in a folder now, or in any that is there."""
    here = (
        select(placement.c.uid)
        .join(folder, folder.c.id == placement.c.folder_id)
        .where(
            placement.c.message_id == message.c.id,
            placement.c.generation == folder.c.generation,
            folder.c.integration_id == integration_id,
            folder.c.missing_since.is_(None),
            stays(),
        )
    )
    if folder_id is not None:
        here = here.where(folder.c.id == folder_id)
    return exists(here)


def _with_places(conn: Connection, found: pd.DataFrame) -> pd.DataFrame:
    ids = [int(i) for i in found["message_id"]]
    rows = conn.execute(
        select(placement.c.message_id, folder.c.title, placement.c.flags)
        .join(folder, folder.c.id == placement.c.folder_id)
        .where(
            placement.c.message_id.in_(ids),
            placement.c.generation == folder.c.generation,
            folder.c.missing_since.is_(None),
            stays(),
        )
        .order_by(folder.c.id)
    ).all()
    titles: dict[int, list[str]] = {}
    unread: dict[int, bool] = {}
    for message_id, title, flags in rows:
        titles.setdefault(message_id, []).append(title)
        unread[message_id] = unread.get(message_id, False) or not flags & 1
    found["folders"] = [", ".join(dict.fromkeys(titles.get(i, ()))) for i in ids]
    found["unread"] = [unread.get(i, False) for i in ids]
    return found
