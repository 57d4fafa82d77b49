"""One live integration per owner, leases, disconnecting."""

import threading
from datetime import timedelta

import pytest

from core import watch
from core.connect import disconnect
from core.errors import AlreadyIntegrated, Ended, NotFound, Overtaken
from core.runtime import Runtime
from core.store import credentials, integrations, leases
from core.store.engine import reading, writing
from core.store.leases import LEASE
from tests.store.building import connected


def test_an_owner_has_one_live_integration_whatever_the_case_of_the_name(
    runtime: Runtime,
) -> None:
    connected(runtime, "João")
    with pytest.raises(AlreadyIntegrated):
        connected(runtime, "JOAO")
    connected(runtime, "Maria")


def test_of_many_attempts_at_the_same_moment_one_remains(runtime: Runtime) -> None:
    barrier = threading.Barrier(8)
    outcomes: list[int | None] = []

    def attempt() -> None:
        barrier.wait()
        try:
            outcomes.append(connected(runtime))
        except AlreadyIntegrated:
            outcomes.append(None)

    threads = [threading.Thread(target=attempt) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outcomes) == 8
    assert len([o for o in outcomes if o is not None]) == 1
    assert len(watch.live(runtime)) == 1


def test_after_disconnecting_another_can_be_connected_and_history_stays(
    runtime: Runtime,
) -> None:
    first = connected(runtime)
    with writing(runtime.engine) as conn:
        credentials.put_credential(conn, first, "password", "k", b"sealed")
    disconnect(runtime, first, "test")
    with pytest.raises(NotFound), reading(runtime.engine) as conn:
        credentials.credential_of(conn, first, "password")
    second = connected(runtime)
    assert [i.id for i in watch.live(runtime)] == [second]
    assert watch.integration(runtime, first).address == "me@example.org"
    with pytest.raises(NotFound):
        disconnect(runtime, first, "test")


def test_a_lease_is_held_by_one_and_falls_free_with_time(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()
    with writing(runtime.engine) as conn:
        leases.take(conn, one, "a", now)
        with pytest.raises(Overtaken):
            leases.take(conn, one, "b", now)
        with pytest.raises(Overtaken):
            leases.renew(conn, one, "b", now)
        assert integrations.due(conn, now) == []
        later = now + LEASE + timedelta(seconds=1)
        leases.take(conn, one, "b", later)
        with pytest.raises(Overtaken):
            leases.renew(conn, one, "a", later)
        leases.release(conn, one, "b")
        assert integrations.due(conn, later) == [one]


def test_paused_and_ended_integrations_are_not_synced(runtime: Runtime) -> None:
    paused, ended = connected(runtime, "A"), connected(runtime, "B")
    watch.pause(runtime, paused, "test")
    disconnect(runtime, ended, "test")
    now = runtime.clock()
    for one in (paused, ended):
        with pytest.raises(Ended), writing(runtime.engine) as conn:
            leases.take(conn, one, "a", now)
    with reading(runtime.engine) as conn:
        assert integrations.due(conn, now) == []
    watch.resume(runtime, paused, "test")
    with reading(runtime.engine) as conn:
        assert integrations.due(conn, runtime.clock()) == [paused]
