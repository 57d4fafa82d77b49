"""What a bundle tells of the program and its settings."""

from __future__ import annotations

import platform
import re
import sqlite3
import sys
from importlib import metadata
from typing import Any

from pydantic import SecretStr
from sqlalchemy.engine import make_url

from core.bundle.contents import Scope
from core.release import NAME, version_of
from core.settings import Settings
from core.store import migrate
from core.store.engine import reading

# Settings that are words of ours. Numbers are shown too; nothing else is.
WORDS = {"log_format", "log_level"}
SET, DEFAULT, NOT_SET = "set", "default", "not set"


def versions(scope: Scope) -> dict[str, Any]:
    """Give versions of the program, of what it stands on, and of the tables."""
    with reading(scope.runtime.engine) as conn:
        revision = migrate.current(conn)
    return {
        NAME: version_of(),
        "python": sys.version.split()[0],
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "sqlite": sqlite3.sqlite_version,
        "database": scope.runtime.engine.dialect.name,
        "revision": revision,
        "revision_of_code": migrate.HEAD,
        "libraries": {name: version_of(name) for name in _libraries()},
    }


def settings(scope: Scope) -> dict[str, Any]:
    """Give numbers and our own words as they are; of the rest, whether it is set."""
    kept = scope.runtime.settings
    return {
        f"MALOTE_{name.upper()}": _shown(name, getattr(kept, name))
        for name in Settings.model_fields
    }


def _shown(name: str, value: Any) -> Any:
    if name == "database_url":
        return make_url(str(value)).drivername
    if isinstance(value, (bool, int, float)) or name in WORDS:
        return value
    if isinstance(value, (frozenset, set)):
        return len(value)
    field = Settings.model_fields[name]
    if value == field.default and value:
        return DEFAULT
    text = value.get_secret_value() if isinstance(value, SecretStr) else value
    return SET if text else NOT_SET


def _libraries() -> list[str]:
    try:
        needed = metadata.requires(NAME) or []
    except metadata.PackageNotFoundError:
        return []
    return sorted({re.split(r"[^\w.-]", one, maxsplit=1)[0] for one in needed})
