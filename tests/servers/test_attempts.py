"""Five wrong passwords, then wait: this owner, or this login, at this host (T20)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from core.connect import Form, connect, preflight, reconnect
from core.errors import MailError, TooManyAttempts, WrongPassword
from core.i18n import Texts
from core.model import Server
from core.secret import Secret
from core.store.access_tables import refused_login
from core.store.engine import reading
from core.store.schema import audit
from tests.certificates import Certificates
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.scripted import ScriptedServer, serve
from tests.servers.steps import POLITE, Answer, Send
from tests.servers.submitting import sending

READY = Send(b"* OK ready\r\n")
REFUSING = Answer(POLITE | {rb"LOGIN ": [b"{tag} NO [AUTHENTICATIONFAILED] no"]})
BUSY = Answer(POLITE | {rb"LOGIN ": [b"{tag} NO [UNAVAILABLE] later"]})
pytestmark = pytest.mark.server


@pytest.fixture
def refusing(certificates: Certificates) -> Iterator[ScriptedServer]:
    with serve(READY, REFUSING, tls=certificates.good) as server:
        yield server


@contextmanager
def refused() -> Iterator[None]:
    with pytest.raises(WrongPassword):
        yield


def wrong(installation: Installation, account: Account, port: int) -> Form:
    return installation.form(account, owner="Ana", imap=Server("localhost", port))


def test_the_sixth_is_not_sent(
    installation: Installation, account: Account, refusing: ScriptedServer
) -> None:
    form = wrong(installation, account, refusing.port)
    for _ in range(5):
        with refused():
            connect(installation.runtime, form, "test")
    seen: list[object] = []
    connections = refusing.connections
    with pytest.raises(TooManyAttempts) as told:
        connect(installation.runtime, form, "test", seen.append)
    assert told.value.facts == {"host": "localhost", "minutes": "10"}
    assert (seen, refusing.connections) == ([], connections)
    assert len(refusing.said(rb"LOGIN ")) == 5
    with pytest.raises(TooManyAttempts):  # written in another way, the same owner
        connect(installation.runtime, replace(form, owner=" ANA "), "test")
    assert acts(installation) == ["login_limit"]


def test_others_and_other_hosts_are_not_blocked(
    installation: Installation, account: Account, refusing: ScriptedServer
) -> None:
    form = wrong(installation, account, refusing.port)
    for _ in range(5):
        with refused():
            connect(installation.runtime, form, "test")
    with refused():
        bia = replace(form, owner="Bia", login="bia@example.org")
        connect(installation.runtime, bia, "test")
    installation.connect(account, owner="Ana")


def test_a_login_is_not_tried_further_by_typing_other_owners(
    installation: Installation, account: Account, refusing: ScriptedServer
) -> None:
    form = wrong(installation, account, refusing.port)
    for n in range(5):
        with refused():
            connect(installation.runtime, replace(form, owner=f"Ana {n}"), "test")
    named = replace(form, owner="Bia", login=account.address.upper())
    with pytest.raises(TooManyAttempts):
        connect(installation.runtime, named, "test")
    assert len(refusing.said(rb"LOGIN ")) == 5


def test_a_success_of_one_login_does_not_clear_another(
    installation: Installation, account: Account
) -> None:
    """Or who has a mailbox there could try those of others without end."""
    other = {"login": "bia@example.org", "password": Secret("wrong")}
    for owner in ("Ana", "Bia"):
        with pytest.raises(WrongPassword):
            installation.connect(account, owner=owner, **other)
    installation.connect(account, owner="Ana")
    assert rows(installation) == 2


def test_after_ten_minutes_one_may_try_again_and_old_rows_are_gone(
    installation: Installation, account: Account, refusing: ScriptedServer
) -> None:
    form = wrong(installation, account, refusing.port)
    for _ in range(5):
        with refused():
            connect(installation.runtime, form, "test")
    runtime = installation.runtime
    later = replace(runtime, clock=lambda: runtime.clock() + timedelta(minutes=10))
    with refused():
        connect(later, form, "test")
    assert rows(installation) == 1


def test_a_success_clears_what_was_counted(
    installation: Installation, account: Account
) -> None:
    one = installation.connect(account)
    for password in ["wrong"] * 4 + [account.password] + ["wrong"] * 4:
        form = installation.form(account, password=Secret(password))
        try:
            reconnect(installation.runtime, one, form, "test")
        except WrongPassword:
            continue
        assert rows(installation) == 0
    assert rows(installation) == 4


def test_what_is_no_refusal_of_a_password_does_not_count(
    installation: Installation, account: Account, certificates: Certificates
) -> None:
    with serve(READY, BUSY, tls=certificates.good) as server:
        form = wrong(installation, account, server.port)
        for _ in range(6):
            with pytest.raises(MailError) as failed:
                connect(installation.runtime, form, "test")
            assert not isinstance(failed.value, TooManyAttempts)
    assert rows(installation) == 0


def test_thirty_at_the_same_moment_from_five_sessions(
    installation: Installation, account: Account, refusing: ScriptedServer
) -> None:
    form = wrong(installation, account, refusing.port)
    barrier, outcomes = threading.Barrier(5), []

    def session() -> None:
        barrier.wait()
        for _ in range(6):
            try:
                connect(installation.runtime, form, "test")
            except (WrongPassword, TooManyAttempts) as error:
                outcomes.append(type(error))

    threads = [threading.Thread(target=session) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refusing.said(rb"LOGIN ")) == 5
    assert outcomes.count(WrongPassword) == 5
    assert outcomes.count(TooManyAttempts) == 25


def test_commands_and_pages_count_together(
    installation: Installation,
    account: Account,
    refusing: ScriptedServer,
    tmp_path: Path,
) -> None:
    password = tmp_path / "password"
    password.write_text("wrong\n")
    form = wrong(installation, account, refusing.port)
    for _ in range(5):
        with refused():
            connect(installation.runtime, form, "test")
    words = [
        account.address, "--imap", "localhost", "--imap-port", str(refusing.port),
        "--smtp", "127.0.0.1", "--smtp-port", str(account.smtp_port),
        "--password-file", str(password),
    ]  # fmt: skip
    for language, lc_all in (("en", "C.UTF-8"), ("pt_BR", "pt_BR.UTF-8")):
        told = installation.command(
            "connect", *words, "--owner", "ana", "--accept-limitations",
            LC_ALL=lc_all, PYTHONUTF8="1",
        )  # fmt: skip
        assert told.returncode == 5
        facts = {"host": "localhost", "minutes": "10"}
        assert Texts(language)("error.too_many_attempts.do", **facts) in told.stderr
    doctor = installation.command("doctor", *words)  # another owner, the same login
    assert doctor.returncode == 5
    assert rows(installation) == 5


def test_doctor_of_an_integration_counts_for_its_owner(
    installation: Installation, account: Account, refusing: ScriptedServer
) -> None:
    form = wrong(installation, account, refusing.port)
    for _ in range(5):
        report = preflight(installation.runtime, form)
        assert report.imap.problem is not None
        assert report.imap.problem.code == "wrong_password"
    with pytest.raises(TooManyAttempts):
        preflight(installation.runtime, form)


def test_a_refused_password_is_not_sent_to_the_same_host_again(
    installation: Installation, account: Account, certificates: Certificates
) -> None:
    with (
        serve(READY, REFUSING, tls=certificates.good) as imap,
        serve(*sending(b"535 5.7.8 no"), tls=certificates.good) as smtp,
    ):
        servers = {
            "imap": Server("localhost", imap.port),
            "smtp": Server("localhost", smtp.port),
        }
        form = installation.form(account, **servers)
        report = preflight(installation.runtime, form)
        assert smtp.said(rb"EHLO")
        assert not smtp.said(rb"AUTH")
    assert [str(s.verdict) for s in report.sides] == ["failed", "not_tried"]
    assert rows(installation) == 1


def rows(installation: Installation) -> int:
    with reading(installation.runtime.engine) as conn:
        return int(conn.scalar(select(func.count()).select_from(refused_login)) or 0)


def acts(installation: Installation) -> list[str]:
    with reading(installation.runtime.engine) as conn:
        return list(conn.scalars(select(audit.c.act)))
