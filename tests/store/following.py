"""Mailboxes with a past, and a clock that a test sets."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from core.clock import to_ms
from core.model import Cursor
from core.runtime import Runtime
from core.store import folders, incidents, integrations
from core.store.engine import reading, writing
from core.store.rollups import SLOT_MS
from core.store.schema import message, rollup
from tests.store.building import connected, listed

NOW = datetime.fromisoformat("2026-06-15T08:00+00:00")  # a Monday
WORKING = range(9, 17)


def at(runtime: Runtime, now: datetime) -> Runtime:
    """Give the runtime as it is at another time."""
    return replace(runtime, clock=lambda: now)


def office_hours(weeks: int, until: datetime = NOW) -> list[datetime]:
    """Give an arrival in each working hour of so many weeks."""
    first = until - timedelta(weeks=weeks)
    hours = (first + timedelta(hours=n) for n in range(weeks * 168))
    return [h for h in hours if h.weekday() < 5 and h.hour in WORKING and h < until]


def followed(runtime: Runtime, arrivals: Iterable[datetime], owner: str = "Ana") -> int:
    """Store a mailbox that was read to its end and looked at just now."""
    now = runtime.clock()
    one = connected(runtime, owner)
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    with writing(runtime.engine) as conn:
        folders.set_cursor(conn, inbox, Cursor(1, 1, 1, 0, 0))
    arrive(runtime, one, arrivals)
    connected_at = now - timedelta(days=1)
    stand(
        runtime,
        one,
        credentials_at=connected_at,
        seen_at=now,
        last_sync_at=now,
        next_at=now + timedelta(minutes=1),
    )
    return one


def arrive(
    runtime: Runtime,
    one: int,
    arrivals: Iterable[datetime],
    direction: str = "received",
    aside: str = "no",
    kind: str = "person",
) -> None:
    """Store messages of certain times, with their counts."""
    what = {"direction": direction, "kind": kind, "aside": aside}
    counts: dict[int, int] = {}
    rows: list[dict[str, Any]] = []
    for when in arrivals:
        counts[to_ms(when) // SLOT_MS] = counts.get(to_ms(when) // SLOT_MS, 0) + 1
        name = f"{when:%Y%m%d%H%M%S%f} {direction} {aside} {kind} {len(rows)}"
        own = {"integration_id": one, "at": when, "received_at": when, "identity": name}
        rows.append(MAIL | what | own)
    if not rows:
        return
    slots = [
        {**what, "integration_id": one, "slot": s, "messages": n, "size_bytes": n}
        for s, n in counts.items()
    ]
    with writing(runtime.engine) as conn:
        conn.execute(insert(message), rows)
        conn.execute(insert(rollup), slots)


def stand(runtime: Runtime, one: int, **values: Any) -> None:
    """Set columns of an integration."""
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, **values)


def wrong(runtime: Runtime, one: int) -> dict[str, dict[str, str]]:
    """Give what is wrong with a mailbox now: facts by code."""
    with reading(runtime.engine) as conn:
        return {i.code: i.facts for i in incidents.open_of(conn, one)}


MAIL: dict[str, Any] = {
    "size_bytes": 1, "attachment": False, "from_name": "", "from_address": "",
    "recipients": "", "copied": "", "subject": "", "message_id": "",
    "in_reply_to": "", "refs": "", "search": "",
}  # fmt: skip
