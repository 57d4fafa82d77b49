"""The templates that an activity may name."""

from __future__ import annotations

from console.runtime import runtime
from core import templates


def offered(kept: str) -> list[str]:
    """Give the names to choose from: none, every template, and the one that is kept.

    An activity names its template; it keeps the name of one that was deleted.
    """
    names = [one.name for one in templates.listed(runtime())]
    return list(dict.fromkeys(("", *names, kept)))
