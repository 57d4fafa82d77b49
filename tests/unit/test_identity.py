"""Whose mailbox it is: what an id_token must say to be believed."""

from datetime import UTC, datetime
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from core.errors import ProtocolBroken
from core.oauth.grants import GOOGLE, MICROSOFT, Grant
from core.oauth.identity import address_in
from core.secret import Secret

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
OURS = {
    "iss": "https://accounts.google.com",
    "aud": "us",
    "nonce": "n",
    "exp": NOW.timestamp() + 60,
    "email": "ana@example.org",
}
OF_MICROSOFT = OURS | {
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "tid": TENANT,
}


def read(claims: Any, grant: Grant = GOOGLE) -> str:
    key = OctKey.import_key("k" * 32)
    token = jwt.encode({"alg": "HS256"}, claims, key)
    return address_in(token, grant, "us", Secret("n"), NOW)


@pytest.mark.parametrize(
    ("change", "address"),
    [
        ({}, "ana@example.org"),
        ({"iss": "accounts.google.com"}, "ana@example.org"),
        ({"aud": ["us"], "azp": "us"}, "ana@example.org"),
        ({"email_verified": True}, "ana@example.org"),
        ({"exp": NOW.timestamp() - 60}, "ana@example.org"),  # their clock, or ours
        ({"email": None, "preferred_username": "a@b.example"}, "a@b.example"),
    ],
)
def test_what_is_believed(change: dict[str, Any], address: str):
    assert read(OURS | change) == address


@pytest.mark.parametrize(
    "change",
    [
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "them"},
        {"aud": ["us", "them"], "azp": "them"},
        {"nonce": "another"},
        {"nonce": None},
        {"exp": NOW.timestamp() - 3600},
        {"exp": None},
        {"exp": "soon"},
        {"email_verified": False},
        {"email_verified": "false"},
        {"email": "ana"},
        {"email": "ana@example.org\r\nBcc: x@example.org"},
        {"email": ["ana@example.org"]},
        {"email": None},
    ],
)
def test_what_is_not(change: dict[str, Any]):
    claims = {name: value for name, value in (OURS | change).items() if value}
    if change.get("email_verified") is False:
        claims |= change
    with pytest.raises(ProtocolBroken) as told:
        read(claims)
    assert told.value.facts["host"] == "oauth2.googleapis.com"


def test_the_tenant_is_in_the_issuer_of_microsoft():
    assert read(OF_MICROSOFT, MICROSOFT) == "ana@example.org"
    for wrong in ({"tid": "another-0000"}, {"tid": "x/../y"}, {"tid": ""}):
        with pytest.raises(ProtocolBroken):
            read(OF_MICROSOFT | wrong, MICROSOFT)


@pytest.mark.parametrize("token", [None, "", "a.b", "a.b.c", "e30.W10.", 5])
def test_what_is_no_token(token: object):
    with pytest.raises(ProtocolBroken):
        address_in(token, GOOGLE, "us", Secret("n"), NOW)
