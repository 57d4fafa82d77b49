"""What a server's profile says of watching: the one place that the watcher asks."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from core.imap.profiles import Profile, choose
from core.imap.session import Session
from core.jobs.gate import Bounds


class Habit(NamedTuple):
    """Whether to IDLE, for how long at a time, on how many folders, in which bounds."""

    idle: bool
    idle_s: float
    idle_connections: int
    bounds: Bounds


def habit(session: Session) -> Habit:
    """Read the profile of a session that has logged in."""
    profile = session.profile
    idle = session.features.idle and profile.idle
    return Habit(idle, profile.idle_s, profile.idle_connections, bounds(profile))


def first_bounds(host: str) -> Bounds:
    """Give the bounds for a server that has not yet said who it is."""
    return bounds(choose(host))


@lru_cache(maxsize=256)
def bounds(profile: Profile) -> Bounds:
    """Give the bounds of a profile; connections that idle come beside the others."""
    return Bounds(
        account=profile.connections + profile.idle_connections,
        host=profile.connections_per_host,
        gap_s=profile.start_gap_s,
    )
