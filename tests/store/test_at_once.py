"""Several at the same moment, each with a connection of its own: one after the other.

SQLite lets one write at a time. PostgreSQL lets all of them: what each reads may be old
when it writes, unless it waits for the others.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy import select

from core.connect.attempts import MOST, Attempts
from core.errors import Overtaken, TooManyAttempts
from core.model import Role, Trigger
from core.runtime import Runtime, open_runtime
from core.store import (
    credentials,
    folders,
    incidents,
    integrations,
    known,
    leases,
    messages,
    quarters,
    roles,
    rollups,
    workers,
)
from core.store.engine import open_engine, reading, writing
from core.store.migrate import HEAD, upgrade
from core.store.placements import Place
from core.store.quarters import Attempt
from core.store.refused_logins import Who
from core.store.schema import integration
from core.store.watch_tables import incident
from tests.servers.postgresql import Postgresql
from tests.store.building import OWN, connected, listed, put, some

T = TypeVar("T")
MANY = 8


def at_once(act: Callable[[int], T], many: int = MANY) -> list[T]:
    """Do something many times at the same moment; give what came of each."""
    barrier = threading.Barrier(many)

    def one(number: int) -> T:
        barrier.wait()
        return act(number)

    with ThreadPoolExecutor(many) as pool:
        return list(pool.map(one, range(many)))


def test_one_of_many_takes_the_lease(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()

    def take(number: int) -> bool:
        try:
            with writing(runtime.engine) as conn:
                leases.take(conn, one, f"holder {number}", now)
        except Overtaken:
            return False
        return True

    assert at_once(take).count(True) == 1


def test_five_passwords_are_sent_and_no_more(runtime: Runtime) -> None:
    attempts = Attempts(runtime, Who("Ana", "ana@example.org"), "test")

    def begin(_: int) -> bool:
        try:
            attempts._begin("imap.example.org")
        except TooManyAttempts:
            return False
        return True

    assert at_once(begin, 2 * MOST).count(True) == MOST


def test_what_is_wrong_is_noted_once(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()

    def observe(_: int) -> bool:
        with writing(runtime.engine) as conn:
            return incidents.observe(conn, one, "behind", now)

    assert at_once(observe).count(True) == 1
    with reading(runtime.engine) as conn:
        assert conn.scalars(select(incident.c.times)).all() == [MANY]


def test_of_what_is_put_in_the_place_of_another_one_stays(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()

    def put_both(number: int) -> None:
        with writing(runtime.engine) as conn:
            sealed = bytes([number])
            credentials.put_credential(conn, one, "password", "k", sealed)
            workers.want(conn, "demo", now, wanted=True)

    at_once(put_both)
    with reading(runtime.engine) as conn:
        assert credentials.credential_of(conn, one, "password")[0] < MANY
        assert workers.wanted(conn, "demo")


def test_many_processes_start_on_an_empty_database(
    runtime: Runtime, postgresql: Postgresql
) -> None:
    served = runtime.engine.dialect.name == "postgresql"
    url = postgresql.database() if served else ""
    data = runtime.settings.data / "another"
    url = url or f"sqlite:///{data}/malote.db"
    settings = runtime.settings.model_copy(
        update={"database_url": url, "data": data, "key_file": data / "key"}
    )

    def start(_: int) -> str:
        opened = open_runtime(settings)
        opened.engine.dispose()
        return opened.vault.key_id

    assert len(set(at_once(start, 4))) == 1
    engine = open_engine(url)
    assert upgrade(engine) == (HEAD, HEAD)
    engine.dispose()


def test_looks_of_two_workers_at_the_same_mailboxes(runtime: Runtime) -> None:
    ids = [connected(runtime, f"Owner {n}") for n in range(40)]
    now = runtime.clock()
    with reading(runtime.engine) as conn:
        since = integrations.credentials_since(conn, ids)
    later = now + timedelta(minutes=1)

    def write(number: int) -> None:
        mine = ids if number % 2 else ids[::-1]
        looks = [
            known.Look(one, Trigger.SCHEDULE, now, now, now, later, (), since[one])
            for one in mine
        ]
        with writing(runtime.engine) as conn:
            known.write_looks(conn, looks)

    at_once(write, 4)
    slot = quarters.slot_of(now)
    with reading(runtime.engine) as conn:
        rows = quarters.of(conn, ids, slot, slot)
    assert {row[2] for row in rows} == {4}
    assert len(rows) == len(ids)


def test_what_was_seen_before_a_reconnection_is_not_written_after_it(
    runtime: Runtime,
) -> None:
    one, now = connected(runtime), runtime.clock()
    with reading(runtime.engine) as conn:
        before = integrations.credentials_since(conn, [one])[one]
        known_as = integrations.get(conn, one)
    later = now + timedelta(days=1)
    look = known.Look(one, Trigger.SCHEDULE, later, later, later, later, (), before)
    reconnected, written = threading.Event(), threading.Event()

    def write() -> None:
        reconnected.wait(10)
        with writing(runtime.engine) as conn:
            known.write_looks(conn, [look])
        written.set()

    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(write)
        with writing(runtime.engine) as conn:
            integrations.reconnect(conn, known_as, now + timedelta(seconds=1))
            reconnected.set()
            assert not written.wait(0.3)  # it waits for us
        done.result(10)
    with reading(runtime.engine) as conn:
        assert conn.scalar(select(integration.c.seen_at)) != later


@pytest.mark.parametrize("act", ["role", "repair"])
def test_totals_are_right_whoever_writes_beside_a_sync(
    runtime: Runtime, act: str
) -> None:
    one, now = connected(runtime), runtime.clock()
    ids = listed(runtime, one, "Inbox", "Clientes")
    folder = ids["Clientes"]
    put(runtime, one, folder, some(50))
    with writing(runtime.engine) as conn:
        leases.take(conn, one, "holder", now)

    def batch(number: int) -> None:
        fetched = some(50, first=100 + 50 * number)
        with writing(runtime.engine) as conn:
            leases.renew(conn, one, "holder", now)
            f = folders.get(conn, folder)
            messages.put(conn, Place(one, folder, f.generation, f.role, OWN), fetched)

    def write(number: int) -> None:
        if number % 2:
            batch(number)
            return
        with writing(runtime.engine) as conn:
            if act == "repair":
                rollups.repair(conn, one)
                return
            role = Role.SENT if number % 4 else Role.OTHER
            roles.retell(conn, roles.choose(conn, folder, role), {"me@example.org"})

    at_once(write)
    with reading(runtime.engine) as conn:
        assert rollups.held(conn, one) == rollups.counted(conn, one)


def test_attempts_of_many_workers_add_up(runtime: Runtime) -> None:
    ids = [connected(runtime, f"Owner {n}") for n in range(20)]
    now = runtime.clock()

    def note(number: int) -> None:
        mine = ids if number % 2 else ids[::-1]
        with writing(runtime.engine) as conn:
            quarters.note(conn, [Attempt(one, now) for one in mine])

    at_once(note)
    slot = quarters.slot_of(now)
    with reading(runtime.engine) as conn:
        assert {row[2] for row in quarters.of(conn, ids, slot, slot)} == {MANY}
