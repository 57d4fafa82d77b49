"""Mailboxes in which nothing happened are looked at, not synced; the others are."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from core import watch
from core.jobs.embedded import syncer
from core.model import Outcome, Trigger
from core.store.engine import reading
from core.store.schema import run
from core.sync.look import Looks
from tests.servers.cyrus import MailServer
from tests.servers.device import Device
from tests.servers.dovecot import Account
from tests.servers.installation import Installation

pytestmark = pytest.mark.server
BEST = pytest.mark.parametrize("place", ["full", "cyrus"], indirect=True)


def looks_of(installation: Installation, *ids: int) -> Looks:
    looks = Looks(syncer(installation.runtime, "test:0:0"))
    looks.prepare(ids)
    return looks


@BEST
def test_a_quiet_mailbox_is_told_as_synced(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 30, "Clientes": 5})
    one = installation.connect(box)
    installation.sync(one)
    before = watch.standing(installation.runtime, one)
    looks = looks_of(installation, one)
    report = looks.sync(one, Trigger.SCHEDULE)
    assert (report.outcome, report.folders) == (Outcome.OK, [])
    assert looks.unwritten() == {one}
    looks.write()
    assert looks.unwritten() == set()
    after = watch.standing(installation.runtime, one)
    assert before.seen_at is not None
    assert after.seen_at is not None
    assert after.seen_at > before.seen_at
    assert after.login_ok_at is not None
    assert after.login_ok_at >= after.seen_at
    with reading(installation.runtime.engine) as conn:
        runs = conn.execute(select(run.c.outcome, run.c.trigger).order_by(run.c.id))
        assert [tuple(r) for r in runs][-1] == ("ok", "schedule")
    installation.check(one, box)


@pytest.mark.parametrize("what", ["deliver", "read", "delete", "create", "rename"])
def test_whatever_happened_is_synced_over_the_same_connection(
    installation: Installation, server: MailServer, box: Account, what: str
) -> None:
    server.fill(box, {"INBOX": 30, "Clientes": 5})
    one = installation.connect(box)
    installation.sync(one)
    with Device(box) as phone:
        match what:
            case "deliver":
                phone.deliver("Clientes")
            case "read":
                phone.unflag("INBOX", phone.uids("INBOX")[:1], r"\Seen")
                phone.flag("INBOX", phone.uids("INBOX")[:1], r"\Flagged")
            case "delete":
                phone.delete("INBOX", phone.uids("INBOX")[:1])
            case "create":
                phone.create("New")
            case "rename":
                phone.rename("Clientes", "Antigos")
    looks = looks_of(installation, one)
    report = looks.sync(one, Trigger.SCHEDULE)
    assert report.outcome is Outcome.OK, report.error
    assert looks.unwritten() == set()
    installation.check(one, box)


def test_what_is_not_prepared_or_in_trouble_is_synced(
    installation: Installation, server: MailServer, box: Account
) -> None:
    server.fill(box, {"INBOX": 3})
    one = installation.connect(box)
    first = looks_of(installation, one).sync(one, Trigger.SCHEDULE)
    assert first.changes.added == 3
    again = looks_of(installation).sync(one, Trigger.SCHEDULE)
    assert (again.outcome, bool(again.folders)) == (Outcome.OK, True)
