"""What the authorization server of the tests keeps, and Authlib's grants over it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

from authlib.oauth2.rfc6749 import (
    AuthorizationCodeMixin,
    ClientMixin,
    OAuth2Request,
    TokenMixin,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc import jwt
from joserfc.jwk import OctKey

CLIENT_ID, CLIENT_SECRET = "malote-test", "client-secret-CANARY-5c1a"
BY_POST = ["client_secret_post", "client_secret_basic"]


class Asked(OAuth2Request):  # type: ignore[misc]  # authlib has no types
    """A request as Authlib reads it; TLS is not the matter here."""

    def __init__(
        self,
        method: str,
        uri: str,
        query: dict[str, str],
        form: dict[str, str],
        headers: dict[str, str],
    ) -> None:
        by_name = {k.title(): v for k, v in headers.items()}
        super().__init__(method, uri.replace("http:", "https:", 1), headers=by_name)
        self._query, self._fields = query, form
        self.payload = BasicOAuth2Payload({**query, **form})

    @property
    def args(self) -> dict[str, str]:
        return self._query

    @property
    def form(self) -> dict[str, str]:
        return self._fields


@dataclass
class Client(ClientMixin):  # type: ignore[misc]
    """The one application that is registered."""

    client_id: str = CLIENT_ID
    secret: str = CLIENT_SECRET
    redirect_uris: list[str] = field(default_factory=list)

    def get_client_id(self) -> str:
        return self.client_id

    def get_default_redirect_uri(self) -> str:
        return self.redirect_uris[0]

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri in self.redirect_uris

    def check_client_secret(self, client_secret: str) -> bool:
        return client_secret == self.secret

    def check_endpoint_auth_method(self, method: str, _endpoint: str) -> bool:
        return method != "none"

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def check_grant_type(self, _grant_type: str) -> bool:
        return True


@dataclass
class Code(AuthorizationCodeMixin):  # type: ignore[misc]
    """An authorization code, and what it was asked with."""

    code: str
    user: str
    redirect_uri: str
    scope: str
    nonce: str
    code_challenge: str
    code_challenge_method: str

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope


@dataclass
class Token(TokenMixin):  # type: ignore[misc]
    """An access token and the refresh token that belongs to it."""

    user: str
    access_token: str
    refresh_token: str
    scope: str
    expires_at: float
    expired: bool = False
    revoked: bool = False

    def is_active(self) -> bool:
        return not (self.is_expired() or self.revoked)

    def check_client(self, _client: Client) -> bool:
        return True

    def get_scope(self) -> str:
        return self.scope

    def is_expired(self) -> bool:
        return self.expired or self.expires_at < time.time()

    def is_revoked(self) -> bool:
        return self.revoked


class CodeGrant(grants.AuthorizationCodeGrant):  # type: ignore[misc]
    """A code works once (RFC 6749 section 4.1.2)."""

    TOKEN_ENDPOINT_AUTH_METHODS = BY_POST

    def save_authorization_code(self, code: str, request: Any) -> None:
        data = request.payload.data
        self.server.authority.codes[code] = Code(
            code, request.user, request.payload.redirect_uri,
            self.server.authority.scopes, data["nonce"], data["code_challenge"],
            data["code_challenge_method"],
        )  # fmt: skip

    def query_authorization_code(self, code: str, _client: Client) -> Code | None:
        found: Code | None = self.server.authority.codes.get(code)
        return found

    def delete_authorization_code(self, authorization_code: Code) -> None:
        del self.server.authority.codes[authorization_code.code]

    def authenticate_user(self, authorization_code: Code) -> str:
        return authorization_code.user


class RefreshGrant(grants.RefreshTokenGrant):  # type: ignore[misc]
    """Gives a fresh access token, and another refresh token if it `rotates`."""

    TOKEN_ENDPOINT_AUTH_METHODS = BY_POST

    @property
    def INCLUDE_NEW_REFRESH_TOKEN(self) -> bool:  # noqa: N802 - authlib's name
        return bool(self.server.authority.rotates)

    def authenticate_refresh_token(self, refresh_token: str) -> Token | None:
        for token in reversed(self.server.authority.tokens):
            if token.refresh_token == refresh_token:
                return None if token.revoked else token
        return None

    def authenticate_user(self, refresh_token: Token) -> str:
        return refresh_token.user

    def revoke_old_credential(self, refresh_token: Token) -> None:
        if self.server.authority.rotates:
            refresh_token.revoked = True


class IdToken:
    """Adds the id_token to the answer to a code (OpenID Connect Core 3.1.3.3)."""

    def __init__(self, authority: Any) -> None:
        self.authority = authority

    def __call__(self, grant: Any) -> None:
        grant.register_hook("after_create_token_response", self._add)

    def _add(self, grant: Any, response: Any) -> None:
        code, now = grant.request.authorization_code, int(time.time())
        claims = {
            "iss": self.authority.url,
            "aud": CLIENT_ID,
            "sub": code.user,
            "email": code.user,
            "nonce": code.nonce,
            "iat": now,
            "exp": now + 600,
            **self.authority.claims,
        }
        key = OctKey.import_key(CLIENT_SECRET.ljust(32, "-"))
        response[1]["id_token"] = jwt.encode({"alg": "HS256"}, claims, key)


def _found(endpoint: Any, text: str) -> Token | None:
    for token in reversed(endpoint.server.authority.tokens):
        if text in {token.access_token, token.refresh_token}:
            found: Token = token
            return found
    return None


class Revocation(RevocationEndpoint):  # type: ignore[misc]
    """Ends a whole permission, whichever of its tokens is given (RFC 7009)."""

    CLIENT_AUTH_METHODS = BY_POST

    def query_token(self, token_string: str, _hint: str) -> Token | None:
        return _found(self, token_string)

    def revoke_token(self, token: Token, _request: Any) -> None:
        self.server.authority.revoked.append(token.refresh_token)
        self.server.authority.withdraw(token.user)


class Introspection(IntrospectionEndpoint):  # type: ignore[misc]
    """Tells mail servers whose token it is (RFC 7662)."""

    CLIENT_AUTH_METHODS = BY_POST

    def query_token(self, token_string: str, _hint: str) -> Token | None:
        return _found(self, token_string)

    def check_permission(self, *_: Any) -> bool:
        return True

    def introspect_token(self, token: Token) -> dict[str, Any]:
        told = {"username": token.user, "scope": token.scope, "token_type": "Bearer"}
        return {"active": True, **told, "exp": int(token.expires_at)}
