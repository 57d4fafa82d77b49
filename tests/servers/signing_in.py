"""A person with a browser, without the browser: follows links, consents, comes back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import requests
from pydantic import SecretStr
from starlette.applications import Starlette
from starlette.middleware import Middleware

from console import sign_in_routes
from console.server import Headers
from core import sign_in
from core.model import Method
from core.runtime import open_runtime
from core.settings import Settings
from tests.servers.authority import Authority
from tests.servers.consent import CLIENT_ID, CLIENT_SECRET
from tests.servers.dovecot import Account
from tests.servers.installation import HOSTS, Installation
from tests.servers.serving import HOST, serving

TIMEOUT_S = 10


class Browser:
    """One browser, with its cookies."""

    def __init__(self, malote: str) -> None:
        self.malote = malote
        self.session = requests.Session()

    def get(self, url: str, **query: str) -> requests.Response:
        """Ask Malote; redirections are not followed."""
        return self.session.get(
            url, params=query, allow_redirects=False, timeout=TIMEOUT_S
        )

    def start(self, ticket: str) -> str:
        """Follow the link of a ticket; give where it leads."""
        answer = self.get(f"{self.malote}/oauth/start", ticket=ticket)
        assert answer.status_code == 303
        return answer.headers["location"]

    def consent(self, url: str, account: str, answer: str = "allow") -> str:
        """Answer the provider's page; give where it leads back to."""
        page = requests.get(url, timeout=TIMEOUT_S)
        assert page.status_code == 200, page.text
        assert 'value="allow"' in page.text
        said = requests.post(
            url,
            data={"account": account, "answer": answer},
            allow_redirects=False,
            timeout=TIMEOUT_S,
        )
        assert said.status_code == 302, said.text
        return said.headers["location"]

    def come_back(self, url: str) -> dict[str, str]:
        """Follow the provider's redirection; give the query of the page it ends at."""
        answer = self.get(url)
        assert answer.status_code == 303
        assert answer.text == ""
        page = urlsplit(answer.headers["location"])
        assert page.path == "/integrations"
        return {name: values[0] for name, values in parse_qs(page.query).items()}

    def sign_in(self, ticket: str, account: str, answer: str = "allow") -> str:
        """Walk the whole way; give the key that the page gets."""
        url = self.consent(self.start(ticket), account, answer)
        return self.come_back(url)["sign_in"]


@dataclass
class SignedIn(Installation):
    """An installation in which people sign in."""

    def browser(self) -> Browser:
        """Give a browser of somebody new."""
        return Browser(self.runtime.settings.public_url)

    def begin(self, owner: str = "Ana", **more: object) -> str:
        """Begin a sign-in at Google; give the ticket."""
        given = {"acknowledged": True, **more}
        method = given.pop("method", Method.GOOGLE)
        assert isinstance(method, Method)
        begun = sign_in.begin(self.runtime, method, owner, "test", **given)  # type: ignore[arg-type]  # by name
        return begun.ticket

    def connect_by_consent(self, account: Account, **more: object) -> int:
        """Sign in and connect; give the integration's id."""
        ticket = self.begin(f"Owner of {account.user}", **more)
        key = self.browser().sign_in(ticket, account.address)
        return sign_in.finish(self.runtime, key)


@contextmanager
def installed(
    data: Path, ca_file: Path, authority: Authority, account: Account
) -> Iterator[SignedIn]:
    """Open an installation that is registered at the authorization server."""
    data.mkdir(parents=True)
    with serving(_pages()) as port:
        public = f"http://{HOST}:{port}"
        authority.client.redirect_uris = [f"{public}/oauth/callback"]
        opened = SignedIn(
            open_runtime(_settings(data, ca_file, authority, account, public)), ca_file
        )
        yield opened
        opened.runtime.engine.dispose()


def _pages() -> Starlette:
    headers = [Middleware(Headers)]
    return Starlette(routes=sign_in_routes.routes(), middleware=headers)


def _settings(
    data: Path, ca_file: Path, authority: Authority, account: Account, public: str
) -> Settings:
    return Settings(
        data=data,
        allow_hosts=frozenset(HOSTS.split(",")),
        plaintext_hosts=frozenset({HOST}),
        ca_file=ca_file,
        connect_timeout_s=3,
        command_timeout_s=5,
        log_level="error",
        public_url=public,
        google_client_id=CLIENT_ID,
        google_client_secret=SecretStr(CLIENT_SECRET),
        microsoft_client_id=CLIENT_ID,
        microsoft_client_secret=SecretStr(CLIENT_SECRET),
        oauth_file=authority.file(data, account.imap, account.smtp),
    )
