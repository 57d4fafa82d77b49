"""What is wrong with an integration, what was, and how long it took to recover."""

from __future__ import annotations

from datetime import timedelta

from core.incidents import RANK, Incident, Level, recovery
from core.runtime import Runtime
from core.store import incidents
from core.store.engine import reading

INCIDENTS_SHOWN = 50
RECOVERY = timedelta(days=30)  # of which the mean times are


def warnings(runtime: Runtime, integration_id: int) -> list[Incident]:
    """List the warnings that stand, the worst first."""
    with reading(runtime.engine) as conn:
        found = incidents.open_of(conn, integration_id)
    doubts = [one for one in found if one.level is Level.WARNING]
    return sorted(doubts, key=lambda one: RANK.get(one.code, len(RANK)))


def trouble(
    runtime: Runtime, integration_id: int
) -> tuple[list[Incident], dict[str, timedelta]]:
    """Give the newest incidents, newest first, and mean times to recover by code."""
    since = runtime.clock() - RECOVERY
    with reading(runtime.engine) as conn:
        newest = incidents.history(conn, integration_id, INCIDENTS_SHOWN)
        ended = incidents.ended_after(conn, integration_id, since)
    return newest, recovery(ended, since)
