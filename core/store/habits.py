"""When mail usually comes to each mailbox, learnt from its rollups once a day.

What counts is every received message that was not set aside: bounces and receipts, too,
because they came in by the same door. Mail that came while a mailbox was not followed
is counted when it was received, as soon as it is fetched; but what was deleted before
that was never seen, so days that we know we were not there are left out.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    Connection,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)

from core.model import Aside, Role
from core.silence import (
    DAY_H,
    WEEK_H,
    WEEKS_MOST,
    Habit,
    hour_of,
    learn,
    silent_from,
)
from core.store.bulk import put_row
from core.store.quarters import KEPT
from core.store.schema import folder, integration, message, rollup
from core.store.watch_tables import habit, quarter

AGAIN = timedelta(days=1)
SLOTS = 4  # quarters in an hour
REACH = (WEEKS_MOST * WEEK_H + 2 * DAY_H) * SLOTS
DIGITS = 5
RECEIVED = "received"


class Kept(NamedTuple):
    """A habit as it is kept. `silent_at`: from then on no mail is improbable."""

    habit: Habit
    last_arrival_at: datetime | None
    silent_at: datetime | None


class Passed(NamedTuple):
    """A mailbox that is followed, and had no mail for longer than is probable."""

    integration_id: int
    last_arrival_at: datetime
    seen_at: datetime


def due(conn: Connection, now: datetime, most: int) -> list[int]:
    """List the mailboxes whose habit is to be learnt, the longest waiting first.

    Only those whose inbox was read to its end: before, the past seems to be empty.
    """
    c, f, at = integration.c, folder.c, habit.c.computed_at
    read = exists().where(
        f.integration_id == c.id, f.role == str(Role.INBOX), f.low <= 1
    )
    rows = conn.scalars(
        select(c.id)
        .outerjoin(habit, habit.c.integration_id == c.id)
        .where(c.disconnected_at.is_(None), or_(at.is_(None), at < now - AGAIN), read)
        .order_by(at.is_not(None), at)
        .limit(most)
    )
    return list(rows)


def learnt(conn: Connection, integration_id: int, now: datetime) -> Kept:
    """Learn a habit from what is held now."""
    r = rollup.c
    mine = _received(integration_id, now)
    last = select(func.max(r.slot)).where(*mine).scalar_subquery()
    first = select(func.min(r.slot)).where(*mine).scalar_subquery()
    hour = r.slot.op("/")(literal_column(str(SLOTS))).label("hour")
    counts = conn.execute(
        select(hour, func.sum(r.messages), first)
        .where(*mine, r.slot >= last - REACH)
        .group_by(hour)
    ).all()
    arrivals = {int(row[0]): int(row[1]) for row in counts}
    begin = int(counts[0][2]) // SLOTS if counts else 0
    end = max(arrivals, default=0)
    unknown = _unfollowed(conn, integration_id, now, end)
    found = learn(arrivals, begin, end, unknown)
    at = last_arrival(conn, integration_id, now)
    return Kept(found, at, silent_from(at, found) if at else None)


def keep(conn: Connection, integration_id: int, kept: Kept, now: datetime) -> None:
    """Keep a habit in the place of the one before."""
    values = asdict(kept.habit)
    means = [round(n, DIGITS) for n in values.pop("expected")]
    new = {
        "computed_at": now,
        "weeks": kept.habit.weeks,
        "empty": {name: _rounded(value) for name, value in values.items()},
        "expected": means,
        "last_arrival_at": kept.last_arrival_at,
        "silent_at": kept.silent_at,
    }
    put_row(conn, habit, {"integration_id": integration_id}, new)


def of(conn: Connection, integration_id: int) -> Kept | None:
    """Give the habit of a mailbox as it is kept; None before it was learnt."""
    mine = habit.c.integration_id == integration_id
    row = conn.execute(select(habit).where(mine)).first()
    return None if row is None else Kept(_read(row), row.last_arrival_at, row.silent_at)


def moved(conn: Connection, integration_id: int, kept: Kept) -> None:
    """Keep that mail came; the habit itself stays."""
    mine = habit.c.integration_id == integration_id
    values = {"last_arrival_at": kept.last_arrival_at, "silent_at": kept.silent_at}
    conn.execute(update(habit).where(mine).values(**values))


def passed(conn: Connection) -> list[Passed]:
    """List the mailboxes that are silent as far as was looked, by what is kept.

    Not those that are paused, or cannot be synced: nobody looked there.
    """
    c, h = integration.c, habit.c
    rows = conn.execute(
        select(c.id, h.last_arrival_at, c.seen_at)
        .join(habit, h.integration_id == c.id)
        .where(
            h.silent_at <= c.seen_at,
            c.disconnected_at.is_(None),
            c.paused.is_(False),
            c.problem_code.is_(None),
        )
        .order_by(c.id)
    )
    return [Passed(*row) for row in rows]


def last_arrival(
    conn: Connection, integration_id: int, now: datetime
) -> datetime | None:
    """Give when the newest message came that is not set aside."""
    m = message.c
    newest = (
        select(m.at)
        .where(
            m.integration_id == integration_id,
            m.direction == RECEIVED,
            m.aside == str(Aside.NO),
            m.at <= now,
        )
        .order_by(m.at.desc())
    )
    at: datetime | None = conn.scalar(newest.limit(1))
    return at


def _received(integration_id: int, now: datetime) -> tuple[Any, ...]:
    r = rollup.c
    return (
        r.integration_id == integration_id,
        r.direction == RECEIVED,
        r.aside == str(Aside.NO),
        r.slot < (hour_of(now) + 1) * SLOTS,  # some mail is of the future
    )


def _unfollowed(
    conn: Connection, integration_id: int, now: datetime, end: int
) -> set[int]:
    """Give the hours before `end` in which the mailbox was not looked at, if known."""
    c, q = integration.c, quarter.c
    since = conn.scalar(select(c.connected_at).where(c.id == integration_id)) or now
    first = hour_of(max(since, now - KEPT)) + 1
    good = conn.scalars(
        select(q.slot).where(
            q.integration_id == integration_id, q.slot >= first * SLOTS, q.good > 0
        )
    )
    return set(range(first, end)) - {slot // SLOTS for slot in good}


def _rounded(value: Any) -> Any:
    if not isinstance(value, tuple):
        return value
    return [v if isinstance(v, bool) else round(v, DIGITS) for v in value]


def _read(row: Any) -> Habit:
    lists = {name: tuple(v) for name, v in row.empty.items() if isinstance(v, list)}
    return Habit(**{**row.empty, **lists}, expected=tuple(row.expected))
