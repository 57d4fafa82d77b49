"""Other servers for a mailbox: nothing is counted twice, nothing is mixed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.errors import Overtaken
from core.jobs.embedded import syncer
from core.model import Outcome, Server
from core.sync.plan import Build
from tests.certificates import Certificates
from tests.servers import dovecot as another_dovecot
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot, Kind
from tests.servers.installation import HOLDER, Installation
from tests.servers.reconnecting import again, everything
from tests.servers.scripted import serve
from tests.servers.smtp import Submission
from tests.servers.steps import POLITE, Answer, Send

pytestmark = pytest.mark.server


@pytest.fixture
def elsewhere(certificates: Certificates, submission: Submission) -> Iterator[Dovecot]:
    ports = (submission.port, submission.starttls_port)
    with another_dovecot.running(certificates, ports) as server:
        yield server


def test_the_same_mail_at_another_server_is_not_counted_twice(
    installation: Installation, dovecot: Dovecot, account: Account, elsewhere: Dovecot
) -> None:
    moved = replace(elsewhere.mailbox(), user=account.user)
    for server, box in ((dovecot, account), (elsewhere, moved)):
        server.fill(box, {"INBOX": 60, "Sent": 20})
    elsewhere.set_uidvalidity(moved, "INBOX", 4711)
    elsewhere.set_uidvalidity(moved, "Sent", 4712)
    one = installation.connect(account)
    installation.sync(one)
    before = everything(installation, one)
    again(installation, one, installation.form(moved))
    assert everything(installation, one) == before
    report = installation.sync(one)
    assert (report.outcome, report.changes.added) == (Outcome.OK, 0), report.error
    assert everything(installation, one) == before
    installation.check(one, moved)


def test_other_mail_under_the_same_numbers_is_not_mixed_with_the_old(
    installation: Installation, account: Account, elsewhere: Dovecot
) -> None:
    moved = replace(elsewhere.mailbox(), user=account.user, host="localhost")
    with Device(account) as old, Device(moved) as new:
        for number in range(12):
            old.deliver(message_id=f"<old.{number}@example.net>")
            new.deliver(message_id=f"<new.{number}@example.net>")
    one = installation.connect(account)
    installation.sync(one)
    with Device(account) as old:
        status = old.client.folder_status("INBOX", ["UIDVALIDITY"])
    elsewhere.set_uidvalidity(moved, "INBOX", status[b"UIDVALIDITY"])
    again(installation, one, installation.form(moved))
    report = installation.sync(one)
    assert report.outcome is Outcome.OK, report.error
    installation.check(one, moved)
    again(installation, one, installation.form(account))  # and back
    installation.sync(one)
    installation.check(one, account)


def test_another_name_of_the_same_server_is_read_anew_and_counted_once(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 40})
    one = installation.connect(account)
    installation.sync(one)
    before = everything(installation, one)
    other = replace(account, host=Kind.NO_CONDSTORE.value)
    again(installation, one, installation.form(other))
    report = installation.sync(one)
    assert (report.outcome, report.changes.added) == (Outcome.OK, 0), report.error
    inbox = next(f for f in report.folders if f.title == "INBOX")
    assert any(isinstance(step, Build) for step in inbox.steps)
    assert everything(installation, one) == before
    installation.check(one, account)


def test_a_new_password_does_not_go_to_the_server_of_before(
    installation: Installation, account: Account, certificates: Certificates
) -> None:
    one = installation.connect(account)
    now = installation.integration(one)
    with serve(Send(b"* OK ready\r\n"), Answer(POLITE), tls=certificates.good) as old:
        before = replace(now, imap=Server("localhost", old.port))
        opener = syncer(installation.runtime, HOLDER).opener
        with pytest.raises(Overtaken), opener(before):
            pass
        assert old.connections == 0
        with opener(now) as mailbox:
            assert mailbox.sweep().folders
