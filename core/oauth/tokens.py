"""The conversation with a provider: consent, tokens, fresh tokens, the end of them.

RFC 6749 with PKCE (RFC 7636, S256), by Authlib. Tokens, codes and verifiers are in no
error, no fact and no log.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from requests import RequestException, Response, codes

from core import hiding, refusals
from core.errors import (
    MailError,
    NeedsPermission,
    ProtocolBroken,
    ServerUnavailable,
    SignInRefused,
    Throttled,
)
from core.hiding import Hidden
from core.network import Policy
from core.oauth.grants import Application, Grant
from core.oauth.http import Adapter, server_of
from core.oauth.identity import address_in
from core.secret import AccessToken, Secret
from core.text import harmless

SECONDS = 20.0  # for one request; a provider answers within one or two
REVOKE_SECONDS = 5.0  # somebody waits for the disconnection
LIFE_S, LIFE_MOST_S = 3600, 30 * 86_400
TOKEN = re.compile(r"[\x21-\x7e]{1,12000}\Z")  # RFC 6749 appendix A.12, without spaces
WORD = re.compile(r"[a-z_]{1,60}\Z")
TOKEN_TYPES = {"bearer"}
# RFC 6749 §4.1.2.1 and §5.2, OpenID Connect Core §3.1.2.6.
NO_CONSENT = {
    "invalid_grant",
    "access_denied",
    "interaction_required",
    "consent_required",
    "login_required",
    "account_selection_required",
}
NOT_NOW = {"temporarily_unavailable", "server_error"}
NOT_UNDERSTOOD = (RequestException, ValueError, TypeError, RecursionError)
NOT_OF_MAIL = {"openid", "email", "profile", "offline_access"}


@dataclass(frozen=True, slots=True)
class Departure:
    """What is kept while a person is at the provider's page."""

    state: Secret
    nonce: Secret
    verifier: Secret


@dataclass(frozen=True, slots=True)
class Tokens:
    """What gives access to a mailbox; `address` is known after the first consent."""

    access: AccessToken
    refresh: Secret
    expires_at: datetime
    address: str = ""


class Ending(StrEnum):
    """What became of a permission that was given back."""

    ENDED = "ended"
    NOT_OFFERED = "not_offered"  # the provider has no endpoint for it
    NOT_REACHED = "not_reached"  # or it refuses


def depart() -> Departure:
    """Make what protects one sign-in."""
    state, nonce, verifier = (Secret(secrets.token_urlsafe(48)) for _ in range(3))
    return Departure(state, nonce, verifier)


def refused(error: str, host: str) -> MailError:
    """Tell what the provider's answer to the browser means (RFC 6749 §4.1.2.1)."""
    word = error if WORD.match(error) else "unknown"
    return _refusal(OAuthError(word, ""), host, SignInRefused, Hidden())


