"""What is kept of a sign-in between its steps: sealed, under hashes of its keys."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta

from core.connect import Form
from core.errors import SignInExpired
from core.model import Method
from core.oauth.grants import Grant, application_of, grant_of
from core.oauth.tokens import Authority, Tokens
from core.runtime import Runtime
from core.secret import AccessToken, Secret
from core.store import sign_ins
from core.store.engine import reading
from core.store.sign_ins import SignIn

KEPT = timedelta(minutes=45)  # to finish; access tokens live for about an hour
MOST = 600  # characters of what a browser brings; ours have some dozens


def found(runtime: Runtime, ticket: str) -> SignIn:
    """Give a sign-in by its ticket or key.

    Raises:
        SignInExpired: there is none, or it is too old.

    """
    with reading(runtime.engine) as conn:
        found = sign_ins.get(conn, hashed(ticket), runtime.clock() - KEPT)
    if found is None:
        raise SignInExpired
    return found


def authority(runtime: Runtime, method: Method) -> Authority:
    """Give the provider of a method, as this installation sees it."""
    grant = grant_of(runtime.settings, method)
    application = application_of(runtime.settings, method)
    return Authority(grant, application, runtime.policy(), runtime.clock)


def form(grant: Grant, owner: str, address: str, token: AccessToken) -> Form:
    """Fill in what a person would, with a token in place of the password."""
    return Form(
        owner=owner,
        address=address,
        password=token,
        imap=grant.imap,
        smtp=grant.smtp,
        login=address,
        acknowledged=True,
        method=grant.method,
    )


def packed(tokens: Tokens) -> dict[str, str]:
    """Give tokens as they are sealed."""
    return {
        "access": tokens.access.reveal(),
        "refresh": tokens.refresh.reveal(),
        "expires_at": tokens.expires_at.isoformat(),
        "address": tokens.address,
    }


def unpacked(kept: dict[str, Secret]) -> Tokens:
    """Give tokens as they were before they were sealed."""
    return Tokens(
        AccessToken(kept["access"].reveal()),
        kept["refresh"],
        datetime.fromisoformat(kept["expires_at"].reveal()),
        kept["address"].reveal(),
    )


def sealed(runtime: Runtime, ticket: str, kept: dict[str, str]) -> bytes:
    """Seal values for one sign-in, by the hash of its ticket or key."""
    return runtime.vault.seal(Secret(json.dumps(kept)), 0, f"sign_in {ticket}")


def opened(runtime: Runtime, one: SignIn) -> dict[str, Secret]:
    """Open what was sealed for a sign-in."""
    text = runtime.vault.open(one.sealed, 0, f"sign_in {one.ticket}").reveal()
    return {name: Secret(value) for name, value in json.loads(text).items()}


def hashed(text: str) -> str:
    """Give what is stored of what a browser holds."""
    return hashlib.sha256(text[:MOST].encode("utf-8", "replace")).hexdigest()
