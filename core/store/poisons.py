"""Messages that could not be read: set aside with the reason, and counted."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.model import Poison
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.instants import to_ms
from core.store.schema import poison


def set_aside(
    conn: Connection,
    folder_id: int,
    generation: int,
    bad: Iterable[Poison],
    now: datetime,
) -> None:
    """Remember messages that could not be read, with the reason."""
    insert_rows(
        conn,
        poison,
        [c.name for c in poison.columns],
        [(folder_id, generation, p.uid, p.reason, to_ms(now)) for p in bad],
        "ON CONFLICT (folder_id, generation, uid) DO UPDATE SET"
        " reason = excluded.reason, at = excluded.at",
    )


def poisoned(
    conn: Connection, folder_id: int, generation: int, before: datetime | None = None
) -> set[int]:
    """Give the UIDs that could not be read in a folder; only those of before."""
    query = select(poison.c.uid).where(
        poison.c.folder_id == folder_id, poison.c.generation == generation
    )
    if before is not None:
        query = query.where(poison.c.at < before)
    return set(conn.scalars(query))


def unpoison(
    conn: Connection, folder_id: int, generation: int, uids: Collection[int]
) -> None:
    """Forget poisoned UIDs: they were read at last, or are gone."""
    for some in chunks(uids, CHUNK):
        conn.execute(
            delete(poison).where(
                poison.c.folder_id == folder_id,
                poison.c.generation == generation,
                poison.c.uid.in_(some),
            )
        )
