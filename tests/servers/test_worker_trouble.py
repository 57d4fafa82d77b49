"""A running worker when the store is away, or another worker is there."""

from __future__ import annotations

import sqlite3
import time

import pytest
from sqlalchemy import update

from core.errors import StoreUnavailable
from core.jobs.embedded import known_as
from core.jobs.rounds import Rounds
from core.store import engine
from core.store.engine import writing
from core.store.schema import folder
from core.telemetry.counting import Counting
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.listening import WAIT_S, holds, working

pytestmark = pytest.mark.server


@pytest.mark.parametrize("database_url", [""], ids=["sqlite"])  # one lock for all
def test_a_notice_outlives_a_locked_database(
    installation: Installation, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Fault 49.
    monkeypatch.setattr(engine, "BUSY_TIMEOUT_MS", 100)
    installation.runtime.engine.dispose()  # connections with the short patience
    one = installation.connect(account)
    path = installation.runtime.settings.data / "malote.db"
    with working(installation.runtime) as worker:
        worker.until_quiet(one)
        other = sqlite3.connect(path, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        noticed, synced = len(worker.noticed), len(worker.synced)
        deliver_by_lmtp(account, compose())
        worker.until(lambda: len(worker.noticed) > noticed)
        worker.until(lambda: len(worker.synced) > synced + 1)  # in vain, and again
        assert holds(installation, one, "INBOX", 0)
        other.execute("ROLLBACK")
        other.close()
        worker.until(lambda: holds(installation, one, "INBOX", 1))


@pytest.mark.parametrize("error", [StoreUnavailable("locked"), ValueError("a bug")])
def test_a_job_survives_what_goes_wrong_in_it(error: Exception) -> None:
    counting, times = Counting(), list[float]()

    def job() -> None:
        times.append(time.monotonic())
        if len(times) == 1:
            raise error

    rounds, end = Rounds(counting), time.monotonic() + WAIT_S
    rounds.add("frail", job, 0.05)
    rounds.start()
    while rounds.age_s("frail") > WAIT_S and time.monotonic() < end:
        time.sleep(0.02)
    rounds.stop()
    assert len(times) > 1
    failed = counting.registry.get_sample_value
    assert failed("malote_job_failures_total", {"name": "frail"}) == 1


def test_two_workers_do_not_get_into_each_other_s_way(
    installation: Installation, account: Account
) -> None:
    # Fault 51: the lease says who syncs; both may watch.
    one = installation.connect(account)
    with working(installation.runtime) as worker:
        worker.until_quiet(one)
        with working(installation.runtime) as other:
            other.until_quiet(one)
            for count in range(1, 4):
                deliver_by_lmtp(account, compose())
                worker.until(lambda n=count: holds(installation, one, "INBOX", n))  # type: ignore[misc]
    installation.check(one, account)


def test_it_stops_within_two_seconds(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    with working(installation.runtime) as worker:
        worker.until_quiet(one)
    assert not worker._watching.watcher._thread.is_alive()


@pytest.mark.parametrize(
    ("names", "known"),
    [
        (None, None),
        (frozenset({"Sent"}), frozenset({"Sent"})),
        (frozenset({"INBOX", "Sent"}), frozenset({"InBox", "Sent"})),
        (frozenset({"INBOX", "Unheard of"}), None),
    ],
)
def test_folders_of_a_notice_are_named_as_they_were_listed(
    installation: Installation,
    account: Account,
    names: frozenset[str] | None,
    known: frozenset[str] | None,
) -> None:
    one = installation.connect(account)
    installation.sync(one)
    with writing(installation.runtime.engine) as conn:
        here = (folder.c.integration_id == one, folder.c.name == "INBOX")
        conn.execute(update(folder).where(*here).values(name="InBox"))
        assert known_as(conn, one, names) == known
