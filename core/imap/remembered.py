"""What this process has learnt of servers, so that each session need not learn it anew.

Capabilities that a server offers and does not understand (THREATS, fault 37), and what
it calls itself (RFC 2971). Forgotten after a day.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from core.model import Server

REMEMBERED_S = 86_400.0
_avoided_until: dict[tuple[Server, str], float] = {}
_names: dict[Server, tuple[str, float]] = {}


def avoid(server: Server, names: Iterable[str]) -> None:
    """Avoid capabilities of a server from now on."""
    until = time.monotonic() + REMEMBERED_S
    _avoided_until.update({(server, name): until for name in names})


def avoided(server: Server) -> set[str]:
    """Give what is avoided now, by the names on the wire."""
    now = time.monotonic()
    known = list(_avoided_until.items())  # other threads may add to it
    return {name for (whose, name), until in known if whose == server and until > now}


def remember_name(server: Server, name: str) -> None:
    """Remember what a server calls itself."""
    _names[server] = (name, time.monotonic() + REMEMBERED_S)


def name_of(server: Server) -> str | None:
    """Give what a server calls itself, if that was heard within a day."""
    name, until = _names.get(server, ("", 0.0))
    return name if until > time.monotonic() else None


def forget() -> None:
    """Know nothing any more."""
    _avoided_until.clear()
    _names.clear()
