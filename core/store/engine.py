"""Open the database, embedded (SQLite) or served (PostgreSQL)."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import URL, Connection, Engine, create_engine, event, exc
from sqlalchemy.engine import make_url

from core.errors import BadInput, StoreUnavailable
from core.store import folding

BUSY_TIMEOUT_MS = 10_000
WAL_PAGES = 16_000  # of 4 KiB
# How PostgreSQL is spoken to; what stands in the URL goes before. No wait is for ever:
# not for a server that went away without a word, nor for a row that somebody holds.
CONNECT_TIMEOUT_S = 10
SILENT_S = 30
LIMITS = {
    "connect_timeout": str(CONNECT_TIMEOUT_S),
    "keepalives_idle": str(SILENT_S),
    "tcp_user_timeout": str(SILENT_S * 1000),
    "options": f"-c lock_timeout={BUSY_TIMEOUT_MS}",
    "application_name": "malote",
    "target_session_attrs": "read-write",  # no standby
}
# What a reader of PostgreSQL is told of itself: all that it reads is of one moment.
ONE_STATE: dict[str, Any] = {
    "isolation_level": "REPEATABLE READ",
    "postgresql_readonly": True,
}
REASON_CHARS = 300
# What sqlite3 calls an OperationalError, and psycopg does not: no such table, no such
# column (they are another release's), no leave to write.
AWAY = {"42P01", "42703", "42501"}


def open_engine(url: str) -> Engine:
    """Give an engine; SQLite gets WAL, a busy timeout and foreign keys.

    The file of a new SQLite database is made with mode 0600. PostgreSQL is spoken to
    by psycopg, whether the URL says so or not.
    """
    try:
        where = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise BadInput("MALOTE_DATABASE_URL", "setting", reason="no URL") from None
    if where.get_backend_name() != "sqlite":
        return _served(where)
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
def durable(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that is on the disk at its end, come what may.

    What others end with SQLite may be lost with the power, though never in part
    (`synchronous`); PostgreSQL waits for its disk each time.

    Raises:
        StoreUnavailable: as of `writing`.

    """
    with translated(), engine.connect() as opened, _synced(opened):
        conn = opened.execution_options(writing=True)
        with conn.begin():
            yield conn


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Give a transaction that sees one state of the database."""
    with translated(), engine.connect() as opened:
        served = opened.dialect.name != "sqlite"  # there a reader sees one state anyway
        conn = opened.execution_options(**ONE_STATE) if served else opened
        with conn.begin():
            yield conn


@contextmanager
def translated() -> Iterator[None]:
    """Turn what the database cannot do now into our error; let bugs through."""
    try:
        yield
    except exc.DBAPIError as error:
        if not _is_away(error):
            raise
        raise _unavailable(error.orig) from error
    except exc.TimeoutError as error:  # every connection of ours is in use
        raise _unavailable(error) from error


def _unavailable(error: object) -> StoreUnavailable:
    """Say it in one line: libpq has one for each address that it tried."""
    words = " ".join(str(error).split())[:REASON_CHARS]
    return StoreUnavailable(words, reason=words)


def _is_away(error: exc.DBAPIError) -> bool:
    """Tell whether the database is at fault, and not what was asked of it.

    psycopg's InterfaceError is about a connection that is closed; sqlite3's is about
    wrong use. What has no statement came of connecting: an option that libpq lacks.
    """
    if isinstance(error, exc.OperationalError) or error.connection_invalidated:
        return True
    if isinstance(error, exc.ProgrammingError) and error.statement is None:
        return True
    state = getattr(error.orig, "sqlstate", None)
    return isinstance(error.orig, psycopg.InterfaceError) or state in AWAY


def _served(where: URL) -> Engine:
    where = where.set(drivername="postgresql+psycopg")
    limits = {name: value for name, value in LIMITS.items() if name not in where.query}
    engine = create_engine(
        where,
        pool_pre_ping=True,
        connect_args=limits,
        isolation_level="READ COMMITTED",  # of writers, whatever the server's own is
    )
    event.listen(engine, "connect", _in_short)
    return engine


def _in_short(connection: psycopg.Connection[Any], _record: object) -> None:
    """Have no query compiled or shared out: ours are short, and do not win by it.

    Measured with PostgreSQL 15: to compile takes 60 ms, to start two helpers 5 to 15 ms
    of each walk through an index that takes 2 ms by itself. Nor is a plan kept for
    whatever may be asked: the same query is of all mailboxes and of one.
    """
    connection.execute("SET jit = off")
    connection.execute("SET plan_cache_mode = force_custom_plan")
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()


def _make_private(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o600))


def _tune(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # we begin transactions ourselves
    connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    _write_ahead(connection)
    for pragma in (
        "synchronous=NORMAL",
        # Each checkpoint writes to the disk and waits for it: not after every batch.
        f"wal_autocheckpoint={WAL_PAGES}",
        "foreign_keys=ON",
        "cache_size=-16000",
    ):
        connection.execute(f"PRAGMA {pragma}")
    folding.give(connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Switch a file to its write-ahead log, in which it stays.

    SQLite (3.40) does not wait for others who do so at the same time, with a new file.
    So their end is waited for, by the lock that they hold.
    """
    until = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > until:
                raise
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("ROLLBACK")
        else:
            return


@contextmanager
def _synced(opened: Connection) -> Iterator[None]:
    """Have SQLite wait for its disk at each end of a transaction (PRAGMA)."""
    if opened.dialect.name != "sqlite":
        yield
        return
    raw: Any = opened.connection.dbapi_connection  # no transaction begins by this
    raw.execute("PRAGMA synchronous=FULL")
    try:
        yield
    finally:
        raw.execute("PRAGMA synchronous=NORMAL")


def _begin(connection: Connection) -> None:
    # A transaction that upgrades from reading to writing fails at once when another
    # one wrote meanwhile, without waiting: so writers say so at the start.
    writes = connection.get_execution_options().get("writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
