"""Counts per quarter of an hour, changed in the transaction of what they count."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    delete,
    func,
    insert,
    select,
    type_coerce,
)

from core.store import locks
from core.store.bulk import insert_rows
from core.store.schema import message, rollup

SLOT_MS = 15 * 60 * 1000
NOTHING = (0, 0)


class Bucket(NamedTuple):
    """What is counted together. `slot`: quarters of an hour since 1970, UTC."""

    slot: int
    direction: str
    kind: str
    aside: str


class Tally:
    """Counts to add, and to take away, before they are written at once."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: dict[tuple[int, str, str, str], tuple[int, int]] = {}

    def add(
        self, bucket: tuple[int, str, str, str], size_bytes: int, n: int = 1
    ) -> None:
        """Count `n` messages of `size_bytes` each; a negative n takes away."""
        messages, size = self._counts.get(bucket, NOTHING)
        self._counts[bucket] = (messages + n, size + n * size_bytes)

    def write(self, conn: Connection, integration_id: int) -> None:
        """Add what was counted to the rollups."""
        change(conn, integration_id, self._counts)


def change(
    conn: Connection,
    integration_id: int,
    counts: Mapping[tuple[int, str, str, str], tuple[int, int]],
) -> None:
    """Add messages and bytes per bucket; buckets that become empty go."""
    insert_rows(
        conn,
        rollup,
        [c.name for c in rollup.columns],
        [(integration_id, *k, n, size) for k, (n, size) in counts.items() if n or size],
        "ON CONFLICT (integration_id, slot, direction, kind, aside) DO UPDATE SET"
        " messages = rollup.messages + excluded.messages,"
        " size_bytes = rollup.size_bytes + excluded.size_bytes",
    )
    if any(n < 0 for n, _ in counts.values()):
        conn.execute(
            delete(rollup).where(
                rollup.c.integration_id == integration_id, rollup.c.messages == 0
            )
        )


def held(conn: Connection, integration_id: int) -> dict[Bucket, tuple[int, int]]:
    """Give the counts as they are kept."""
    rows = conn.execute(select(rollup).where(rollup.c.integration_id == integration_id))
    return {Bucket(*r[1:5]): (r.messages, r.size_bytes) for r in rows}


def counted(
    conn: Connection, integration_id: int, *which: ColumnElement[bool]
) -> dict[Bucket, tuple[int, int]]:
    """Count the messages again, from the messages alone; or `which` of them."""
    slot = type_coerce(message.c.at, BigInteger).op("/")(SLOT_MS)
    keys = (slot, message.c.direction, message.c.kind, message.c.aside)
    rows = conn.execute(
        select(*keys, func.count(), func.sum(message.c.size_bytes))
        .where(message.c.integration_id == integration_id, *which)
        .group_by(*keys)
    )
    return {Bucket(int(r[0]), *r[1:4]): (r[4], int(r[5])) for r in rows}


def recount(
    conn: Connection,
    integration_id: int,
    before: Mapping[Bucket, tuple[int, int]],
    after: Mapping[Bucket, tuple[int, int]],
) -> None:
    """Write that some messages are counted otherwise now than before."""
    differences: dict[tuple[int, str, str, str], tuple[int, int]] = {}
    for bucket in before.keys() | after.keys():
        old, new = before.get(bucket, NOTHING), after.get(bucket, NOTHING)
        differences[bucket] = (new[0] - old[0], new[1] - old[1])
    change(conn, integration_id, differences)


def repair(conn: Connection, integration_id: int) -> int:
    """Make the rollups equal to a recount; give how many buckets were wrong."""
    locks.hold(conn, [integration_id])
    right = counted(conn, integration_id)
    wrong = right.items() ^ held(conn, integration_id).items()
    if wrong:
        conn.execute(delete(rollup).where(rollup.c.integration_id == integration_id))
        values = [
            {
                "integration_id": integration_id,
                **k._asdict(),
                "messages": n,
                "size_bytes": s,
            }
            for k, (n, s) in right.items()
        ]
        if values:
            conn.execute(insert(rollup), values)
    return len({k for k, _ in wrong})
