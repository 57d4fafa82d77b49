"""Bring the database up to date; say whether code and database agree."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

from core.store.engine import writing


def upgrade(engine: Engine) -> tuple[str | None, str | None]:
    """Apply what is missing; give the revision before and after."""
    with writing(engine) as conn:
        before = current(conn)
        if before != head():
            command.upgrade(_config(conn), "head")
        return before, current(conn)


def check(engine: Engine) -> None:
    """Raise when the tables in code are not the tables in the database."""
    with writing(engine) as conn:
        command.check(_config(conn))


def current(conn: Connection) -> str | None:
    """Give the revision that the database is at."""
    return MigrationContext.configure(conn).get_current_revision()


def head() -> str | None:
    """Give the newest revision that the code has."""
    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Config:
    config = Config()
    here = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(here))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
