"""Use case: see how integrations are doing, and tell the worker what to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from core.errors import Unreachable
from core.model import Integration, Outcome, Server, State
from core.network import reach, resolve
from core.runtime import Runtime
from core.store import followed, frames, integrations, runs, workers
from core.store.engine import reading, writing
from core.store.integrations import Standing

DEMO = "demo"
SILENT_AFTER = timedelta(seconds=15)
RUNS_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Advance:
    """How far the run at hand is. `rate` is messages a second since it began."""

    started_at: datetime
    current: str
    done: int
    total: int
    rate: float


def overview(runtime: Runtime) -> pd.DataFrame:
    """Give one row per integration as `store.frames.integrations`, with `shown_state`.

    `shown_state` is what people are told: paused and syncing come before the rest.
    """
    with reading(runtime.engine) as conn:
        found = frames.integrations(conn)
    now = pd.Timestamp(runtime.clock())
    found["shown_state"] = [
        str(_shown(*values, now))
        for values in zip(
            found["state"], found["paused"], found["lease_until"], strict=True
        )
    ]
    return found


def integration(runtime: Runtime, integration_id: int) -> Integration:
    """Give one integration, live or ended.

    Raises:
        NotFound: there is none with this id.

    """
    with reading(runtime.engine) as conn:
        return integrations.get(conn, integration_id)


def live(runtime: Runtime) -> list[Integration]:
    """List the live integrations, by owner."""
    with reading(runtime.engine) as conn:
        return integrations.live(conn)


def live_of(runtime: Runtime, owner: str) -> Integration | None:
    """Give the live integration of an owner, if there is one."""
    with reading(runtime.engine) as conn:
        return integrations.live_of(conn, owner)


def standing(runtime: Runtime, integration_id: int) -> Standing:
    """Tell how an integration stands; its state is what people are told."""
    with reading(runtime.engine) as conn:
        kept = integrations.standing(conn, integration_id)
    now = runtime.clock()
    busy = kept.lease_until is not None and kept.lease_until > now
    if kept.state is State.PAUSED or not busy:
        return kept
    values = {name: getattr(kept, name) for name in Standing.__slots__}
    return Standing(**{**values, "state": State.SYNCING})


def folders(runtime: Runtime, integration_id: int) -> pd.DataFrame:
    """Give one row per folder as `store.frames.folders`, missing ones too."""
    with reading(runtime.engine) as conn:
        return frames.folders(conn, integration_id)


def recent_runs(runtime: Runtime, integration_id: int) -> pd.DataFrame:
    """Give the newest runs, newest first."""
    with reading(runtime.engine) as conn:
        return frames.runs(conn, integration_id, RUNS_SHOWN)


def recent_events(runtime: Runtime, integration_id: int) -> pd.DataFrame:
    """Give the newest events, newest first: at, what, facts."""
    with reading(runtime.engine) as conn:
        return frames.events(conn, integration_id, RUNS_SHOWN)


def advance(runtime: Runtime, integration_id: int) -> Advance | None:
    """Tell how far the run at hand is, or None when none is."""
    with reading(runtime.engine) as conn:
        row = runs.latest(conn, integration_id)
        stands = integrations.standing(conn, integration_id)
    now = runtime.clock()
    if row is None or row.outcome != Outcome.RUNNING or not _is_later(stands, now):
        return None
    seconds = max((now - row.started_at).total_seconds(), 0.001)
    rate = row.done / seconds
    return Advance(row.started_at, row.current or "", row.done, row.total, rate)


def is_watched(runtime: Runtime, integration_id: int) -> bool:
    """Tell whether the server tells of new mail (IDLE); else it is asked, often."""
    if not runtime.settings.idle_connections:
        return False
    with reading(runtime.engine) as conn:
        return followed.is_watched(conn, integration_id)


def sync_now(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Ask for a sync as soon as a worker is free."""
    _act(runtime, integration_id, actor, "sync_now", requested_at=runtime.clock())


def pause(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Stop following a mailbox; a run at hand ends at its next batch."""
    _act(runtime, integration_id, actor, "pause", paused=True)


def resume(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Follow a mailbox again, at once."""
    now = runtime.clock()
    _act(runtime, integration_id, actor, "resume", paused=False, next_at=now)


def worker_seen_at(runtime: Runtime) -> datetime | None:
    """Tell when a worker last said that it is alive."""
    with reading(runtime.engine) as conn:
        return workers.last_seen(conn)


def worker_lives(runtime: Runtime) -> bool:
    """Tell whether a worker is at work now."""
    seen = worker_seen_at(runtime)
    return seen is not None and runtime.clock() - seen < SILENT_AFTER


def want_demo(runtime: Runtime, *, wanted: bool = True) -> None:
    """Ask the worker to run the demo's servers."""
    with writing(runtime.engine) as conn:
        workers.want(conn, DEMO, runtime.clock(), wanted=wanted)


def demo_wanted(runtime: Runtime) -> bool:
    """Tell whether the demo's servers are asked for."""
    with reading(runtime.engine) as conn:
        return workers.wanted(conn, DEMO)


def demo_ready(runtime: Runtime) -> bool:
    """Tell whether the demo's servers answer."""
    found = runtime.demo()
    if found is None or not demo_wanted(runtime):
        return False
    server = Server(found.host, found.imap_port)
    policy = runtime.policy()
    try:
        reach(server, resolve(server, policy), policy).close()
    except Unreachable:
        return False
    return True


def _shown(state: Any, paused: Any, lease_until: Any, now: pd.Timestamp) -> State:
    if paused:
        return State.PAUSED
    if lease_until is not None and not pd.isna(lease_until) and lease_until > now:
        return State.SYNCING
    return State(state)


def _is_later(stands: Standing, now: datetime) -> bool:
    return stands.lease_until is not None and stands.lease_until > now


def _act(
    runtime: Runtime, integration_id: int, actor: str, act: str, **values: Any
) -> None:
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        integrations.get(conn, integration_id)
        integrations.change(conn, integration_id, **values)
        runs.record(conn, act, actor, now, integration_id)
        if act != "sync_now":
            runs.tell(conn, integration_id, f"{act}d", now)
