"""Messages (what a mail is) and placements (where it lies)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    bindparam,
    delete,
    func,
    select,
    text,
    update,
)

from core.model import (
    Address,
    Aside,
    Direction,
    Fetched,
    Flags,
    Message,
    Role,
)
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.instants import to_ms
from core.store.rollups import SLOT_MS, Bucket, Tally
from core.store.schema import message, placement, poison
from core.text import fold

# METRICS: a Date header is believed for a sent message this near to INTERNALDATE.
BELIEVED = timedelta(hours=48)
COLUMNS = [c.name for c in message.columns]


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


@dataclass(frozen=True, slots=True)
class _Known:
    id: int
    at: int
    direction: str
    kind: str
    aside: str
    size_bytes: int
    received_at: datetime
    written_at: datetime | None

    @property
    def bucket(self) -> Bucket:
        return Bucket(self.at // SLOT_MS, self.direction, self.kind, self.aside)


def time_of(
    direction: Direction, received: datetime, written: datetime | None
) -> datetime:
    """Give the time of a message as METRICS defines it."""
    if direction is Direction.SENT and written and abs(written - received) <= BELIEVED:
        return written
    return received


def put(conn: Connection, place: Place, batch: Sequence[Fetched]) -> Placed:
    """Write messages and their placements, and count what is new.

    A message that is known by its identity is not written again: only its placement
    is; so moves and copies never count twice.
    """
    known = _known(conn, place.integration_id, {f.message.identity for f in batch})
    before = {row.id for row in known.values()}
    tally = Tally()
    for identity in known:
        known[identity] = _promote(conn, place.role, known[identity], tally)
    fresh = {
        f.message.identity: f.message for f in batch if f.message.identity not in known
    }
    known |= _write_new(conn, place, fresh, tally)
    tally.write(conn, place.integration_id)
    _write_placements(conn, place, batch, known)
    return Placed(len(fresh), frozenset(before))


def known_flags(conn: Connection, folder_id: int, generation: int) -> dict[int, Flags]:
    """Give UID and flags of every placement of a folder."""
    rows = conn.execute(
        select(placement.c.uid, placement.c.flags).where(*_at(folder_id, generation))
    )
    return {uid: Flags(flags) for uid, flags in rows}


def count(conn: Connection, folder_id: int, generation: int) -> int:
    """Count the placements of a folder."""
    return conn.scalar(select(func.count()).where(*_at(folder_id, generation))) or 0


def set_flags(
    conn: Connection, folder_id: int, generation: int, flags: Mapping[int, Flags]
) -> None:
    """Write changed flags."""
    if flags:
        conn.execute(
            update(placement)
            .where(*_at(folder_id, generation), placement.c.uid == bindparam("u"))
            .values(flags=bindparam("f")),
            [{"u": uid, "f": int(value)} for uid, value in flags.items()],
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


def shown(addresses: Iterable[Address]) -> str:
    """Write addresses as people read them, with commas between."""
    return ", ".join(
        f"{a.name} <{a.address}>" if a.name else a.address for a in addresses
    )


def _at(folder_id: int, generation: int) -> tuple[ColumnElement[bool], ...]:
    return (placement.c.folder_id == folder_id, placement.c.generation == generation)


def _known(
    conn: Connection, integration_id: int, identities: Collection[str]
) -> dict[str, _Known]:
    c = message.c
    wanted = (c.identity, c.id, c.at, c.direction, c.kind, c.aside, c.size_bytes)
    out: dict[str, _Known] = {}
    for some in chunks(identities, CHUNK):
        rows = conn.execute(
            select(*wanted, c.received_at, c.written_at).where(
                c.integration_id == integration_id, c.identity.in_(some)
            )
        )
        out |= {r[0]: _Known(r[1], to_ms(r[2]), *r[3:]) for r in rows}
    return out


def _promote(conn: Connection, role: Role, old: _Known, tally: Tally) -> _Known:
    """Let a copy in another folder tell more: it was sent, or is no junk after all."""
    direction = Direction.SENT if role is Role.SENT else Direction(old.direction)
    aside = Aside.NO if Aside.of(role) is Aside.NO else Aside(old.aside)
    if direction == old.direction and aside == old.aside:
        return old
    at = old.at
    if direction != old.direction:
        at = to_ms(time_of(direction, old.received_at, old.written_at))
    new = _Known(
        old.id, at, direction, old.kind, aside,
        old.size_bytes, old.received_at, old.written_at,
    )  # fmt: skip
    tally.add(old.bucket, old.size_bytes, -1)
    tally.add(new.bucket, new.size_bytes)
    values = {"i": old.id, "a": at, "d": str(direction), "s": str(aside)}
    conn.execute(
        text("UPDATE message SET at=:a, direction=:d, aside=:s WHERE id=:i"), values
    )
    conn.execute(
        text("UPDATE placement SET at=:a WHERE message_id=:i"), {"i": old.id, "a": at}
    )
    return new


def _write_new(
    conn: Connection, place: Place, fresh: Mapping[str, Message], tally: Tally
) -> dict[str, _Known]:
    out: dict[str, _Known] = {}
    rows = []
    for (identity, m), new_id in zip(
        fresh.items(), _new_ids(conn, len(fresh)), strict=True
    ):
        sent = place.role is Role.SENT or m.sender.address in place.own
        direction = Direction.SENT if sent else Direction.RECEIVED
        at = to_ms(time_of(direction, m.received_at, m.written_at))
        known = _Known(
            new_id, at, str(direction), str(m.kind), str(Aside.of(place.role)),
            m.size_bytes, m.received_at, m.written_at,
        )  # fmt: skip
        tally.add(known.bucket, m.size_bytes)
        rows.append(_row(place.integration_id, known, m))
        out[identity] = known
    insert_rows(conn, message, COLUMNS, rows)
    return out


def _row(integration_id: int, k: _Known, m: Message) -> tuple[object, ...]:
    to, cc = shown(m.to), shown(m.cc)
    written = to_ms(m.written_at) if m.written_at else None
    search = fold(f"{m.subject}\n{m.sender.name} {m.sender.address}\n{to}\n{cc}")
    return (
        k.id, integration_id, m.identity, k.at, k.direction, k.kind, k.aside,
        to_ms(m.received_at), written, m.size_bytes, m.attachment,
        m.sender.name, m.sender.address, to, cc, m.subject,
        m.message_id, m.in_reply_to, m.references, search,
    )  # fmt: skip


def _new_ids(conn: Connection, n: int) -> list[int]:
    """Take the next ids; the writing transaction is alone on SQLite."""
    if not n:
        return []
    if conn.dialect.name == "sqlite":
        first = (conn.scalar(select(func.max(message.c.id))) or 0) + 1
        return list(range(first, first + n))
    sequence = text("SELECT nextval('message_id_seq') FROM generate_series(1, :n)")
    return list(conn.scalars(sequence, {"n": n}))


def _write_placements(
    conn: Connection,
    place: Place,
    batch: Sequence[Fetched],
    known: Mapping[str, _Known],
) -> None:
    rows = []
    for f in batch:
        k = known[f.message.identity]
        where = (place.folder_id, place.generation, f.uid)
        rows.append((*where, k.id, int(f.flags), k.at))
    insert_rows(
        conn,
        placement,
        [c.name for c in placement.columns],
        rows,
        "ON CONFLICT (folder_id, generation, uid) DO UPDATE SET"
        " message_id = excluded.message_id, flags = excluded.flags, at = excluded.at",
    )
