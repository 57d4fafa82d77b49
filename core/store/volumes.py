"""What the volume page asks: quarters of an hour, parts of a scope, unread mail."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Connection, case, distinct, func, select, text

from core.model import Role
from core.store import scoping
from core.store.bulk import tuples
from core.store.counting_tables import total_day
from core.store.schema import folder, integration, message, placement
from core.store.slots import A_DAY, DAY_MS, SLOT_MS, unpacked

T = total_day.c
# As its partial index says it, word by word, else SQLite does not use that.
UNREAD = text("placement.flags & 1 = 0")


class Wanted(NamedTuple):
    """What is counted; `internal` None: from within and from without."""

    kinds: Sequence[str]
    asides: Sequence[str]
    internal: bool | None


def slots(
    conn: Connection, scope: int, start_ms: int, end_ms: int, want: Wanted
) -> pd.DataFrame:
    """Give what is wanted of [start, end), per quarter of an hour, summed.

    at (UTC), direction, messages, size_bytes. A quarter is of the range if it begins in
    it. As `totals.read`, which keeps kinds apart: of a year that is a million rows.
    """
    first, last = start_ms // DAY_MS, (end_ms - 1) // DAY_MS
    query = select(T.direction, T.day, T.slots).where(
        T.scope == scope, T.day.between(first, last), *_of(want)
    )
    rows = tuples(conn, query)
    some = [
        _summed([row for row in rows if row[0] == direction], first, last, direction)
        for direction in ("received", "sent")
    ]
    found = pd.concat(some, ignore_index=True)
    inside = (found["at"] >= start_ms) & (found["at"] < end_ms)
    at = pd.to_datetime(found["at"], unit="ms", utc=True)
    return found.assign(at=at)[inside].reset_index(drop=True)


def parts(
    conn: Connection, scopes: Collection[int], start_ms: int, end_ms: int, want: Wanted
) -> pd.DataFrame:
    """Give the sums of scopes in [start, end): scope, direction, messages, size_bytes.

    Whole days of UTC are summed by the database; of the two at the ends, quarters of
    an hour are looked at.
    """
    first, last = start_ms // DAY_MS, (end_ms - 1) // DAY_MS
    inner = (first + (start_ms % DAY_MS > 0), last - (end_ms % DAY_MS > 0))
    mine = [T.scope.in_(scopes), *_of(want)]
    sums = (func.sum(T.messages), func.sum(T.size_bytes))
    query = select(T.scope, T.direction, *sums).where(*mine, T.day.between(*inner))
    rows = tuples(conn, query.group_by(T.scope, T.direction))
    for day in {first, last} - set(range(inner[0], inner[1] + 1)):
        edge = select(T.scope, T.direction, T.slots).where(*mine, T.day == day)
        rows += _edge(conn.execute(edge).all(), day * DAY_MS, start_ms, end_ms)
    names = ["scope", "direction", "messages", "size_bytes"]
    found = pd.DataFrame(rows, columns=names)
    found = found.astype({"messages": "int64", "size_bytes": "int64"})
    return found.groupby(names[:2], as_index=False).sum()


def unread_ages(
    conn: Connection, integration_id: int, since: Sequence[datetime]
) -> list[int]:
    """Count received, unread mail in the inbox by age, each message once.

    `since`: instants, the latest first; gives one count more than there are: what came
    since the first, between the first and the second, … and before the last.
    """
    steps = [(placement.c.at >= at, n) for n, at in enumerate(since)]
    age = case(*steps, else_=len(since))
    query = (
        select(age, func.count(distinct(placement.c.message_id)))
        .join(folder, folder.c.id == placement.c.folder_id)
        .join(message, message.c.id == placement.c.message_id)
        .where(
            folder.c.integration_id == integration_id,
            folder.c.role == Role.INBOX,
            folder.c.missing_since.is_(None),
            placement.c.generation == folder.c.generation,
            UNREAD,
            message.c.direction == "received",
        )
        .group_by(age)
    )
    found = {int(n): int(count) for n, count in conn.execute(query)}
    return [found.get(n, 0) for n in range(len(since) + 1)]


def unread(conn: Connection, scope: int) -> tuple[int, int]:
    """Give the unread mail that servers state of live mailboxes, and of how many."""
    c = integration.c
    query = select(func.coalesce(func.sum(c.unread), 0), func.count())
    query = query.where(c.disconnected_at.is_(None))
    if scope:
        query = query.where(c.id.in_(scoping.integrations(conn, scope)))
    total, mailboxes = conn.execute(query).one()
    return int(total), int(mailboxes)


def folders_of_role(conn: Connection, integration_id: int, role: str) -> list[int]:
    """Give the folders of a mailbox that have a role, and are still there."""
    c = folder.c
    mine = (c.integration_id == integration_id, c.role == role)
    query = select(c.id).where(*mine, c.missing_since.is_(None), c.selectable)
    return [int(one) for one in conn.scalars(query.order_by(c.id))]


def roles(conn: Connection, integration_id: int) -> list[str]:
    """Give the roles that the folders of a mailbox have."""
    c = folder.c
    mine = (c.integration_id == integration_id, c.missing_since.is_(None), c.selectable)
    return [str(one) for one in conn.scalars(select(c.role).where(*mine).distinct())]


def _of(want: Wanted) -> list[ColumnElement[bool]]:
    """Say what is wanted as the table has it."""
    said: list[ColumnElement[bool]] = [T.kind.in_(want.kinds)]
    said.append(T.aside.in_(want.asides))
    return said if want.internal is None else [*said, T.internal.is_(want.internal)]


def _summed(
    rows: Sequence[tuple[str, int, bytes]], first: int, last: int, direction: str
) -> pd.DataFrame:
    """Sum the packed quarters of days from `first` to `last`; those with any."""
    which, found = unpacked([row[2] for row in rows])
    days = np.asarray([row[1] for row in rows], np.int64)
    cells = (days[which] - first) * A_DAY + found["q"]
    whole = (last - first + 1) * A_DAY
    # Sums in floating point are whole numbers below 2^53: a million years of mail.
    n, size = (
        np.bincount(cells, found[name], whole).astype(np.int64)
        for name in ("n", "size")
    )
    (there,) = np.nonzero(n)
    at_ms = first * DAY_MS + there * SLOT_MS
    columns = {"messages": n[there], "size_bytes": size[there]}
    return pd.DataFrame({"at": at_ms, "direction": direction, **columns})


def _edge(
    rows: Sequence[Sequence[object]], day_ms: int, start_ms: int, end_ms: int
) -> list[tuple[object, object, int, int]]:
    """Sum of rows of one day what lies in [start, end)."""
    which, found = unpacked([bytes(row[2]) for row in rows])  # type: ignore[call-overload]  # of a database
    at_ms = day_ms + found["q"].astype("int64") * SLOT_MS
    inside = (at_ms >= start_ms) & (at_ms < end_ms)
    sums = (
        pd.DataFrame({"n": found["n"], "size": found["size"], "row": which})[inside]
        .groupby("row")
        .sum()
    )
    return [
        (rows[row][0], rows[row][1], int(n), int(size))
        for row, n, size in zip(sums.index, sums["n"], sums["size"], strict=True)
    ]
