"""A new password or other servers: everything that is held stays, nothing is mixed."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from core import watch
from core.connect import connect, disconnect, reconnect
from core.errors import (
    AnotherMailbox,
    BadInput,
    HostUnknown,
    MailError,
    NotFound,
    Overtaken,
    WrongPassword,
)
from core.imap.mailbox import Mailbox
from core.jobs.embedded import syncer
from core.model import Integration, Outcome, Server, State, Trigger
from core.secret import Secret
from core.store import credentials, integrations
from core.store.engine import reading, writing
from core.store.schema import audit
from core.sync.look import Looks
from core.sync.run import sync
from tests.servers.dovecot import Account, Dovecot
from tests.servers.installation import HOLDER, Installation
from tests.servers.reconnecting import again, everything

pytestmark = pytest.mark.server


def test_a_mailbox_that_needs_a_password_comes_back(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    dovecot.fill(account, {"INBOX": 30, "Sent": 5})
    one = installation.connect(account)
    installation.sync(one)
    before = everything(installation, one)
    seal(installation, one, "changed at the provider")
    assert installation.sync(one).outcome is Outcome.FAILED
    stands = watch.standing(installation.runtime, one)
    assert stands.state is State.NEEDS_PASSWORD

    again(installation, one, installation.form(account))
    stands = watch.standing(installation.runtime, one)
    assert (stands.state, stands.problem, stands.failures) == (State.OK, None, 0)
    assert stands.next_at is not None
    assert stands.next_at <= installation.runtime.clock()
    assert stored(installation, one) == account.password
    assert everything(installation, one) == before
    report = installation.sync(one)
    assert (report.outcome, report.changes.added) == (Outcome.OK, 0), report.error
    assert everything(installation, one) == before
    installation.check(one, account)
    told = watch.recent_events(installation.runtime, one)["what"]
    assert list(told).count("reconnected") == 1
    with reading(installation.runtime.engine) as conn:
        acts = list(conn.scalars(select(audit.c.act).order_by(audit.c.id)))
    assert acts == ["connect", "reconnect"]


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"password": Secret("wrong")}, WrongPassword),
        ({"smtp": Server("no-such-host.invalid", 465)}, HostUnknown),
        ({"imap": Server("no-such-host.invalid", 993)}, HostUnknown),
    ],
    ids=["password", "smtp", "imap"],
)
def test_nothing_is_changed_unless_every_step_passed(
    installation: Installation,
    account: Account,
    changes: dict[str, object],
    error: type[MailError],
) -> None:
    one = installation.connect(account)
    before = installation.integration(one)
    since = watch.standing(installation.runtime, one)
    with pytest.raises(error):
        again(installation, one, installation.form(account, **changes))
    assert installation.integration(one) == before
    assert watch.standing(installation.runtime, one) == since
    assert stored(installation, one) == account.password


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"address": "other@example.org"}, AnotherMailbox),
        ({"owner": "Somebody else"}, BadInput),
    ],
    ids=["address", "owner"],
)
def test_another_mailbox_is_refused_before_anything_is_sent(
    installation: Installation,
    account: Account,
    changes: dict[str, object],
    error: type[MailError],
) -> None:
    one = installation.connect(account)
    seen: list[object] = []
    form = installation.form(account, **changes)
    with pytest.raises(error) as told:
        reconnect(installation.runtime, one, form, "test", seen.append)
    assert seen == []
    if error is BadInput:
        assert told.value.facts["owner"] == installation.integration(one).owner


def test_what_has_ended_is_not_connected_again(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    disconnect(installation.runtime, one, "test")
    with pytest.raises(NotFound):
        again(installation, one, installation.form(account))
    with pytest.raises(NotFound):
        stored(installation, one)


def test_a_pause_stays(installation: Installation, account: Account) -> None:
    one = installation.connect(account)
    watch.pause(installation.runtime, one, "test")
    again(installation, one, installation.form(account))
    assert watch.standing(installation.runtime, one).state is State.PAUSED


class Interrupted:
    """A mailbox in whose first fetch something happens between two batches."""

    def __init__(self, mailbox: Mailbox, meanwhile: Callable[[], None]) -> None:
        self._mailbox, self._meanwhile = mailbox, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._mailbox, name)

    def fetch(self, *asked: Any) -> Iterator[Any]:
        for number, batch in enumerate(self._mailbox.fetch(*asked)):
            yield batch
            if number == 0:
                self._meanwhile()


@pytest.mark.parametrize("fails", [False, True], ids=["goes on", "fails"])
def test_a_run_with_the_old_credentials_writes_no_more(
    installation: Installation, dovecot: Dovecot, account: Account, fails: bool
) -> None:
    dovecot.fill(account, {"INBOX": 1200})
    one = installation.connect(account)
    how = syncer(installation.runtime, HOLDER)

    def meanwhile() -> None:
        again(installation, one, installation.form(account))
        if fails:  # as the old password would, where it is asked for again
            raise WrongPassword(host="old", server_says="no")

    @contextmanager
    def interrupted(integration: Integration) -> Iterator[Any]:
        with how.opener(integration) as mailbox:
            yield Interrupted(mailbox, meanwhile)

    report = sync(replace(how, opener=interrupted), one, Trigger.COMMAND)
    assert report.outcome is Outcome.STOPPED
    assert isinstance(report.error, Overtaken)
    assert len(installation.held(one)["INBOX"]) == 250  # the batch before it
    stands = watch.standing(installation.runtime, one)
    assert (stands.state, stands.problem, stands.failures) == (State.OK, None, 0)
    again_synced = installation.sync(one)
    assert again_synced.outcome is Outcome.OK, again_synced.error
    installation.check(one, account)


def test_what_was_looked_at_with_the_old_password_does_not_count(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    installation.sync(one)
    seal(installation, one, "changed at the provider")
    looks = Looks(syncer(installation.runtime, HOLDER))
    looks.prepare([one])
    again(installation, one, installation.form(account))
    report = looks.sync(one, Trigger.SCHEDULE)
    assert report.outcome is Outcome.OK, report.error
    assert watch.standing(installation.runtime, one).state is State.OK


def test_a_quiet_look_of_before_is_not_written(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    installation.sync(one)
    looks = Looks(syncer(installation.runtime, HOLDER))
    looks.prepare([one])
    assert looks.sync(one, Trigger.SCHEDULE).outcome is Outcome.OK
    assert looks.unwritten() == {one}
    again(installation, one, installation.form(account))
    since = watch.standing(installation.runtime, one)
    looks.write()
    assert watch.standing(installation.runtime, one) == since


def test_by_command(
    installation: Installation, account: Account, tmp_path: Path
) -> None:
    one = installation.connect(account)
    password = tmp_path / "password"
    password.write_text("wrong\n")
    words = ["reconnect", str(one), "--password-file", str(password)]
    refused = installation.command(*words)
    assert refused.returncode == 4
    assert len(refused.stderr.splitlines()) > 5  # the steps, then why
    password.write_text(account.password + "\n")
    other = ["--imap-port", str(account.starttls_port), "--imap-security", "starttls"]
    done = installation.command(*words, *other, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["id"] == one
    assert installation.integration(one).imap == account.imap_starttls
    words[1] = "999"
    assert installation.command(*words).returncode == 2


def test_another_provider_after_disconnecting(
    installation: Installation, dovecot: Dovecot, account: Account
) -> None:
    first = installation.connect(account, owner="Ana")
    disconnect(installation.runtime, first, "test")
    form = installation.form(dovecot.mailbox("bia"), owner="Ana")
    second = connect(installation.runtime, form, "test")
    assert [i.id for i in watch.live(installation.runtime)] == [second]
    assert watch.integration(installation.runtime, first).address == account.address


def seal(installation: Installation, one: int, password: str) -> None:
    """Store another password, as if the provider's had changed meanwhile."""
    vault = installation.runtime.vault
    sealed = vault.seal(Secret(password), one, "password")
    with writing(installation.runtime.engine) as conn:
        credentials.put_credential(conn, one, "password", vault.key_id, sealed)
        integrations.change(conn, one, requested_at=None)


def stored(installation: Installation, one: int) -> str:
    with reading(installation.runtime.engine) as conn:
        sealed = credentials.credential_of(conn, one, "password")
    return installation.runtime.vault.open(sealed, one, "password").reveal()
