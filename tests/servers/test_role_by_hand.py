"""A folder of sent mail that a person named is read and watched as such."""

from __future__ import annotations

import pytest

from core import watch
from core.jobs.embedded import syncer
from core.model import Role, Trigger
from core.runtime import Runtime
from core.store import folders
from core.store.engine import reading
from core.sync.run import sync
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import HOLDER, Installation
from tests.servers.listening import working

LIMIT_S = 20.0
pytestmark = pytest.mark.server


def roles(runtime: Runtime, one: int) -> dict[str, tuple[int, str]]:
    with reading(runtime.engine) as conn:
        return {f.name: (f.id, str(f.role)) for f in folders.current(conn, one)}


def test_it_is_watched_and_stays_so(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 3, "Sent": 2, "Feitos": 4})
    one, runtime = installation.connect(account), installation.runtime
    with working(runtime) as worker:
        sent = worker._watching._sent
        worker.until_quiet(one)
        worker.until(lambda: sent.get(one) == "Sent", LIMIT_S)
        watch.set_role(runtime, roles(runtime, one)["Feitos"][0], Role.SENT, "test")
        worker.until(lambda: sent.get(one) == "Feitos", LIMIT_S)
        worker.until_quiet(one)
        with Device(account) as phone:
            phone.deliver("Feitos", subject="Orçamento")
        only = frozenset({"Feitos"})
        worker.until(lambda: only in [w for _, w in worker.noticed], LIMIT_S)
        worker.until_quiet(one)
    assert not installation.sync(one).error
    found = roles(runtime, one)
    assert (found["Feitos"][1], found["Sent"][1]) == ("sent", "other")
    installation.check(one, account)


def test_what_a_person_asked_for_outlives_a_look_at_one_folder(
    installation: Installation, account: Account
) -> None:
    one, runtime = installation.connect(account), installation.runtime
    installation.sync(one)
    watch.set_role(runtime, roles(runtime, one)["Archive"][0], Role.SENT, "test")
    sync(syncer(runtime, HOLDER), one, Trigger.NOTICE, {"INBOX"})
    assert watch.standing(runtime, one).requested_at
    sync(syncer(runtime, HOLDER), one, Trigger.REQUEST)
    assert not watch.standing(runtime, one).requested_at
