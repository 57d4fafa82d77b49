"""Scripted servers that take access tokens, and refuse them, in their own ways."""

from __future__ import annotations

import base64
import json

import pytest

from core import network, smtp
from core.errors import (
    ConnectionLost,
    LoginNotPossible,
    MailError,
    NeedsPermission,
    ServerUnavailable,
    Throttled,
)
from core.imap.opening import open_session
from core.model import Server
from core.network import Policy
from core.secret import AccessToken
from tests.certificates import Certificates
from tests.servers.scripted import ScriptedServer, serve
from tests.servers.steps import POLITE, Answer, Close, Expect, Lines, Send, Table

LOGIN = "ana@example.org"
TOKEN = AccessToken("ya29.token-CANARY-77b1")
READY = Send(b"* OK ready\r\n")
pytestmark = pytest.mark.server


def told(status: str) -> bytes:
    reason = {"status": status, "schemes": "bearer", "scope": "mail"}
    return base64.b64encode(json.dumps(reason).encode())


def enter_imap(
    certificates: Certificates, able: bytes, table: Table
) -> tuple[ScriptedServer, MailError | None]:
    caps: Table = {
        rb"CAPABILITY": [b"* CAPABILITY IMAP4rev1 " + able, b"{tag} OK done"],
        rb"ID ": [b"* ID NIL", b"{tag} OK done"],
    }
    policy = Policy(frozenset({"localhost"}), ca_files=(certificates.ca_file,))
    with serve(READY, Answer(POLITE | caps | table), tls=certificates.good) as server:
        where = Server("localhost", server.port)
        try:
            with open_session(where, LOGIN, TOKEN, policy):
                return server, None
        except MailError as error:
            return server, error


MECHANISMS = [
    (b"XOAUTH2", rb"\AdXNlcj1", rb"\A\Z"),
    (b"OAUTHBEARER", rb"\Abixh", rb"\AAQ==\Z"),
]


@pytest.mark.parametrize("ir", [b" SASL-IR", b""])
@pytest.mark.parametrize(("mechanism", "said", "answer"), MECHANISMS)
def test_the_challenge_is_answered_to_hear_the_refusal(
    certificates: Certificates, mechanism: bytes, said: bytes, answer: bytes, ir: bytes
) -> None:
    refusal: Lines = [
        b"+ " + told("400"),
        Expect(answer),
        b"{tag} NO Invalid credentials (Failure)",
    ]
    before: Lines = [] if ir else [b"+ ", Expect(said)]
    table: Table = {b"AUTHENTICATE " + mechanism: [*before, *refusal]}
    server, error = enter_imap(certificates, b"AUTH=" + mechanism + ir, table)
    assert isinstance(error, NeedsPermission)
    assert error.facts["server_says"] == "Invalid credentials (Failure)"
    assert error.facts["certain"] == "yes"
    assert not server.said(rb"LOGIN|AUTHENTICATE PLAIN")


@pytest.mark.parametrize(
    ("able", "answer", "error"),
    [
        (b"AUTH=PLAIN", [], LoginNotPossible),
        (b"AUTH=XOAUTH2 SASL-IR", [b"{tag} NO AUTHENTICATE failed."], NeedsPermission),
        (b"AUTH=XOAUTH2 SASL-IR", [b"{tag} BAD what?"], NeedsPermission),
        (
            b"AUTH=XOAUTH2 SASL-IR",
            [b"+ " + told("500"), Expect(b""), b"{tag} NO sorry"],
            ServerUnavailable,
        ),
        (
            b"AUTH=XOAUTH2 SASL-IR",
            [b"{tag} NO [THROTTLED] Account exceeded limits"],
            Throttled,
        ),
        (
            b"AUTH=XOAUTH2 SASL-IR",
            [
                b"+ \xff",
                Expect(b""),
                b"+ again",
                Expect(rb"\A\*\Z"),
                b"{tag} BAD ended",
            ],
            NeedsPermission,
        ),
        (b"AUTH=XOAUTH2 SASL-IR", [Close()], ConnectionLost),
        (b"AUTH=XOAUTH2 SASL-IR", [b"* BYE later", Close()], ServerUnavailable),
        (b"AUTH=OAUTHBEARER SASL-IR", [b"{tag} OK welcome"], None),
    ],
)
def test_each_answer_of_imap_has_its_own_error(
    certificates: Certificates,
    able: bytes,
    answer: Lines,
    error: type[MailError] | None,
) -> None:
    server, found = enter_imap(certificates, able, {rb"AUTHENTICATE": answer})
    assert (type(found) if found else None) is error
    assert not server.said(rb"LOGIN ")
    if found is not None:
        shown = f"{found!r} {found.facts} {found.detail}"
        assert TOKEN.reveal() not in shown


