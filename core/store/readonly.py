"""An engine whose connections cannot write, whatever they are told."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Engine, event


def read_only(engine: Engine) -> Engine:
    """Let every new connection of an engine read and nothing else."""
    if engine.dialect.name == "sqlite":
        # Not mode=ro: a database in WAL mode needs its -shm to be read, too.
        said = "PRAGMA query_only=ON"
    else:
        said = "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY"

    def refuse_to_write(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        cursor.execute(said)
        cursor.close()
        connection.commit()  # the characteristics are those of the next transaction

    event.listen(engine, "connect", refuse_to_write)
    return engine
