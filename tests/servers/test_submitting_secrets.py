"""Nothing of a mail or a password goes where it should not, whoever is in between."""

from __future__ import annotations

from base64 import b64encode

import pytest

from core.errors import (
    BadInput,
    CertificateOfAnother,
    LoginNotPossible,
    MailError,
    NotAMailServer,
    NoTls,
)
from core.model import Security, Server
from core.secret import AccessToken, Secret
from core.submitting import submit
from tests.certificates import Certificates
from tests.servers.scripted import ScriptedServer
from tests.servers.scripted_smtp import Behaviour, submission_at
from tests.servers.steps import Send, StartTls
from tests.servers.submitted import (
    LOGIN,
    MAIL,
    PASSWORD,
    TO_TWO,
    Seen,
    policy,
    sent,
    unstuffed,
)

pytestmark = pytest.mark.server

CODED = b64encode(f"\0{LOGIN}\0{PASSWORD.reveal()}".encode())
INJECTED = b"250-mail.example.org\r\n250-SIZE 1\r\n250 AUTH PLAIN\r\n235 2.7.0 ok\r\n"


def tells_nothing(server: ScriptedServer) -> bool:
    """Tell whether nothing but a hello was said without TLS."""
    words = (b"AUTH", CODED, b"CANARY", b"MAIL", b"RCPT", b"Subject", LOGIN.encode())
    return not any(word in server.in_clear for word in words)


@pytest.mark.parametrize(
    ("asked", "served", "error"),
    [
        (Security.STARTTLS, Security.NONE, NoTls),  # stripped, AUTH is offered
        (Security.TLS, Security.NONE, NotAMailServer),
    ],
)
def test_a_server_without_tls_gets_nothing(
    certificates: Certificates,
    asked: Security,
    served: Security,
    error: type[MailError],
) -> None:
    seen = sent(certificates, {}, security=asked, served=served)
    assert type(seen.error) is error
    assert seen.server.connections == 1
    assert tells_nothing(seen.server)


def test_without_tls_nobody_is_connected_to(certificates: Certificates) -> None:
    seen = sent(certificates, {}, security=Security.NONE)
    assert type(seen.error) is NoTls
    assert seen.server.connections == 0


def test_what_is_injected_before_tls_is_forgotten(certificates: Certificates) -> None:
    go = Send(b"220 2.0.0 Go on\r\n" + INJECTED)
    seen = sent(
        certificates,
        {"starttls": [go, StartTls(certificates.good)]},
        security=Security.STARTTLS,
    )
    assert seen.submitted  # SIZE 1 was forgotten, and the login was a real one
    assert seen.server.said(b"AUTH PLAIN")
    assert tells_nothing(seen.server)


def test_what_is_offered_before_tls_is_forgotten(certificates: Certificates) -> None:
    behaviour = {
        "offers_in_clear": [b"STARTTLS", b"AUTH PLAIN LOGIN"],
        "offers": [b"SIZE 1000"],
    }
    seen = sent(certificates, behaviour, security=Security.STARTTLS)
    assert type(seen.error) is LoginNotPossible
    assert tells_nothing(seen.server)
    assert not seen.server.said(b"AUTH|MAIL")


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
def test_the_server_of_another_gets_nothing(
    certificates: Certificates, security: Security
) -> None:
    with submission_at(certificates.wrong_host, security) as server:
        where = Server("localhost", server.port, security)
        with pytest.raises(CertificateOfAnother):
            submit(
                where, LOGIN, PASSWORD, policy(certificates), TO_TWO, MAIL, lambda: None
            )
    assert tells_nothing(server)
    assert not server.said(b"AUTH|MAIL")


ECHOES = ["mail", "rcpt", "data", "final"]


@pytest.mark.parametrize("far", [b"", b"x" * 290 + b" "], ids=["near", "far"])
@pytest.mark.parametrize("code", [b"250", b"450", b"530", b"550", b"552", b"199"])
@pytest.mark.parametrize("stage", ECHOES)
def test_a_server_that_repeats_the_password(
    certificates: Certificates, stage: str, code: bytes, far: bytes
) -> None:
    said = code + b" " + far + PASSWORD.reveal().encode() + b" " + CODED
    seen = sent(certificates, {stage: [said]})
    assert is_clean(seen)


def is_clean(seen: Seen) -> bool:
    return not any(part in seen.shown for part in ("Zq7", "CANARY", CODED.decode()))


def test_a_server_that_repeats_an_access_token(certificates: Certificates) -> None:
    token = AccessToken("ya29.token-CANARY-77b1")
    be = Behaviour(
        offers=[b"AUTH XOAUTH2"], rcpt=[b"550 no " + token.reveal().encode()]
    )
    with submission_at(certificates.good, be=be) as server:
        where = Server("localhost", server.port)
        with pytest.raises(MailError) as told:
            submit(
                where, LOGIN, token, policy(certificates), TO_TWO, MAIL, lambda: None
            )
    assert server.said(b"AUTH XOAUTH2")
    seen = Seen(server, error=told.value)
    assert len(seen.people) == 2
    assert is_clean(seen)


def test_what_is_raised_at_the_brink_ends_it_without_the_dot(
    certificates: Certificates,
) -> None:
    def stop() -> None:
        raise InterruptedError("somebody else has it")

    with submission_at(certificates.good) as server:
        where = Server("localhost", server.port)
        with pytest.raises(InterruptedError):
            submit(where, LOGIN, PASSWORD, policy(certificates), TO_TWO, MAIL, stop)
        arrived = server.wait_for_mail()
    assert unstuffed(arrived) == MAIL  # all but the dot, and no QUIT
    assert server.unfinished == [arrived]
    assert server.contents == []


@pytest.mark.parametrize("content", [b"a\nb\r\n", b"a\rb\r\n", b"\r\n.\n.\r\n", b"a\n"])
def test_an_end_of_line_alone_is_sent_to_nobody(
    certificates: Certificates, content: bytes
) -> None:
    with submission_at(certificates.good) as server:
        where, rules = Server("localhost", server.port), policy(certificates)
        with pytest.raises(ValueError, match="alone"):
            submit(where, LOGIN, PASSWORD, rules, TO_TWO, content, lambda: None)
    assert server.connections == 0


def test_a_password_with_a_line_end_is_refused(certificates: Certificates) -> None:
    with submission_at(certificates.good) as server:
        where, rules = Server("localhost", server.port), policy(certificates)
        with pytest.raises(BadInput):
            submit(where, LOGIN, Secret("a\r\nb"), rules, TO_TWO, MAIL, lambda: None)
    assert not server.said(b"AUTH|MAIL|\\Ab")
