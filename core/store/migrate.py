"""Bring the database up to date; say whether code and database agree.

Alembic is imported only when there is something for it to do: most starts find the
database as it should be, and need not wait for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from core.store import locks
from core.store.engine import writing

HEAD = "0008"  # the newest revision in migrations/versions; a test compares


def upgrade(engine: Engine) -> tuple[str | None, str | None]:
    """Apply what is missing; give the revision before and after."""
    with writing(engine) as conn:
        before = current(conn)
        if before != HEAD:
            before = _alone(conn)
        if before != HEAD:
            from alembic import command  # noqa: PLC0415 - see above

            command.upgrade(_config(conn), "head")
        return before, current(conn)


def _alone(conn: Connection) -> str | None:
    """Wait for another process that may be at it; give the revision then."""
    if conn.dialect.name != "sqlite":
        conn.execute(text("SET LOCAL lock_timeout = 0"))  # for as long as it takes
        locks.alone(conn, "migrations")
    return current(conn)


def check(engine: Engine) -> None:
    """Raise when the tables in code are not the tables in the database."""
    from alembic import command  # noqa: PLC0415 - see above

    with writing(engine) as conn:
        command.check(_config(conn))


def current(conn: Connection) -> str | None:
    """Give the revision that the database is at; None when it is empty."""
    if not inspect(conn).has_table("alembic_version"):
        return None
    found: str | None = conn.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def newest() -> str | None:
    """Give the newest revision that there is a file for."""
    from alembic.script import ScriptDirectory  # noqa: PLC0415 - see above

    return ScriptDirectory.from_config(_config(None)).get_current_head()


def _config(connection: Connection | None) -> Any:
    from alembic.config import Config  # noqa: PLC0415 - see above

    config = Config()
    here = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(here))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config
