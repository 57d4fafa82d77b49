"""What a server's profile says of watching: the one place that the watcher asks."""

from __future__ import annotations

from typing import NamedTuple

from core.imap.session import Session
from core.jobs.gate import Bounds

IDLE_S = 600.0  # THREATS 39: 29 minutes by RFC 2177, 10 in practice
IDLE_CONNECTIONS = 2
BOUNDS = Bounds()


class Habit(NamedTuple):
    """Whether to IDLE, for how long at a time, on how many folders, in which bounds."""

    idle: bool
    idle_s: float
    idle_connections: int
    bounds: Bounds


def habit(session: Session) -> Habit:
    """Read the profile of a session that has logged in."""
    return Habit(session.features.idle, IDLE_S, IDLE_CONNECTIONS, BOUNDS)


def first_bounds(_host: str) -> Bounds:
    """Give the bounds for a server that has not yet said who it is."""
    return BOUNDS
