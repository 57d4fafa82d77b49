"""The one Runtime of this process, shared by every session."""

from __future__ import annotations

from functools import cache

from core.runtime import Runtime, open_runtime
from core.settings import read_settings

ACTOR = "console"


@cache
def runtime() -> Runtime:
    """Open once; the launcher does so before the first visitor comes."""
    return open_runtime(read_settings())