@dataclass(frozen=True, slots=True)
class Authority:
    """One provider, as one application sees it. Each call is at most one request."""

    grant: Grant
    application: Application
    policy: Policy
    clock: Callable[[], datetime]

    @property
    def host(self) -> str:
        """Give the host that gives tokens."""
        return server_of(self.grant.token_url).host

    def url(self, departure: Departure, hint: str = "") -> str:
        """Give the page where the person consents; `hint` is the address, if known."""
        more = dict(self.grant.authorize)
        if hint:
            more["login_hint"] = hint
        with self._session(SECONDS) as session:
            url, _ = session.create_authorization_url(
                self.grant.authorize_url,
                state=departure.state.reveal(),
                nonce=departure.nonce.reveal(),
                code_verifier=departure.verifier.reveal(),
                **more,
            )
        return str(url)

    def exchange(self, code: Secret, departure: Departure) -> Tokens:
        """Give the code that the browser brought; get tokens, and whose they are.

        Raises:
            SignInRefused: the code is not taken, or less was allowed than is needed.
            Unreachable, ServerUnavailable, Throttled, ProtocolBroken.

        """
        hidden = (code, departure.verifier)
        with self._asked(SignInRefused, hidden) as session:
            told = session.fetch_token(
                self.grant.token_url,
                grant_type="authorization_code",
                code=code.reveal(),
                code_verifier=departure.verifier.reveal(),
            )
        self._check_scope(told)
        tokens = self._tokens(told, Secret(""))
        if not tokens.refresh:
            raise SignInRefused("no refresh token", host=self.host)
        nonce, now = departure.nonce, self.clock()
        mine = self.application.client_id
        address = address_in(told.get("id_token"), self.grant, mine, nonce, now)
        return Tokens(tokens.access, tokens.refresh, tokens.expires_at, address)

    def refresh(self, refresh: Secret) -> Tokens:
        """Get a fresh access token; the refresh token may be another from now on.

        Raises:
            NeedsPermission: the permission has ended or was withdrawn.
            Unreachable, ServerUnavailable, Throttled, ProtocolBroken.

        """
        with self._asked(NeedsPermission, (refresh,)) as session:
            told = session.refresh_token(
                self.grant.token_url, refresh_token=refresh.reveal()
            )
        return self._tokens(told, refresh)

    def revoke(self, refresh: Secret) -> Ending:
        """Give a permission back (RFC 7009), as far as the provider can be reached."""
        if not self.grant.revoke_url:
            return Ending.NOT_OFFERED
        try:
            with self._session(REVOKE_SECONDS) as session:
                answer = session.revoke_token(
                    self.grant.revoke_url,
                    token=refresh.reveal(),
                    token_type_hint="refresh_token",  # noqa: S106 - RFC 7009 §2.1
                )
        except (MailError, RequestException):
            return Ending.NOT_REACHED
        return _ending(answer)

    def _session(self, seconds: float) -> OAuth2Session:
        secret = self.application.client_secret.reveal()
        # RFC 6749 §2.3.1; both providers document the secret in the body.
        how = "client_secret_post" if secret else "none"
        session = OAuth2Session(
            client_id=self.application.client_id,
            client_secret=secret or None,
            token_endpoint_auth_method=how,
            revocation_endpoint_auth_method=how,
            scope=" ".join(self.grant.scopes),
            redirect_uri=self.application.redirect_uri,
            code_challenge_method="S256",
        )
        session.trust_env = False
        session.headers["Accept-Encoding"] = "identity"
        for scheme in ("https://", "http://"):
            session.mount(scheme, Adapter(self.policy, seconds))
        return session

    def _asked(
        self, no: type[NeedsPermission], hidden: Collection[Secret]
    ) -> AbstractContextManager[OAuth2Session]:
        secret = self.application.client_secret
        never = hiding.of(one.reveal() for one in (*hidden, secret))
        return _Asked(self._session(SECONDS), self.host, no, never)

    def _check_scope(self, told: dict[str, Any]) -> None:
        """See that the person did not take away a part of what is needed."""
        given = told.get("scope")
        if isinstance(given, str) and given:
            missing = {*self.grant.scopes} - {*given.split()} - NOT_OF_MAIL
            if missing:
                says = f"not allowed: {' '.join(sorted(missing))}"
                raise SignInRefused("scope", host=self.host, server_says=says)

    def _tokens(self, told: dict[str, Any], before: Secret) -> Tokens:
        access, kind = told.get("access_token"), told.get("token_type", "")
        refresh = told.get("refresh_token") or before.reveal()
        good = all(isinstance(t, str) for t in (access, refresh, kind))
        if not good or not TOKEN.match(access or "") or kind.lower() not in TOKEN_TYPES:
            raise ProtocolBroken("token response", host=self.host)
        life = timedelta(seconds=_life_s(told.get("expires_in")))
        return Tokens(AccessToken(str(access)), Secret(refresh), self.clock() + life)


class _Asked:
    """A session whose every failure becomes one of our errors."""

    def __init__(
        self,
        session: OAuth2Session,
        host: str,
        no: type[NeedsPermission],
        hidden: Hidden,
    ) -> None:
        self._session, self._host, self._no, self._hidden = session, host, no, hidden

    def __enter__(self) -> OAuth2Session:
        return self._session

    def __exit__(self, _kind: object, error: BaseException | None, _: object) -> None:
        self._session.close()
        if isinstance(error, OAuthError):
            # From nothing: the library's error holds what it was told.
            raise _refusal(error, self._host, self._no, self._hidden) from None
        if isinstance(error, NOT_UNDERSTOOD):
            raise ProtocolBroken(type(error).__name__, host=self._host) from None


def _refusal(
    told: OAuthError, host: str, no: type[NeedsPermission], hidden: Hidden
) -> MailError:
    error, words = str(told.error), str(told.description or "")
    says = harmless(hidden.out_of(f"{error} {words}").strip())
    facts = {"host": host, "server_says": says[: refusals.SHOWN_MAX]}
    detail = harmless(hidden.out_of(error))[:40]
    if error in NOT_NOW:
        return ServerUnavailable(error, **facts)
    if error == "slow_down":
        return Throttled(error, **facts)
    # To a person who signs in any other error is a refusal. A refresh that fails for
    # the application's fault (its secret has expired) is tried again: people's
    # permissions are as they were.
    if error in NO_CONSENT or no is SignInRefused:
        return no(detail, **facts)
    return ProtocolBroken(detail, **facts)


def _ending(answer: Response) -> Ending:
    """Tell what a provider's answer to a revocation means (RFC 7009 §2.2).

    Google says "invalid_token" of a permission that has ended already.
    """
    if answer.status_code == codes.ok:
        return Ending.ENDED
    try:
        told = answer.json()
    except (ValueError, RecursionError):
        return Ending.NOT_REACHED
    word = told.get("error") if isinstance(told, dict) else None
    over = answer.status_code == codes.bad_request and word == "invalid_token"
    return Ending.ENDED if over else Ending.NOT_REACHED


def _life_s(told: object) -> float:
    """Give for how long a token is good; RFC 6749 §5.1 only recommends to tell."""
    try:
        life = float(str(told))
    except ValueError:
        return LIFE_S
    return min(max(life, 0.0), LIFE_MOST_S) if life == life else LIFE_S  # noqa: PLR0124 - NaN
