"""Messages (what a mail is) and placements (where it lies)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    select,
    text,
    type_coerce,
    update,
)

from core.model import Aside, Fetched, Message, Role
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.rollups import SLOT_MS, Bucket, Tally
from core.store.schema import message, placement, poison

# METRICS: a Date header is believed for a sent message this near to INTERNALDATE.
BELIEVED_MS = 48 * 3600 * 1000
UID_MAX = 2**32 - 1
COLUMNS = [c.name for c in message.columns]
ID, IDENTITY, AT, DIRECTION, ASIDE, SIZE = map(
    COLUMNS.index, ("id", "identity", "at", "direction", "aside", "size_bytes")
)
PLACEMENT_COLUMNS = [c.name for c in placement.columns]
NOT_TWICE = "ON CONFLICT (integration_id, identity) DO NOTHING"
LIES_ELSEWHERE_NOW = (
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


@dataclass(frozen=True, slots=True)
class Placed:
    """What came of putting messages: how many are new, and which were known."""

    new: int
    known: frozenset[int]


class _Known(NamedTuple):
    """What is counted of a message that is in the store."""

    id: int
    at: int
    direction: str
    kind: str
    aside: str
    size_bytes: int
    received_ms: int
    written_ms: int | None

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.at // SLOT_MS, self.direction, self.kind, self.aside)


def time_of(direction: str, received_ms: int, written_ms: int | None) -> int:
    """Give the time of a message as METRICS defines it, in ms since 1970."""
    sent = direction == "sent" and written_ms is not None
    if sent and abs(written_ms - received_ms) <= BELIEVED_MS:  # type: ignore[operator]  # not None if sent
        return written_ms  # type: ignore[return-value]
    return received_ms


def put(conn: Connection, place: Place, batch: Sequence[Fetched]) -> Placed:
    """Write messages and their placements, and count what is new.

    A message that is known by its identity is not written again: only its placement
    is; so moves and copies never count twice. Most batches hold nothing that is known:
    so the database is asked which do only when it did not take all of them.
    """
    fresh = {f.message.identity: f.message for f in batch}
    rows = _rows(place, fresh.values(), _new_ids(conn, len(fresh)))
    written = insert_rows(conn, message, COLUMNS, rows, NOT_TWICE)
    lying = {row[IDENTITY]: (row[ID], row[AT]) for row in rows}
    tally = Tally()
    before: frozenset[int] = frozenset()
    if written != len(rows):
        before = _meet_known(conn, place, lying, tally)
    for row in rows:
        if lying[row[IDENTITY]][0] == row[ID]:
            tally.add((row[AT] // SLOT_MS, *row[DIRECTION : ASIDE + 1]), row[SIZE])
    tally.write(conn, place.integration_id)
    _write_placements(conn, place, batch, lying)
    return Placed(written, before)


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
    rows = conn.execute(query.where(*_at(folder_id, generation), span))
    return dict(rows.all())


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
    for first, last in ranges:
        here = (*_at(folder_id, generation), placement.c.uid.between(first, last))
        out.extend(conn.scalars(select(placement.c.uid).where(*here)))
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


def _at(folder_id: int, generation: int) -> tuple[ColumnElement[bool], ...]:
    return (placement.c.folder_id == folder_id, placement.c.generation == generation)


def _rows(
    place: Place, fresh: Iterable[Message], new_ids: Iterable[int]
) -> list[tuple[Any, ...]]:
    """Give the rows of messages in the order of `COLUMNS`."""
    one, own, sent_here = place.integration_id, place.own, place.role is Role.SENT
    aside = str(Aside.of(place.role))
    rows = []
    for new_id, m in zip(new_ids, fresh, strict=True):
        (
            identity, kind, sender, recipients, copied, subject, message_id,
            in_reply_to, references, written_ms, received_ms, size_bytes,
            attachment, folded,
        ) = m  # fmt: skip
        direction = "sent" if sent_here or sender.address in own else "received"
        at = received_ms
        if direction == "sent":
            at = time_of(direction, received_ms, written_ms)
        rows.append((
            new_id, one, identity, at, direction, str(kind), aside,
            received_ms, written_ms, size_bytes, attachment,
            sender.name, sender.address, recipients, copied, subject,
            message_id, in_reply_to, references, folded,
        ))  # fmt: skip
    return rows


def _meet_known(
    conn: Connection, place: Place, lying: dict[str, tuple[int, int]], tally: Tally
) -> frozenset[int]:
    """Find which messages were known, and let this copy tell more of them."""
    before = set()
    for identity, known in _known(conn, place.integration_id, lying.keys()).items():
        if known.id != lying[identity][0]:
            told = _promote(conn, place.role, known, tally)
            lying[identity] = (told.id, told.at)
            before.add(told.id)
    return frozenset(before)


def _known(
    conn: Connection, integration_id: int, identities: Collection[str]
) -> dict[str, _Known]:
    c = message.c
    received, written, at = (
        type_coerce(i, BigInteger) for i in (c.received_at, c.written_at, c.at)
    )
    query = select(
        c.identity,
        c.id,
        at,
        c.direction,
        c.kind,
        c.aside,
        c.size_bytes,
        received,
        written,
    ).where(c.integration_id == integration_id)
    out: dict[str, _Known] = {}
    for some in chunks(identities, CHUNK):
        for row in conn.execute(query.where(c.identity.in_(some))):
            out[row[0]] = _Known(*row[1:])
    return out


def _promote(conn: Connection, role: Role, old: _Known, tally: Tally) -> _Known:
    """Let a copy in another folder tell more: it was sent, or is no junk after all."""
    direction = "sent" if role is Role.SENT else old.direction
    aside = "no" if Aside.of(role) is Aside.NO else old.aside
    if direction == old.direction and aside == old.aside:
        return old
    at = old.at
    if direction != old.direction:
        at = time_of(direction, old.received_ms, old.written_ms)
    new = old._replace(at=at, direction=direction, aside=aside)
    tally.add(old.bucket, old.size_bytes, -1)
    tally.add(new.bucket, new.size_bytes)
    values = {"i": old.id, "a": at, "d": direction, "s": aside}
    conn.execute(
        text("UPDATE message SET at=:a, direction=:d, aside=:s WHERE id=:i"), values
    )
    conn.execute(
        text("UPDATE placement SET at=:a WHERE message_id=:i"), {"i": old.id, "a": at}
    )
    return new


def _new_ids(conn: Connection, n: int) -> Iterable[int]:
    """Take the next ids; the writing transaction is alone on SQLite."""
    if not n:
        return []
    if conn.dialect.name == "sqlite":
        first = (conn.scalar(select(func.max(message.c.id))) or 0) + 1
        return range(first, first + n)
    sequence = text("SELECT nextval('message_id_seq') FROM generate_series(1, :n)")
    return list(conn.scalars(sequence, {"n": n}))


def _write_placements(
    conn: Connection,
    place: Place,
    batch: Sequence[Fetched],
    lying: Mapping[str, tuple[int, int]],
) -> None:
    folder_id, generation = place.folder_id, place.generation
    rows = []
    for uid, flags, m in batch:
        message_id, at = lying[m.identity]
        rows.append((folder_id, generation, uid, message_id, flags, at))
    rows.sort()  # newest first on the wire, oldest first in the tree
    insert_rows(conn, placement, PLACEMENT_COLUMNS, rows, LIES_ELSEWHERE_NOW)
