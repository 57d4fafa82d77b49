"""A reader sees one moment, and cannot write; what a server states fits."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sqlalchemy import Connection, exc, func, select

from core.errors import StoreUnavailable
from core.model import Status
from core.runtime import Runtime
from core.store import folders, frames, integrations
from core.store.counts import MOST
from core.store.engine import durable, reading, writing
from core.store.schema import owner
from tests.store.building import connected, listed


def test_a_reader_sees_one_moment(runtime: Runtime) -> None:
    count = select(func.count()).select_from(owner)
    connected(runtime, "Ana")
    with reading(runtime.engine) as conn:
        assert conn.scalar(count) == 1
        connected(runtime, "Bia")
        assert conn.scalar(count) == 1
    with reading(runtime.engine) as conn:
        assert conn.scalar(count) == 2


def test_what_went_wrong_is_not_written_at_all(runtime: Runtime) -> None:
    one = connected(runtime)
    with pytest.raises(exc.IntegrityError), writing(runtime.engine) as conn:
        integrations.change(conn, one, failures=9, owner_id=999)
    with reading(runtime.engine) as conn:
        assert integrations.standing(conn, one).failures == 0


FULL, NORMAL = 2, 1  # SQLite's PRAGMA synchronous


def _synchronous(conn: Connection) -> int:
    asked = "PRAGMA synchronous" if conn.dialect.name == "sqlite" else "SELECT 2"
    return int(conn.exec_driver_sql(asked).scalar_one())


def test_what_must_not_be_lost_with_the_power_is_waited_for(runtime: Runtime) -> None:
    one = connected(runtime)
    usual = NORMAL if runtime.engine.dialect.name == "sqlite" else FULL
    for values in ({"failures": 3}, {"owner_id": 999}):
        with suppress(exc.IntegrityError), durable(runtime.engine) as conn:
            assert _synchronous(conn) == FULL
            integrations.change(conn, one, **values)
        with writing(runtime.engine) as conn:
            assert _synchronous(conn) == usual
    with reading(runtime.engine) as conn:
        assert integrations.standing(conn, one).failures == 3


def test_what_is_not_there_is_unavailable_and_a_bug_is_a_bug(runtime: Runtime) -> None:
    with pytest.raises(StoreUnavailable), reading(runtime.engine) as conn:
        conn.exec_driver_sql("SELECT * FROM nothing")
    connected(runtime)
    with pytest.raises(exc.IntegrityError), writing(runtime.engine) as conn:
        conn.exec_driver_sql("UPDATE integration SET owner_id = 999")


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_reader_of_postgresql_writes_nothing(runtime: Runtime) -> None:
    one = connected(runtime)
    with pytest.raises(exc.InternalError), reading(runtime.engine) as conn:
        integrations.change(conn, one, failures=9)


def test_the_greatest_numbers_that_a_server_may_state_are_kept(
    runtime: Runtime,
) -> None:
    one, most = connected(runtime), 2**32 - 1
    inbox = listed(runtime, one, "Inbox")["Inbox"]
    stated = Status(most, most, 2**63 - 1, most, most)
    with writing(runtime.engine) as conn:
        folders.compared(conn, inbox, stated, runtime.clock())
        folders.unchanged(conn, {inbox: stated}, runtime.clock())
        found = frames.folders(conn, one)
    assert list(found["on_server"]) == list(found["unseen_on_server"]) == [MOST]
