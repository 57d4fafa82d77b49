"""How a client logs in with an access token instead of a password. Pure.

OAUTHBEARER is the standard (RFC 7628), XOAUTH2 is what came before it; Google offers
both, Microsoft only the older one. After a refusal both servers first send a challenge
with the reason as JSON, and the refusal itself only when that was answered.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Collection
from typing import NamedTuple

from core.model import Server
from core.secret import AccessToken

OAUTHBEARER, XOAUTH2 = "OAUTHBEARER", "XOAUTH2"
CHALLENGE_MOST = 8_000  # characters


class TokenLogin(NamedTuple):
    """A mechanism, what to say first, and what to answer to its challenge (base64)."""

    mechanism: str
    response: str
    to_challenge: str


def token_login(
    offered: Collection[str], login: str, token: AccessToken, server: Server
) -> TokenLogin | None:
    """Choose among the mechanisms that a server offers; nothing if none will do."""
    if OAUTHBEARER in offered:
        # RFC 7628 §3.2.3: the client answers the challenge by one byte, 0x01.
        said = _oauthbearer(login, token, server)
        return TokenLogin(OAUTHBEARER, _coded(said), _coded("\1"))
    if XOAUTH2 in offered:
        # developers.google.com/gmail/xoauth2_protocol: by an empty answer.
        said = f"user={login}\1{_bearer(token)}\1\1"
        return TokenLogin(XOAUTH2, _coded(said), "")
    return None


def status_of(challenge: str) -> str:
    """Read the status from the challenge of a refusal; nothing if there is none.

    XOAUTH2 gives a number ("400", "401"), OAUTHBEARER a word ("invalid_token").
    """
    if len(challenge) > CHALLENGE_MOST:
        return ""
    try:
        told = json.loads(base64.b64decode(challenge, validate=True))
    except (binascii.Error, ValueError, RecursionError):
        return ""
    status = told.get("status", "") if isinstance(told, dict) else ""
    return str(status)[:40] if isinstance(status, str | int) else ""


def _oauthbearer(login: str, token: AccessToken, server: Server) -> str:
    # RFC 7628 §3.1: "=" and "," have a meaning in the header.
    name = login.replace("=", "=3D").replace(",", "=2C")
    pairs = (f"host={server.host}", f"port={server.port}", _bearer(token))
    return f"n,a={name},\1" + "".join(f"{pair}\1" for pair in pairs) + "\1"


def _bearer(token: AccessToken) -> str:
    return f"auth=Bearer {token.reveal()}"


def _coded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
