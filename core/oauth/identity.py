"""Whose mailbox it is: the id_token, read and checked. Pure.

It came from the token endpoint itself over TLS, which stands in for its signature
(OpenID Connect Core §3.1.3.7, 6); everything else that section asks for is checked.
The address is believed in the end by the mail servers only: the token must open it.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwt import JWTClaimsRegistry

from core.errors import ProtocolBroken
from core.oauth.grants import Grant
from core.secret import Secret

LEEWAY_S = 300  # between our clock and theirs
TENANT = re.compile(r"[0-9a-fA-F-]{8,64}\Z")
ADDRESS = re.compile(r"[^\s@<>\"\x00-\x1f\x7f]{1,64}@[^\s@<>\"\x00-\x1f\x7f]{1,190}\Z")
# Microsoft gives `email` only where the account has one; the other is its user name.
CLAIMS = ("email", "preferred_username")


def address_in(
    id_token: object, grant: Grant, client_id: str, nonce: Secret, now: datetime
) -> str:
    """Give the address that an id_token tells.

    Raises:
        ProtocolBroken: it is none, of another, for another, or out of its time.

    """
    try:
        claims = _claims(id_token)
        _check(claims, grant, client_id, nonce, now)
        return _address(claims)
    except (JoseError, ValueError, RecursionError) as error:
        host = urlsplit(grant.token_url).hostname
        what = error.error if isinstance(error, JoseError) else "cannot be used"
        raise ProtocolBroken(f"id_token: {what}", host=host) from None


def _check(
    claims: dict[str, Any], grant: Grant, client_id: str, nonce: Secret, now: datetime
) -> None:
    """Check who issued it for whom and when; JoseError or ValueError if not so."""
    issuer = grant.issuer
    if "{tid}" in issuer and TENANT.match(str(claims.get("tid", ""))):
        issuer = issuer.replace("{tid}", str(claims["tid"]))
    registry = JWTClaimsRegistry(
        now=int(now.timestamp()),
        leeway=LEEWAY_S,
        # Google's may come without the scheme (developers.google.com/identity).
        iss={"essential": True, "values": [issuer, issuer.removeprefix("https://")]},
        aud={"essential": True, "value": client_id},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce.reveal()},
    )
    registry.validate(claims)
    for_us = claims.get("azp", client_id) == client_id
    if not for_us or claims.get("email_verified") in {False, "false"}:
        raise ValueError


def _claims(id_token: object) -> dict[str, Any]:
    claims = json.loads(jws.extract_compact(str(id_token or "").encode()).payload)
    if not isinstance(claims, dict):
        raise ValueError  # noqa: TRY004 - the caller's word for all that is unusable
    return claims


def _address(claims: dict[str, Any]) -> str:
    for name in CLAIMS:
        value = claims.get(name)
        if isinstance(value, str) and ADDRESS.match(value):
            return value
    raise ValueError