def enter_smtp(
    certificates: Certificates, able: bytes, answer: Lines, token: AccessToken = TOKEN
) -> tuple[ScriptedServer, MailError | None]:
    table: Table = {
        rb"EHLO": [b"250-mail", b"250 AUTH " + able],
        rb"AUTH": answer,
        rb"QUIT": [b"221 bye", Close()],
    }
    script = Answer(table, otherwise=b"502 not in the script", tagged=False)
    policy = Policy(frozenset({"localhost"}), ca_files=(certificates.ca_file,))
    greeting = Send(b"220 mail ESMTP\r\n")
    with serve(greeting, script, tls=certificates.good) as server:
        where = Server("localhost", server.port)
        sock = network.reach(where, ["127.0.0.1"], policy)
        sock = network.secure(sock, where, policy)
        talk = smtp.greet(where, sock, policy)
        try:
            smtp.log_in(talk, LOGIN, token, policy)
        except MailError as error:
            return server, error
        finally:
            smtp.close(talk)
        return server, None


LONG = AccessToken("t" * 2_000)


@pytest.mark.parametrize("token", [TOKEN, LONG], ids=["short", "long"])
@pytest.mark.parametrize(("mechanism", "said", "answer"), MECHANISMS)
def test_smtp_answers_the_challenge_and_sends_long_tokens_apart(
    certificates: Certificates,
    mechanism: bytes,
    said: bytes,
    answer: bytes,
    token: AccessToken,
) -> None:
    apart: Lines = [b"334 ", Expect(said)] if token is LONG else []
    lines: Lines = [*apart, b"334 " + told("400"), Expect(answer), b"535 5.7.8 No."]
    server, error = enter_smtp(certificates, mechanism + b" PLAIN", lines, token)
    assert isinstance(error, NeedsPermission)
    assert error.facts["server_says"] == "5.7.8 No."
    assert (error.facts["certain"], error.facts["port"]) == ("yes", str(server.port))
    (command,) = server.said(rb"\AAUTH ")
    assert len(command) < 511  # RFC 5321 section 4.5.3.1.4, with CR LF


@pytest.mark.parametrize(
    ("able", "answer", "error"),
    [
        (b"PLAIN LOGIN", [], LoginNotPossible),
        (b"XOAUTH2", [b"454 4.7.0 Temporary failure"], ServerUnavailable),
        (b"XOAUTH2", [b"535 5.7.3 Authentication unsuccessful"], NeedsPermission),
        (
            b"XOAUTH2",
            [b"535 5.7.139 SmtpClientAuthentication is disabled for the Tenant."],
            LoginNotPossible,
        ),
        (b"XOAUTH2", [Close()], ConnectionLost),
        (b"OAUTHBEARER XOAUTH2", [b"235 2.7.0 Accepted"], None),
    ],
)
def test_each_answer_of_smtp_has_its_own_error(
    certificates: Certificates,
    able: bytes,
    answer: Lines,
    error: type[MailError] | None,
) -> None:
    _, found = enter_smtp(certificates, able, answer)
    assert (type(found) if found else None) is error
