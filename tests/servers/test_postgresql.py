"""An installation on PostgreSQL: all of it, several workers, and a server that ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import select, update

from core import browse
from core.browse import Question
from core.errors import Overtaken, StoreUnavailable
from core.model import Outcome
from core.store import leases, rollups, workers
from core.store.counting_tables import total_day
from core.store.engine import reading, writing
from core.store.schema import run
from tests.servers.device import Device, compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, free_ports
from tests.servers.installation import Installation
from tests.servers.listening import holds
from tests.servers.postgresql import Postgresql
from tests.servers.worker_process import worker_process

pytestmark = pytest.mark.server
OFTEN = {"MALOTE_SYNC_EVERY_S": "1", "MALOTE_IDLE_CONNECTIONS": "0"}


@pytest.fixture
def database_url(served_url: str) -> str:
    """Have `installation` on PostgreSQL."""
    return served_url


def test_the_whole_of_it(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 260, "Sent": 20, "Clientes/Negocia&AOcA4w-o": 10})
    one = installation.connect(account)
    first = installation.sync(one)
    assert (first.outcome, first.changes.added) == (Outcome.OK, 290), first.error
    installation.check(one, account)

    with Device(account) as phone:
        uids = phone.uids("INBOX")
        phone.deliver("INBOX", subject="Proposta de licença, 100 %")
        phone.read("INBOX", uids[:5])
        phone.delete("INBOX", uids[10:14])
        phone.move("INBOX", uids[20:23], "Trash")
        phone.copy("INBOX", uids[30:32], "Archive")
    second = installation.sync(one)
    changes = second.changes
    assert (changes.added, changes.moved, changes.gone) == (1, 3, 4), second.error
    installation.check(one, account)
    third = installation.sync(one)
    assert (third.changes.added, third.changes.gone) == (0, 0), third.error

    page = browse.page(installation.runtime, Question((one,)))
    assert (len(page.rows), page.newer) == (browse.PAGE, "")
    assert browse.count(installation.runtime, Question((one,))).found == 287
    older = browse.page(installation.runtime, Question((one,)), before=page.older)
    assert older.rows["at"].max() <= page.rows["at"].min()
    found = browse.page(installation.runtime, Question((one,), search="LICENCA 100"))
    assert list(found.rows["subject"]) == ["Proposta de licença, 100 %"]


def recounted(installation: Installation) -> dict[int, dict[str, int]]:
    """Run `malote doctor --recount`; give how many rows it says were wrong."""
    told = installation.command("doctor", "--recount", "--json").stdout
    checks = [c for c in json.loads(told)["checks"] if "wrong" in c]
    assert all(c["ok"] == (not any(c["wrong"].values())) for c in checks)
    return {
        c["integration"]: {name: n for name, n in c["wrong"].items() if n}
        for c in checks
    }


def test_commands_run_on_it(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    one = installation.connect(account)
    deliver_by_lmtp(account, compose())
    synced = installation.command("sync", "--once", "--json")
    assert synced.returncode == 0, synced.stderr
    status = installation.command("status", "--json")
    assert status.returncode == 0, status.stderr
    (shown,) = json.loads(status.stdout)["integrations"]
    assert (shown["id"], shown["held"]) == (one, 1)
    exported = installation.command("export", str(one), str(tmp_path / "mail.parquet"))
    assert exported.returncode == 0, exported.stderr
    assert recounted(installation) == {one: {}, 0: {}}
    with writing(installation.runtime.engine) as conn:
        conn.execute(update(total_day).values(messages=7))
    assert recounted(installation) == {one: {"totals": 1}, 0: {"totals": 1}}
    assert recounted(installation) == {one: {}, 0: {}}


def test_of_two_holders_one_syncs(installation: Installation, account: Account) -> None:
    one = installation.connect(account)
    now = installation.runtime.clock()
    with writing(installation.runtime.engine) as conn:
        leases.take(conn, one, "another-host:1:0.00", now)
    with pytest.raises(Overtaken):
        installation.sync(one)
    with writing(installation.runtime.engine) as conn:
        leases.release(conn, one, "another-host:1:0.00")
    assert installation.sync(one).outcome is Outcome.OK


def test_two_workers_share_the_work_and_outlive_their_connections(
    installation: Installation,
    account: Account,
    postgresql: Postgresql,
    served_url: str,
    tmp_path: Path,
) -> None:
    one = installation.connect(account)
    with (
        worker_process(installation, tmp_path / "a.log", **OFTEN) as worker,
        worker_process(installation, tmp_path / "b.log", **OFTEN) as other,
    ):
        for count in range(1, 6):
            deliver_by_lmtp(account, compose())
            worker.until(lambda n=count: holds(installation, one, "INBOX", n))  # type: ignore[misc]
            if count == 3:
                postgresql.hang_up(served_url)
        with reading(installation.runtime.engine) as conn:
            assert len(workers.names(conn)) == 2
        levels = [line["level"] for line in worker.lines() + other.lines()]
    assert "critical" not in levels
    installation.check(one, account)
    with reading(installation.runtime.engine) as conn:
        ends = {
            tuple(end)
            for end in conn.execute(select(run.c.outcome, run.c.problem_code))
        }
        assert rollups.held(conn, one) == rollups.counted(conn, one)
    # The run that lost its database either could write that down or could not.
    lost = (str(Outcome.FAILED), "store_unavailable")
    assert ends <= {(str(Outcome.OK), None), (str(Outcome.CUT), None), lost}


def test_a_server_that_ended_our_connections_is_asked_again(
    installation: Installation, postgresql: Postgresql, served_url: str
) -> None:
    engine = installation.runtime.engine

    def ask_twice() -> None:
        with reading(engine) as conn:
            conn.scalar(select(1))
            postgresql.hang_up(served_url)
            conn.scalar(select(1))

    with pytest.raises(StoreUnavailable):
        ask_twice()
    with reading(engine) as conn:
        assert conn.scalar(select(1)) == 1


def test_no_server_and_a_wrong_password_are_told_without_secrets(
    installation: Installation, postgresql: Postgresql, served_url: str
) -> None:
    name, (nobody,) = served_url.rpartition("/")[2], free_ports(1)
    secret = "Zx9dk2JfQpL0mN3a"
    wrong = postgresql.url(name, secret)
    away = wrong.replace(f":{postgresql.port}/", f":{nobody}/")
    for url in (wrong, away):
        done = installation.command("status", MALOTE_DATABASE_URL=url)
        assert done.returncode == 2, done.stderr
        assert len(done.stderr.strip().splitlines()) == 1
        assert secret not in done.stderr + done.stdout


def test_a_url_of_another_database_is_refused(installation: Installation) -> None:
    for url in ("mysql://a@b/c", "postgresql://[::1/x", "postgresql://h:p/x"):
        done = installation.command("status", MALOTE_DATABASE_URL=url)
        assert done.returncode == 2, (url, done.stderr)
        assert "MALOTE_DATABASE_URL" in done.stderr
