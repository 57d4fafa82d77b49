"""Servers that repeat what they were sent: no error keeps it (THREATS T1, T2).

What an error says is stored with its integration, shown on pages, and logged.
"""

from __future__ import annotations

from base64 import b64encode

import pytest

from core import network, sasl, smtp
from core.errors import (
    FolderRefused,
    MailError,
    NeedsPermission,
    ServerUnavailable,
    WrongPassword,
)
from core.imap.opening import open_session
from core.model import Server
from core.network import Policy
from core.secret import AccessToken, Secret
from tests.certificates import Certificates
from tests.servers.scripted import serve
from tests.servers.steps import POLITE, Answer, Close, Lines, Send, Step, Table
from tests.servers.submitting import sending

LOGIN, PASSWORD = "ana@example.org", Secret("Zq7-CANARY-9f3e")
TOKEN = AccessToken("ya29.token-CANARY-77b1")
CODED = b64encode(f"\0{LOGIN}\0{PASSWORD.reveal()}".encode())
FAR = b"x" * 290 + b" "  # so that a cut would leave the half of what follows
CANARY = PASSWORD.reveal().encode()
pytestmark = pytest.mark.server


def allowed(certificates: Certificates) -> Policy:
    return Policy(frozenset({"localhost"}), ca_files=(certificates.ca_file,))


def entered(certificates: Certificates, table: Table, secret: Secret) -> str:
    """Log in by IMAP and list; give all that an error or the session would show."""
    script: list[Step] = [Send(b"* OK ready\r\n"), Answer(POLITE | table)]
    with serve(*script, tls=certificates.good) as server:
        where, policy = Server("localhost", server.port), allowed(certificates)
        with open_session(where, LOGIN, secret, policy) as session:
            for answer in session.pipelined(["NOOP"]):
                if answer.refusal:
                    raise answer.refusal
            return f"{session.alerts} {session.welcome}"


def shown(error: MailError) -> str:
    assert "…" in error.detail
    return f"{error!r} {error.facts} {error.detail}"


def is_clean(text: str) -> bool:
    return not any(part in text for part in ("Zq7", "CANARY", "ya29", CODED.decode()))


@pytest.mark.parametrize("before", [b"", FAR], ids=["near", "far"])
@pytest.mark.parametrize("form", [CANARY, CODED], ids=["plain", "coded"])
@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"{tag} NO %s refused", WrongPassword),
        (b"{tag} NO [UNAVAILABLE] %s later", ServerUnavailable),
        (b"* BYE %s", ServerUnavailable),
        (b"Server Unavailable. %s", ServerUnavailable),
    ],
)
def test_by_imap(
    certificates: Certificates,
    answer: bytes,
    error: type[MailError],
    form: bytes,
    before: bytes,
) -> None:
    lines: Lines = [answer % (before + form), Close()]
    with pytest.raises(error) as told:
        entered(certificates, {rb"LOGIN ": lines}, PASSWORD)
    assert is_clean(shown(told.value))


def test_an_alert_and_the_welcome(certificates: Certificates) -> None:
    alert = b"* OK [ALERT] " + FAR + CANARY
    lines: Lines = [alert, b"{tag} OK hello " + CANARY]
    table: Table = {rb"LOGIN ": lines, rb"LIST": [b"{tag} OK done"]}
    said = entered(certificates, table, PASSWORD)
    assert "hello …" in said
    assert is_clean(said)


def test_a_command_after_the_login(certificates: Certificates) -> None:
    table: Table = {rb"NOOP": [b"{tag} NO not with " + CANARY]}
    with pytest.raises(FolderRefused) as told:
        entered(certificates, table, PASSWORD)
    assert is_clean(shown(told.value))


def test_an_access_token_by_imap(certificates: Certificates) -> None:
    table: Table = {
        rb"CAPABILITY": [
            b"* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR",
            b"{tag} OK done",
        ],
        rb"AUTHENTICATE": [b"{tag} NO " + FAR + TOKEN.reveal().encode()],
    }
    with pytest.raises(NeedsPermission) as told:
        entered(certificates, table, TOKEN)
    assert is_clean(shown(told.value))


@pytest.mark.parametrize("before", [b"", FAR], ids=["near", "far"])
@pytest.mark.parametrize("form", [CANARY, CODED], ids=["plain", "coded"])
@pytest.mark.parametrize(
    ("code", "error"), [(b"535 ", WrongPassword), (b"454 ", ServerUnavailable)]
)
def test_by_smtp(
    certificates: Certificates,
    code: bytes,
    error: type[MailError],
    form: bytes,
    before: bytes,
) -> None:
    answer = code + before + form
    with serve(*sending(answer), tls=certificates.good) as server:
        told = refused_by_smtp(certificates, server.port, PASSWORD)
    assert type(told) is error
    assert is_clean(shown(told))


def test_an_access_token_by_smtp(certificates: Certificates) -> None:
    how = sasl.token_login([sasl.XOAUTH2], LOGIN, TOKEN, Server("localhost", 1))
    assert how
    table: Table = {
        rb"EHLO": [b"250-mail", b"250 AUTH XOAUTH2"],
        rb"AUTH": [b"535 5.7.8 " + TOKEN.reveal().encode() + how.response.encode()],
    }
    script: list[Step] = [Send(b"220 mail\r\n"), Answer(table, b"502 no", tagged=False)]
    with serve(*script, tls=certificates.good) as server:
        told = refused_by_smtp(certificates, server.port, TOKEN)
    assert type(told) is NeedsPermission
    assert how.response not in shown(told)
    assert is_clean(shown(told))


def refused_by_smtp(certificates: Certificates, port: int, secret: Secret) -> MailError:
    where, policy = Server("localhost", port), allowed(certificates)
    sock = network.reach(where, ["127.0.0.1"], policy)
    talk = smtp.greet(where, network.secure(sock, where, policy), policy)
    try:
        with pytest.raises(MailError) as told:
            smtp.log_in(talk, LOGIN, secret, policy)
    finally:
        smtp.close(talk)
    return told.value
