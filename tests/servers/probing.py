"""An installation that probes, and what its probes have written."""

from __future__ import annotations

from dataclasses import replace

from core.card import Card
from core.incidents import Incident
from core.runtime import Runtime
from core.store import cards, incidents
from core.store.engine import reading
from tests.servers.installation import Installation
from tests.servers.listening import Observed

PROBED_S = 15.0


def often(installation: Installation, **changes: object) -> Runtime:
    """Give the runtime as it would be if it probed each second."""
    runtime = installation.runtime
    settings = {"probe_every_s": 1, "idle_connections": 1, **changes}
    return replace(runtime, settings=runtime.settings.model_copy(update=settings))


def card_of(installation: Installation, one: int) -> Card | None:
    """Give the card of a mailbox's server."""
    with reading(installation.runtime.engine) as conn:
        return cards.of(conn, one)


def wrong(installation: Installation, one: int) -> dict[str, Incident]:
    """Give what is wrong with a mailbox now, by code."""
    with reading(installation.runtime.engine) as conn:
        return {found.code: found for found in incidents.open_of(conn, one)}


def told(installation: Installation, one: int) -> list[Incident]:
    """Give all that was ever wrong with a mailbox, the newest first."""
    with reading(installation.runtime.engine) as conn:
        return incidents.history(conn, one, 100)


def probes_of(worker: Observed, *ways: str) -> int:
    stats = worker.stats()
    return sum(stats.get(f"probe_{way}", 0) for way in ways or ("level", "unknown"))


def until_probed(worker: Observed) -> None:
    """Wait until a probe has begun and ended well since now."""
    before = probes_of(worker)
    worker.until(lambda: probes_of(worker) > before + 1, PROBED_S)
