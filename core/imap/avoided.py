"""Capabilities that a server offers and does not understand (THREATS, fault 37).

Remembered for a day in this process: without it each session would learn anew.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

from core.model import Server

REMEMBERED_S = 86_400.0
_until: dict[tuple[Server, str], float] = {}


def remember(server: Server, names: Iterable[str]) -> None:
    """Avoid capabilities of a server from now on."""
    _until.update({(server, name): time.monotonic() + REMEMBERED_S for name in names})


def of(server: Server) -> set[str]:
    """Give what is avoided now, by the names on the wire."""
    now = time.monotonic()
    known = list(_until.items())  # other threads may add to it
    return {name for (whose, name), until in known if whose == server and until > now}


def forget() -> None:
    """Avoid nothing any more."""
    _until.clear()
