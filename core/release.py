"""Which version this is."""

from __future__ import annotations

from functools import cache
from importlib import metadata

NAME = "malote"


@cache
def version_of(distribution: str = NAME) -> str:
    """Give the version of an installed distribution, "" when it is not installed."""
    try:
        return metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return ""
