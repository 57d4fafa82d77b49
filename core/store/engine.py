"""Open the database, embedded (SQLite) or served (PostgreSQL)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from core.errors import StoreUnavailable

BUSY_TIMEOUT_MS = 10_000
WAL_PAGES = 16_000  # of 4 KiB


def open_engine(url: str) -> Engine:
    """Give an engine; SQLite gets WAL, a busy timeout and foreign keys.

    The file of a new SQLite database is made with mode 0600.
    """
    where = make_url(url)
    if where.get_backend_name() != "sqlite":
        return create_engine(where, pool_pre_ping=True)
    if where.database and where.database != ":memory:":
        _make_private(Path(where.database))
    engine = create_engine(where)
    event.listen(engine, "connect", _tune)
    event.listen(engine, "begin", _begin)
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that may write; it is short, never across the network.

    Raises:
        StoreUnavailable: disk full, database locked or away.

    """
    with translated(), engine.connect() as opened:
        conn = opened.execution_options(writing=True)
        with conn.begin():
            yield conn


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that sees one state of the database."""
    with translated(), engine.connect() as conn, conn.begin():
        yield conn


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database cannot do now into our error; let bugs through."""
    try:
        yield
    except exc.OperationalError as error:
        raise StoreUnavailable(str(error.orig), reason=str(error.orig)) from error


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _tune(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        # Each checkpoint writes to the disk and waits for it: not after every batch.
        f"wal_autocheckpoint={WAL_PAGES}",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    # A transaction that upgrades from reading to writing fails at once when another
    # one wrote meanwhile, without waiting: so writers say so at the start.
    writes = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
