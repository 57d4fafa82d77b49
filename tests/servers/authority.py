"""A real authorization server on loopback, as Google and Microsoft have one.

    with running() as authority:
        settings = Settings(oauth_file=authority.file(folder, imap, smtp), ...)
        authority.expire("ana@example.org")      # its access tokens are good no more
        authority.withdraw("ana@example.org")    # nor is what gives others

The protocol is Authlib's (grants, PKCE, id_token, revocation, introspection); people
consent on a page with two buttons. Dovecot asks /introspect about tokens.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import AuthorizationServer
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7636 import CodeChallenge
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from core.model import Server
from tests.servers.consent import (
    Asked,
    Client,
    Code,
    CodeGrant,
    IdToken,
    Introspection,
    RefreshGrant,
    Revocation,
    Token,
)
from tests.servers.serving import HOST, serving

SCOPES = "openid email https://mail.example/all"
PAGE = """<!doctype html><html lang="en"><title>Consent</title><form method="post">
<p>{client} wants to read and send mail.</p>
<label>Account <input name="account" value="{hint}"></label>
<button name="answer" value="allow">Allow</button>
<button name="answer" value="deny">Deny</button></form></html>"""


@dataclass
class Authority:
    """The server, what it has given, and how it is told to behave."""

    port: int = 0
    lives_s: int = 3600  # of the access tokens given from now on
    trouble: Response | None = None  # the answer to every request for tokens
    scopes: str = SCOPES  # what people allow
    rotates: bool = False  # a refresh token works once
    codes: dict[str, Code] = field(default_factory=dict)
    tokens: list[Token] = field(default_factory=list)
    grants: list[str] = field(default_factory=list)  # grant types asked for, in order
    claims: dict[str, Any] = field(default_factory=dict)  # of the next id_token
    revoked: list[str] = field(default_factory=list)  # refresh tokens
    client: Client = field(default_factory=Client)

    def behave(self) -> None:
        """Behave as usual from now on."""
        self.lives_s, self.trouble, self.rotates = 3600, None, False
        self.scopes, self.claims = SCOPES, {}

    @property
    def url(self) -> str:
        """Its address, and the name of the issuer."""
        return f"http://{HOST}:{self.port}"

    def file(self, folder: Path, imap: Server, smtp: Server) -> Path:
        """Write the file that leads Google's sign-in, and Microsoft's, to here."""
        fields = (
            f'authorize_url = "{self.url}/authorize"\ntoken_url = "{self.url}/token"\n'
            f'issuer = "{self.url}"\nscopes = "{SCOPES}"\n'
        )
        servers = "\n".join(
            f'{side} = {{host="{at.host}", port={at.port}, security="{at.security}"}}'
            for side, at in (("imap", imap), ("smtp", smtp))
        )
        google = f'[google]\n{fields}revoke_url = "{self.url}/revoke"\n{servers}\n'
        path = folder / "oauth.toml"
        path.write_text(f"{google}[microsoft]\n{fields}{servers}\n")
        return path

    def of(self, address: str) -> list[Token]:
        """Give the tokens of an account, in the order they were given."""
        return [token for token in self.tokens if token.user == address]

    def expire(self, address: str) -> None:
        """End the access tokens of an account at once, before their time."""
        for token in self.of(address):
            token.expired = True

    def withdraw(self, address: str) -> None:
        """Do what a person does who removes the application from the account."""
        for token in self.of(address):
            token.revoked = True

    def active(self, access_token: str) -> str:
        """Give whose access token it is, if it is good; else nothing."""
        for token in self.tokens:
            if token.access_token == access_token and token.is_active():
                return token.user
        return ""


class _Server(AuthorizationServer):  # type: ignore[misc]  # authlib has no types
    def __init__(self, authority: Authority) -> None:
        super().__init__()
        self.authority = authority
        new = lambda **_: secrets.token_urlsafe(32)  # noqa: E731 - of one use
        lives = lambda *_: authority.lives_s  # noqa: E731
        generator = BearerTokenGenerator(new, new, lives)
        self.register_token_generator("default", generator)
        pkce = CodeChallenge(required=True)
        self.register_grant(CodeGrant, [pkce, IdToken(authority)])
        self.register_grant(RefreshGrant)
        self.register_endpoint(Revocation)
        self.register_endpoint(Introspection)

    def query_client(self, client_id: str) -> Client | None:
        client = self.authority.client
        return client if client_id == client.client_id else None

    def save_token(self, token: dict[str, Any], request: Any) -> None:
        if not token.get("refresh_token"):  # a refresh: the old one stays good
            token["refresh_token"] = request.refresh_token.refresh_token
        made = Token(
            request.user, token["access_token"], token["refresh_token"],
            token["scope"], time.time() + token["expires_in"],
        )  # fmt: skip
        self.authority.tokens.append(made)

    def create_oauth2_request(self, request: Asked) -> Asked:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Response:
        if isinstance(body, dict):
            return JSONResponse(body, status, dict(headers))
        return Response(body, status, dict(headers))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        """Nobody listens."""


class _Routes:
    def __init__(self, authority: Authority) -> None:
        self.authority, self.server = authority, _Server(authority)

    async def authorize(self, request: Request) -> Response:
        asked, given = await _asked(request), await request.form()
        try:
            grant = self.server.get_consent_grant(asked)
        except OAuth2Error as error:
            return Response(str(error), 400)
        if request.method == "GET":
            hint = escape(request.query_params.get("login_hint", ""))
            return HTMLResponse(PAGE.format(client="Malote", hint=hint))
        user = str(given["account"]) if given.get("answer") == "allow" else None
        answer: Response = self.server.create_authorization_response(
            asked, user, grant=grant
        )
        return answer

    async def token(self, request: Request) -> Response:
        asked = await _asked(request)
        self.authority.grants.append(str(asked.form.get("grant_type")))
        if self.authority.trouble is not None:
            return self.authority.trouble
        answer: Response = self.server.create_token_response(asked)
        return answer

    async def endpoint(self, request: Request) -> Response:
        name = {"/revoke": "revocation"}.get(request.url.path, "introspection")
        asked = await _asked(request)
        answer: Response = self.server.create_endpoint_response(name, asked)
        return answer


async def _asked(request: Request) -> Asked:
    form = await request.form()
    fields = {key: str(value) for key, value in form.multi_items()}
    return Asked(
        request.method, str(request.url), dict(request.query_params), fields,
        dict(request.headers),
    )  # fmt: skip


@contextmanager
def running() -> Iterator[Authority]:
    """Start an authorization server; it knows every account that is typed."""
    authority = Authority()
    routes = _Routes(authority)
    both = ["GET", "POST"]
    app = Starlette(
        routes=[
            Route("/authorize", routes.authorize, methods=both),
            Route("/token", routes.token, methods=["POST"]),
            Route("/revoke", routes.endpoint, methods=["POST"]),
            Route("/introspect", routes.endpoint, methods=["POST"]),
        ]
    )
    with serving(app) as port:
        authority.port = port
        yield authority
