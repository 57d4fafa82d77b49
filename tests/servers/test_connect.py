"""Connecting: each step is tried for real, and each failure has its own words."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest

from core import watch
from core.connect import Progress, Step as Seen, connect, try_out
from core.errors import (
    AddressNotAllowed,
    AlreadyIntegrated,
    AppPasswordNeeded,
    CertificateExpired,
    CertificateOfAnother,
    CertificateUnknown,
    ConnectionLost,
    HostUnknown,
    ImapDisabled,
    MailError,
    NoAnswer,
    NotAcknowledged,
    NotAMailServer,
    NoTls,
    PortClosed,
    ServerUnavailable,
    Throttled,
    WrongPassword,
)
from core.model import Security, Server
from core.network import Policy
from core.secret import Secret
from tests.certificates import Certificates, Pair
from tests.servers.dovecot import Account, free_ports
from tests.servers.installation import Installation
from tests.servers.scripted import serve
from tests.servers.steps import POLITE, Answer, Close, Drip, Send, Stall, Step, Table

CANARY = "Zq7-CANARY-9f3e"
READY = Send(b"* OK ready\r\n")
pytestmark = pytest.mark.server


def nothing_is_stored(installation: Installation) -> bool:
    return watch.overview(installation.runtime).empty


def failed_at(installation: Installation) -> list[tuple[str, str]]:
    failed = [s for s in installation.last_steps if s.progress is Progress.FAILED]
    return [(s.side, s.name) for s in failed]


def test_every_step_is_shown_with_its_time(
    installation: Installation, account: Account
) -> None:
    steps = installation.steps(installation.form(account))
    done = [(s.side, s.name) for s in steps if s.progress is Progress.OK]
    imap = ["dns", "tcp", "tls", "greeting", "login", "list"]
    assert done == [("imap", n) for n in imap] + [("smtp", n) for n in imap[:5]]
    assert all(s.seconds > 0 for s in steps if s.progress is Progress.OK)
    (one,) = watch.live(installation.runtime)
    assert one.address == account.address


def test_starttls_on_both_sides(installation: Installation, account: Account) -> None:
    smtp = Server("127.0.0.1", account.smtp_starttls_port, Security.STARTTLS)
    installation.connect(account, imap=account.imap_starttls, smtp=smtp)
    assert len(watch.live(installation.runtime)) == 1


def test_a_wrong_password_is_told_and_nothing_is_stored(
    installation: Installation, account: Account
) -> None:
    form = installation.form(account, password=Secret("wrong"))
    with pytest.raises(WrongPassword) as refused:
        installation.steps(form)
    assert failed_at(installation) == [("imap", "login")]
    assert refused.value.facts["server_says"]
    assert nothing_is_stored(installation)


def test_without_the_acknowledgement_nothing_is_sent(
    installation: Installation, account: Account
) -> None:
    form = installation.form(account, acknowledged=False)
    with pytest.raises(NotAcknowledged):
        installation.steps(form)
    assert installation.last_steps == []


def test_one_integration_per_owner_even_at_the_same_moment(
    installation: Installation, account: Account
) -> None:
    form = installation.form(account, owner="Ana")
    outcomes: list[object] = []
    barrier = threading.Barrier(2)

    def attempt() -> None:
        barrier.wait()
        try:
            outcomes.append(connect(installation.runtime, form, "test"))
        except AlreadyIntegrated as error:
            outcomes.append(error)

    threads = [threading.Thread(target=attempt) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([o for o in outcomes if isinstance(o, AlreadyIntegrated)]) == 1
    assert len(watch.live(installation.runtime)) == 1


@pytest.mark.parametrize("side", ["imap", "smtp"])
@pytest.mark.parametrize(
    ("name", "error"),
    [
        ("expired", CertificateExpired),
        ("wrong_host", CertificateOfAnother),
        ("self_signed", CertificateUnknown),
    ],
)
def test_certificates_are_checked(
    installation: Installation,
    account: Account,
    certificates: Certificates,
    side: str,
    name: str,
    error: type[MailError],
) -> None:
    pair: Pair = getattr(certificates, name)
    with serve(READY, tls=pair) as server:
        form = installation.form(account, **{side: Server("localhost", server.port)})
        with pytest.raises(error):
            installation.steps(form)
        assert server.lines == []  # not a word was said
    assert failed_at(installation) == [(side, "tls")]
    assert nothing_is_stored(installation)


def imap_login(*answer: bytes | Step) -> Sequence[Step]:
    table: Table = {rb"LOGIN ": list(answer), rb"AUTHENTICATE": list(answer)}
    return [READY, Answer(POLITE | table)]


@pytest.mark.parametrize(
    ("script", "step", "error"),
    [
        (
            [Send(b"HTTP/1.1 400 Bad Request\r\n\r\n"), Close()],
            "greeting",
            NotAMailServer,
        ),
        ([Send(b"220 mail ESMTP\r\n"), Close()], "greeting", NotAMailServer),
        ([Send(b"SSH-2.0-OpenSSH_9.2\r\n"), Close()], "greeting", NotAMailServer),
        ([Close()], "greeting", ConnectionLost),
        ([Send(b"* BYE too many connections\r\n"), Close()], "greeting", Throttled),
        ([Stall()], "greeting", NoAnswer),
        ([Drip(b"* OK a very slow greeting\r\n" * 50, 0.05)], "greeting", NoAnswer),
        (imap_login(Close()), "login", ConnectionLost),
        (imap_login(b"* BYE restarting", Close()), "login", ServerUnavailable),
        (imap_login(b"{tag} NO [UNAVAILABLE] down"), "login", ServerUnavailable),
        (
            imap_login(b"{tag} NO [ALERT] Application-specific password required"),
            "login",
            AppPasswordNeeded,
        ),
        (imap_login(b"{tag} NO You are yet to enable IMAP"), "login", ImapDisabled),
        (imap_login(b"{tag} NO Invalid credentials (Failure)"), "login", WrongPassword),
    ],
)
def test_each_failure_has_its_own_words(
    installation: Installation,
    account: Account,
    certificates: Certificates,
    script: Sequence[Step],
    step: str,
    error: type[MailError],
) -> None:
    object.__setattr__(installation.runtime.settings, "command_timeout_s", 0.6)
    with serve(*script, tls=certificates.good) as server:
        form = installation.form(account, imap=Server("localhost", server.port))
        with pytest.raises(MailError) as failed:
            installation.steps(form)
    assert type(failed.value) is error
    assert failed_at(installation) == [("imap", step)]
    assert nothing_is_stored(installation)


def test_no_such_host_and_a_closed_port(
    installation: Installation, account: Account
) -> None:
    nowhere = Server("no-such-host.invalid", 993)
    with pytest.raises(HostUnknown):
        installation.connect(account, imap=nowhere)
    (port,) = free_ports(1)
    with pytest.raises(PortClosed):
        installation.connect(account, smtp=Server("localhost", port))
    assert nothing_is_stored(installation)


@pytest.mark.parametrize(
    "script",
    [
        [READY, Answer(POLITE)],
        [
            READY,
            Answer(
                POLITE
                | {
                    rb"CAPABILITY": [
                        b"* CAPABILITY IMAP4rev1 STARTTLS",
                        b"{tag} OK done",
                    ],
                    rb"STARTTLS": [b"{tag} NO not now"],
                }
            ),
        ],
        [Send(b"* PREAUTH welcome\r\n"), Answer(POLITE)],
    ],
    ids=["stripped", "refused", "preauth"],
)
def test_no_credential_travels_without_tls(
    installation: Installation, account: Account, script: Sequence[Step]
) -> None:
    with serve(*script) as server:
        form = installation.form(
            account,
            imap=Server("localhost", server.port, Security.STARTTLS),
            password=Secret(CANARY),
        )
        with pytest.raises(NoTls):
            installation.steps(form)
        assert not [line for line in server.lines if CANARY.encode() in line]
        assert not server.said(rb"LOGIN|AUTHENTICATE")


def test_what_was_said_before_tls_is_refused(
    installation: Installation, account: Account
) -> None:
    table: Table = {
        rb"CAPABILITY": [b"* CAPABILITY IMAP4rev1 STARTTLS", b"{tag} OK done"],
        rb"STARTTLS": [Send(b"{tag} OK go\r\n* CAPABILITY IMAP4rev1 AUTH=X\r\n")],
    }
    with serve(READY, Answer(POLITE | table)) as server:
        where = Server("localhost", server.port, Security.STARTTLS)
        with pytest.raises(NoTls):
            installation.connect(account, imap=where)


def test_private_addresses_are_refused_before_a_connection(
    installation: Installation, account: Account
) -> None:
    closed = Policy(connect_timeout_s=1)
    form = installation.form(
        account, imap=Server("localhost", 993), smtp=Server("localhost", 465)
    )
    seen: list[Seen] = []
    with pytest.raises(AddressNotAllowed):
        list(try_out(form, closed, seen.append))
    failed = [(s.side, s.name) for s in seen if s.progress is Progress.FAILED]
    assert failed == [("imap", "dns"), ("smtp", "dns")]


def test_a_non_ascii_password_reaches_the_server(
    installation: Installation, account: Account
) -> None:
    with pytest.raises(WrongPassword):
        installation.connect(account, password=Secret("sénha çom ãcento"))


def test_the_password_is_nowhere_in_clear(
    installation: Installation, account: Account
) -> None:
    changed = replace(account, password=CANARY)
    with pytest.raises(WrongPassword):
        installation.connect(changed)
    one = installation.connect(account)
    installation.sync(one)
    runtime = installation.runtime
    stored = b"".join(
        p.read_bytes() for p in runtime.settings.data.iterdir() if p.is_file()
    )
    for form in (CANARY.encode(), CANARY.encode("utf-16-le")):
        assert form not in stored
