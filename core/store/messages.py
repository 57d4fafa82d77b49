"""Messages: what a mail is. A fact, written once, and counted where it is written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import BigInteger, Connection, func, select, text, type_coerce

from core.model import Aside, Fetched, Message, Role
from core.store import indexing, integrations, placements
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.placements import Place
from core.store.rollups import SLOT_MS, Bucket, Tally
from core.store.schema import message

# METRICS: a Date header is believed for a sent message this near to INTERNALDATE.
BELIEVED_MS = 48 * 3600 * 1000
# The columns of a row: first what the store adds, then the message, field by field.
COLUMNS = (
    "id", "integration_id", "at", "direction", "aside",
    "identity", "kind", "from_name", "from_address", "recipients", "copied", "subject",
    "message_id", "in_reply_to", "refs", "written_at", "received_at", "size_bytes",
    "attachment", "search",
)  # fmt: skip
ID, AT, DIRECTION, ASIDE, IDENTITY, KIND, SIZE = map(
    COLUMNS.index,
    ("id", "at", "direction", "aside", "identity", "kind", "size_bytes"),
)
NOT_TWICE = "ON CONFLICT (integration_id, identity) DO NOTHING"


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

    Their subjects are dropped if the integration keeps none *now*: the level is read in
    the transaction that writes, so a run that began before it was lowered keeps to it.

    A message that is known by its identity is not written again: only its placement
    is; so moves and copies never count twice. Most batches hold nothing that is known:
    so the database is asked which do only when it did not take all of them.
    """
    if not integrations.privacy_of(conn, place.integration_id).allows_subject:
        batch = without_subjects(batch)
    fresh = {m[0]: m for _, _, m in batch}  # by identity
    rows = _rows(place, fresh.values(), _new_ids(conn, len(fresh)))
    written = insert_rows(conn, message, COLUMNS, rows, NOT_TWICE)
    lying = {row[IDENTITY]: (row[ID], row[AT]) for row in rows}
    if conn.dialect.name == "postgresql":
        indexing.wait(conn, [(row[ID],) for row in rows])
    tally = Tally()
    before: frozenset[int] = frozenset()
    if written != len(rows):
        before = _meet_known(conn, place, lying, tally)
        rows = [row for row in rows if lying[row[IDENTITY]][0] == row[ID]]
    for row in rows:
        bucket = (row[AT] // SLOT_MS, row[DIRECTION], row[KIND], row[ASIDE])
        tally.add(bucket, row[SIZE])
    tally.write(conn, place.integration_id)
    where = [lying[m[0]] for _, _, m in batch]
    placements.write(conn, place, batch, where)
    return Placed(written, before)


def without_subjects(batch: Sequence[Fetched]) -> list[Fetched]:
    """Give messages as they are kept where no subject may be.

    Their identities stay as they are: a hash that the subject is part of (METRICS).
    """
    return [
        Fetched(uid, bits, m._replace(subject="", folded=_people_of(m.folded)))
        for uid, bits, m in batch
    ]


def _people_of(folded: str) -> str:
    """Drop the first line of what a search looks into: it is the subject's."""
    return folded[folded.find("\n") :] if "\n" in folded else ""


def identities(conn: Connection, message_ids: Collection[int]) -> dict[int, str]:
    """Give the identities of messages by id."""
    out: dict[int, str] = {}
    for some in chunks(message_ids, CHUNK):
        query = select(message.c.id, message.c.identity).where(message.c.id.in_(some))
        out.update({row[0]: row[1] for row in conn.execute(query)})
    return out


def _rows(
    place: Place, fresh: Iterable[Message], new_ids: Iterable[int]
) -> list[tuple[Any, ...]]:
    """Give the rows of messages in the order of `COLUMNS`."""
    one, own, sent_here = place.integration_id, place.own, place.role is Role.SENT
    aside = str(Aside.of(place.role))
    rows = []
    for new_id, m in zip(new_ids, fresh, strict=True):
        if sent_here or m.from_address in own:
            at = time_of("sent", m.received_ms, m.written_ms)
            rows.append((new_id, one, at, "sent", aside, *m))
        else:
            rows.append((new_id, one, m.received_ms, "received", aside, *m))
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
    indexing.unlist(conn, [old.id])
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
