"""Where messages lie: folder, UID and flags. State that follows the server."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)

from core.model import Fetched, Flags, Role
from core.store.bulk import CHUNK, chunks, insert_rows, pairs
from core.store.schema import placement, poison

UID_MAX = 2**32 - 1  # RFC 9051 §2.3.1.1
RANGES = 200  # in one query
COLUMNS = [c.name for c in placement.columns]
LIES_THERE_NOW = (
    "ON CONFLICT (folder_id, generation, uid) DO UPDATE SET"
    " message_id = excluded.message_id, flags = excluded.flags, at = excluded.at"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where messages are put: a generation of a folder of an integration."""

    integration_id: int
    folder_id: int
    generation: int
    role: Role
    own: frozenset[str]  # the integration's addresses, lower case


def stays() -> ColumnElement[bool]:
    """Tell that a message is not marked as deleted, which is on its way out.

    RFC 9051 §2.3.2. Lists of messages do not show it; what is counted by the server is
    counted, until it is expunged.
    """
    return placement.c.flags.op("&")(int(Flags.DELETED)) == 0


def known_flags(
    conn: Connection,
    folder_id: int,
    generation: int,
    first: int = 0,
    last: int = UID_MAX,
) -> dict[int, int]:
    """Give UID and flags, as bits, of the placements of a folder in [first, last]."""
    span = placement.c.uid.between(first, last)
    query = select(placement.c.uid, placement.c.flags)
    return pairs(conn, query.where(*_at(folder_id, generation), span))


def flags_of(
    conn: Connection, folder_id: int, generation: int, uids: Collection[int]
) -> dict[int, int]:
    """Give UID and flags, as bits, of those of some UIDs that a folder holds."""
    out: dict[int, int] = {}
    query = select(placement.c.uid, placement.c.flags)
    for some in chunks(uids, CHUNK):
        here = (*_at(folder_id, generation), placement.c.uid.in_(some))
        out.update(conn.execute(query.where(*here)).all())
    return out


def lying_within(
    conn: Connection,
    folder_id: int,
    generation: int,
    ranges: Iterable[tuple[int, int]],
) -> list[int]:
    """List the UIDs that a folder holds within ranges (first, last)."""
    out: list[int] = []
    uid, at = placement.c.uid, _at(folder_id, generation)
    for some in chunks(ranges, RANGES):
        here = or_(
            uid.in_([first for first, last in some if first == last]),
            *(uid.between(first, last) for first, last in some if first < last),
        )
        out.extend(conn.scalars(select(uid).where(*at, here)))
    return out


def window(
    conn: Connection, folder_id: int, generation: int, after: int, size: int
) -> int | None:
    """Give the UID that ends a window of `size` placements; None for the last one."""
    end: int | None = conn.scalar(
        select(placement.c.uid)
        .where(*_at(folder_id, generation), placement.c.uid > after)
        .order_by(placement.c.uid)
        .offset(size - 1)
        .limit(1)
    )
    return end


def count(conn: Connection, folder_id: int, generation: int) -> int:
    """Count the placements of a folder."""
    return conn.scalar(select(func.count()).where(*_at(folder_id, generation))) or 0


def set_flags(
    conn: Connection, folder_id: int, generation: int, flags: Mapping[int, int]
) -> None:
    """Write changed flags, as bits by UID."""
    if flags:
        conn.execute(
            update(placement)
            .where(*_at(folder_id, generation), placement.c.uid == bindparam("u"))
            .values(flags=bindparam("f")),
            [{"u": uid, "f": value} for uid, value in flags.items()],
        )


def remove(
    conn: Connection, folder_id: int, generation: int, uids: Collection[int]
) -> frozenset[int]:
    """Drop placements; give the ids of the messages that lay there."""
    ids: set[int] = set()
    for some in chunks(uids, CHUNK):
        here = (*_at(folder_id, generation), placement.c.uid.in_(some))
        ids.update(conn.scalars(select(placement.c.message_id).where(*here)))
        conn.execute(delete(placement).where(*here))
    return frozenset(ids)


def forget_generation(conn: Connection, folder_id: int, generation: int) -> None:
    """Drop every placement and poison of one generation."""
    conn.execute(delete(placement).where(*_at(folder_id, generation)))
    conn.execute(
        delete(poison).where(
            poison.c.folder_id == folder_id, poison.c.generation == generation
        )
    )


def only_in(conn: Connection, folder_id: int, old: int, new: int) -> int:
    """Count messages that lie in one generation of a folder and not in the other."""
    there = select(placement.c.message_id).where(*_at(folder_id, new))
    return (
        conn.scalar(
            select(func.count(placement.c.message_id.distinct())).where(
                *_at(folder_id, old), placement.c.message_id.not_in(there)
            )
        )
        or 0
    )


def write(
    conn: Connection,
    place: Place,
    batch: Sequence[Fetched],
    lying: Iterable[tuple[int, int]],
) -> None:
    """Write where messages lie; `lying` gives id and time of each, in their order."""
    folder_id, generation = place.folder_id, place.generation
    rows = [
        (folder_id, generation, uid, message_id, flags, at)
        for (uid, flags, _), (message_id, at) in zip(batch, lying, strict=True)
    ]
    insert_rows(conn, placement, COLUMNS, rows, LIES_THERE_NOW)


def _at(folder_id: int, generation: int) -> tuple[ColumnElement[bool], ...]:
    return (placement.c.folder_id == folder_id, placement.c.generation == generation)
