"""Logging in with an access token: what is said, and what a refusal means."""

import base64
import json

import pytest

from core.errors import (
    ImapDisabled,
    LoginNotPossible,
    MailError,
    NeedsPermission,
    ServerUnavailable,
    SessionRefused,
    Throttled,
)
from core.imap.features import Features
from core.model import Server
from core.refusals import token_refused
from core.sasl import status_of, token_login
from core.secret import AccessToken

SERVER = Server("server.example.com", 143)
GOOGLES = (
    "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52"
    "YjNSbGNrQmhkSFJoZG1semRHRXVZMjl0Q2cBAQ=="
)
BOTH = ["PLAIN", "XOAUTH2", "OAUTHBEARER"]


def said(offered: list[str], login: str, token: str) -> tuple[str, bytes, str]:
    how = token_login(offered, login, AccessToken(token), SERVER)
    assert how is not None
    return how.mechanism, base64.b64decode(how.response), how.to_challenge


def test_the_standard_comes_first():
    # The example of RFC 7628 section 4.1.
    mechanism, response, answer = said(
        BOTH, "user@example.com", "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="
    )
    assert mechanism == "OAUTHBEARER"
    assert response == (
        b"n,a=user@example.com,\1host=server.example.com\1port=143\1"
        b"auth=Bearer vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\1\1"
    )
    assert base64.b64decode(answer) == b"\1"


def test_the_older_way_of_google_and_microsoft():
    # The example of developers.google.com/gmail/xoauth2_protocol.
    how = token_login(
        ["XOAUTH2"],
        "someuser@example.com",
        AccessToken("ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg"),
        SERVER,
    )
    assert how == (
        "XOAUTH2",
        GOOGLES,
        "",
    )


def test_a_name_cannot_end_its_field():
    assert said(BOTH, "a=b,c@x.example", "t")[1].startswith(b"n,a=a=3Db=2Cc@x.example,")


def test_a_token_goes_by_no_other_mechanism():
    assert token_login(["PLAIN", "LOGIN"], "a@x", AccessToken("t"), SERVER) is None


@pytest.mark.parametrize(
    ("challenge", "status"),
    [
        ({"status": "401", "schemes": "bearer", "scope": "mail"}, "401"),
        ({"status": "invalid_token"}, "invalid_token"),
        ({"status": 400}, "400"),
        ({"status": ["400"]}, ""),
        ([], ""),
        ("x" * 9_000, ""),
    ],
)
def test_the_challenge_tells_the_status(challenge, status):
    assert (
        status_of(base64.b64encode(json.dumps(challenge).encode()).decode()) == status
    )


@pytest.mark.parametrize("challenge", ["", "no base64!", "eyI=", "W1tbW1s="])
def test_a_challenge_that_says_nothing(challenge):
    assert status_of(challenge) == ""


@pytest.mark.parametrize(
    ("text", "status", "error"),
    [
        ("Invalid credentials (Failure)", "400", NeedsPermission),
        ("AUTHENTICATE failed.", "", NeedsPermission),
        ("[AUTHENTICATIONFAILED] failed", "invalid_token", NeedsPermission),
        ("Application-specific password required", "400", NeedsPermission),
        ("[UNAVAILABLE] down", "401", ServerUnavailable),
        ("failed", "500", ServerUnavailable),
        ("Too many simultaneous connections", "400", Throttled),
        ("Your account is not enabled for IMAP use: IMAP disabled", "", ImapDisabled),
        ("User is authenticated but not connected.", "", SessionRefused),
        (
            "5.7.139 SmtpClientAuthentication is disabled for the Tenant.",
            "",
            LoginNotPossible,
        ),
    ],
)
def test_what_a_refusal_means(text: str, status: str, error: type[MailError]):
    found = token_refused(text, "imap.example.com", status)
    assert type(found) is error
    assert found.facts["server_says"] == text


def test_the_mechanisms_are_capabilities():
    able = Features.of([b"AUTH=XOAUTH2", b"AUTH=OAUTHBEARER"])
    assert (able.auth_xoauth2, able.auth_oauthbearer, able.auth_plain) == (
        True,
        True,
        False,
    )
