"""Recordings of the connections of a mailbox, on demand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from core.runtime import Runtime
from core.store import integrations, recorded
from core.store.engine import reading, writing
from core.store.recorded import LINES_MOST, Line
from core.watch.acts import act

RECORDED_FOR = timedelta(minutes=10)
LINES_SHOWN = 200
ARROWS = {"out": ">", "in": "<"}


@dataclass(frozen=True, slots=True)
class Recording:
    """What was recorded of a mailbox: how many lines, and the newest of them.

    `until` is None when nothing is being recorded.
    """

    until: datetime | None
    count: int
    newest: list[Line]


def record(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Record all connections for ten minutes; one is opened now, to be seen."""
    now = runtime.clock()
    values = {"record_until": now + RECORDED_FOR, "requested_at": now}
    act(runtime, integration_id, actor, "record", **values)


def stop_recording(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Record no more; what was recorded stays."""
    now = runtime.clock()
    act(runtime, integration_id, actor, "record_stop", record_until=now)


def forget_recording(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Delete what was recorded."""
    act(runtime, integration_id, actor, "record_delete")
    with writing(runtime.engine) as conn:
        recorded.forget(conn, integration_id)


def recording(runtime: Runtime, integration_id: int) -> Recording:
    """Tell what is, and what was, recorded of a mailbox."""
    with reading(runtime.engine) as conn:
        until = integrations.get(conn, integration_id).record_until
        count = recorded.count(conn, integration_id)
        newest = recorded.newest(conn, integration_id, LINES_SHOWN)
    on = until is not None and until > runtime.clock()
    return Recording(until if on else None, count, newest)


def recording_as_text(runtime: Runtime, integration_id: int) -> str:
    """Give all that was recorded, a line each: when, by whom, which way, what."""
    with reading(runtime.engine) as conn:
        lines = recorded.newest(conn, integration_id, LINES_MOST)
    return "".join(f"{as_text(line)}\n" for line in lines)


def as_text(line: Line) -> str:
    """Write one line down; times are UTC."""
    at = line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return f"{at} {line.who:<5} {ARROWS[line.way]} {line.line}"
