"""How integrations stand, and what was done with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pandas as pd

from core.errors import NotFound
from core.model import Integration, Outcome, State
from core.runtime import Runtime
from core.store import directory, followed, frames, integrations, runs
from core.store.directory import Choice
from core.store.engine import reading
from core.store.integrations import Standing

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
        return _told(frames.integrations(conn), runtime)


def one(runtime: Runtime, integration_id: int) -> dict[str, Any]:
    """Give the row of one integration as of `overview`, at the cost of one.

    Raises:
        NotFound: there is none with this id.

    """
    with reading(runtime.engine) as conn:
        found = _told(frames.integrations(conn, integration_id), runtime)
    if found.empty:
        raise NotFound(what="integration", id=integration_id)
    return {str(name): value for name, value in found.iloc[0].to_dict().items()}


def choices(runtime: Runtime, search: str, most: int) -> list[Choice]:
    """List integrations to choose from, live ones first, by owner; `most` of them."""
    with reading(runtime.engine) as conn:
        return directory.choices(conn, search, most)


def choice(runtime: Runtime, integration_id: int) -> Choice | None:
    """Give one integration to be chosen, if there is one with this id."""
    with reading(runtime.engine) as conn:
        return directory.choice(conn, integration_id)


def every_id(runtime: Runtime) -> tuple[int, ...]:
    """Give the id of every integration, ended ones too."""
    with reading(runtime.engine) as conn:
        return directory.ids(conn)


def named(runtime: Runtime, some: Collection[int]) -> dict[int, Choice]:
    """Give some integrations, by id, as people name them."""
    with reading(runtime.engine) as conn:
        return directory.named(conn, some)


def folder_titles(runtime: Runtime, integration_id: int) -> dict[int, str]:
    """Give the folders of an integration to choose from, by id: nothing is counted."""
    with reading(runtime.engine) as conn:
        return directory.folder_titles(conn, integration_id)


def how_many(runtime: Runtime) -> int:
    """Count the integrations, ended ones too."""
    with reading(runtime.engine) as conn:
        return directory.count(conn)


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


def _told(found: pd.DataFrame, runtime: Runtime) -> pd.DataFrame:
    now = pd.Timestamp(runtime.clock())
    found["shown_state"] = [
        str(_shown(*values, now))
        for values in zip(
            found["state"], found["paused"], found["lease_until"], strict=True
        )
    ]
    return found


def _shown(state: Any, paused: Any, lease_until: Any, now: pd.Timestamp) -> State:
    if paused:
        return State.PAUSED
    if lease_until is not None and not pd.isna(lease_until) and lease_until > now:
        return State.SYNCING
    return State(state)


def _is_later(stands: Standing, now: datetime) -> bool:
    return stands.lease_until is not None and stands.lease_until > now
