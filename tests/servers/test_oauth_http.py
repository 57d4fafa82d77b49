"""The way to a provider's endpoints: our sockets, our limits, our errors."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from core.errors import (
    AddressNotAllowed,
    CertificateExpired,
    CertificateUnknown,
    ConnectionLost,
    DnsSilent,
    HostUnknown,
    LimitExceeded,
    MailError,
    NeedsPermission,
    NoAnswer,
    NoTls,
    ProtocolBroken,
    ServerUnavailable,
    Throttled,
)
from core.network import Policy
from core.oauth import tokens as oauth
from core.oauth.grants import GOOGLE, Application
from core.oauth.tokens import Authority, Ending
from core.secret import Secret
from tests.certificates import Certificates, Pair
from tests.servers.names import SILENT, answering
from tests.servers.scripted import serve
from tests.servers.steps import Close, Drip, Expect, Flood, Send, Stall, Step

REFRESH = Secret("1//refresh-CANARY-41d9")
APPLICATION = Application("id", Secret("secret-CANARY-90aa"), "https://x.example/cb")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
READ = [Expect(rb"\APOST /token HTTP/1.1\Z")]
pytestmark = pytest.mark.server


def authority(certificates: Certificates, url: str, **policy: object) -> Authority:
    allowed = Policy(frozenset({"localhost"}), ca_files=(certificates.ca_file,))
    grant = replace(GOOGLE, token_url=url, revoke_url=url)
    return Authority(grant, APPLICATION, replace(allowed, **policy), lambda: NOW)  # type: ignore[arg-type]  # by name


def http(body: bytes, status: bytes = b"200 OK", *headers: bytes) -> list[Step]:
    lines = [b"HTTP/1.1 " + status, b"Content-Length: %d" % len(body), *headers]
    return [*READ, Send(b"\r\n".join([*lines, b"", body])), Stall()]


def fails(
    certificates: Certificates, script: list[Step], pair: Pair | None = None
) -> MailError:
    with serve(*script, tls=pair or certificates.good) as server:
        asked = authority(certificates, f"https://localhost:{server.port}/token")
        with pytest.raises(MailError) as told:
            asked.refresh(REFRESH)
    error = told.value
    shown = f"{error!r} {error.facts} {error.detail} {error.__cause__!r}"
    assert "CANARY" not in shown
    assert error.facts["host"] == "localhost"
    return error


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (http(b'{"error": "invalid_grant"}', b"400 Bad Request"), NeedsPermission),
        (http(b'{"error": "interaction_required"}', b"400 No"), NeedsPermission),
        (http(b'{"error": "invalid_client"}', b"401 No"), ProtocolBroken),
        (http(b'{"error": "temporarily_unavailable"}', b"400 No"), ServerUnavailable),
        (http(b"<html>", b"503 Later"), ServerUnavailable),
        (http(b"{}", b"429 Slow", b"Retry-After: 120"), Throttled),
        (http(b"<html>", b"404 Nothing"), ProtocolBroken),
        (http(b"<html>"), ProtocolBroken),
        (http(b"[]"), ProtocolBroken),
        (http(b"{}"), ProtocolBroken),
        (http(b'{"access_token": 5, "token_type": "Bearer"}'), ProtocolBroken),
        (http(b'{"access_token": "t", "token_type": "mac"}'), ProtocolBroken),
        (http(b'{"access_token": "a b", "token_type": "Bearer"}'), ProtocolBroken),
        (http(b"[" * 50_000), ProtocolBroken),
        (
            http(b"", b"302 Found", b"Location: https://evil.example/"),
            ProtocolBroken,
        ),
        ([*READ, Send(b"SSH-2.0-OpenSSH\r\n"), Stall()], ProtocolBroken),
        ([*READ, Close()], ConnectionLost),
        ([*READ, Send(b"HTTP/1.1 200 OK\r\n\r\n"), Flood(b"x" * 9_999)], LimitExceeded),
    ],
)
def test_each_answer_has_its_own_error(
    certificates: Certificates, answer: list[Step], error: type[MailError]
) -> None:
    found = fails(certificates, answer)
    assert type(found) is error
    if error is Throttled:
        assert found.facts["wait_s"] == "120"


def test_the_words_of_a_refusal_are_kept_without_what_is_secret(
    certificates: Certificates,
) -> None:
    words = b'"Token ' + REFRESH.reveal().encode() + b' has been\\u0000 revoked."'
    body = b'{"error": "invalid_grant", "error_description": %s}' % words
    says = fails(certificates, http(body, b"400 No")).facts["server_says"]
    assert says.startswith("invalid_grant Token … has been")
    assert "\0" not in says


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": "invalid_grant", "error_description": "%s"}',
        b'{"error": "%s"}',
        b'{"error": "invalid_client", "error_description": "' + b"x" * 270 + b' %s"}',
    ],
)
@pytest.mark.parametrize("secret", [REFRESH, APPLICATION.client_secret])
def test_no_secret_comes_back_wherever_it_is_repeated(
    certificates: Certificates, body: bytes, secret: Secret
) -> None:
    repeated = body % secret.reveal().encode()
    says = fails(certificates, http(repeated, b"400 No")).facts["server_says"]
    assert "refresh-" not in says
    assert "secret-" not in says


@pytest.mark.parametrize(
    "silence",
    [[Stall()], [*READ, Stall()], [*READ, Drip(b"HTTP/1.1 200 OK\r\n" * 90, 0.02)]],
    ids=["tls", "answer", "drip"],
)
def test_there_is_one_limit_of_time(
    certificates: Certificates, silence: list[Step], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "SECONDS", 0.5)
    assert type(fails(certificates, silence)) is NoAnswer


def test_the_limit_of_time_includes_asking_for_the_name(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oauth, "SECONDS", 0.5)
    with answering({"login.example.test": [SILENT]}) as names:
        url = "https://login.example.test/token"
        asked = authority(certificates, url, dns_server=names.place)
        began = time.monotonic()
        with pytest.raises(DnsSilent):
            asked.refresh(REFRESH)
    assert time.monotonic() - began < 2.5


def test_certificates_are_checked(certificates: Certificates) -> None:
    for pair, error in (
        (certificates.expired, CertificateExpired),
        (certificates.self_signed, CertificateUnknown),
    ):
        assert type(fails(certificates, [Close()], pair)) is error


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("http://localhost:1/token", NoTls),
        ("https://127.0.0.1:1/token", AddressNotAllowed),
        ("https://no-such-host.invalid/token", HostUnknown),
    ],
)
def test_where_nothing_is_sent(
    certificates: Certificates, url: str, error: type[MailError]
) -> None:
    asked = authority(certificates, url)
    with pytest.raises(error):
        asked.refresh(REFRESH)
    assert asked.revoke(REFRESH) is Ending.NOT_REACHED


def test_a_refresh_keeps_the_refresh_token_unless_there_is_another(
    certificates: Certificates,
) -> None:
    body = b'{"access_token": "t", "token_type": "bearer", "expires_in": "60"%s}'
    for more, refresh in ((b"", REFRESH), (b', "refresh_token": "new"', Secret("new"))):
        with serve(*http(body % more), tls=certificates.good) as server:
            asked = authority(certificates, f"https://localhost:{server.port}/token")
            found = asked.refresh(REFRESH)
        assert found.refresh == refresh
        assert (found.expires_at - NOW).total_seconds() == 60


def test_no_endpoint_to_revoke_at(certificates: Certificates) -> None:
    asked = authority(certificates, "https://localhost:1/token")
    asked = replace(asked, grant=replace(asked.grant, revoke_url=""))
    assert asked.revoke(REFRESH) is Ending.NOT_OFFERED


@pytest.mark.parametrize(
    ("answer", "ending"),
    [
        (http(b"", b"200 OK"), Ending.ENDED),
        (http(b'{"error": "invalid_token"}', b"400 No"), Ending.ENDED),
        (http(b'{"error": "invalid_request"}', b"400 No"), Ending.NOT_REACHED),
        (http(b'{"error": "invalid_client"}', b"401 No"), Ending.NOT_REACHED),
        (http(b'{"error": "invalid_token"}', b"403 No"), Ending.NOT_REACHED),
        (http(b"<html>", b"404 No"), Ending.NOT_REACHED),
        (http(b"[" * 50_000, b"400 No"), Ending.NOT_REACHED),
        (http(b"[]", b"400 No"), Ending.NOT_REACHED),
        (http(b"", b"503 Later"), Ending.NOT_REACHED),
    ],
)
def test_a_permission_has_ended_only_where_the_provider_says_so(
    certificates: Certificates, answer: list[Step], ending: Ending
) -> None:
    with serve(*answer, tls=certificates.good) as server:
        asked = authority(certificates, f"https://localhost:{server.port}/token")
        assert asked.revoke(REFRESH) is ending
