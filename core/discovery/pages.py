"""Fetch one small page from a stranger, by https only (THREATS T19).

http.client speaks over a socket that we resolved, checked and secured ourselves, so
that the page can come from no other address than the checked one. A larger client
would bring its own resolving, pools, proxies, decoders and redirects, each of which
would have to be switched off or replaced again.
"""

from __future__ import annotations

import http.client
import ssl
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from core import network
from core.deadline import Deadline
from core.errors import (
    AddressNotAllowed,
    LimitExceeded,
    MailError,
    NoAnswer,
    ProtocolBroken,
)
from core.model import Server
from core.network import Policy, clean_host

REDIRECTS_MAX = 3
PAGE_BYTES = 256 << 10
MOVED = {301, 302, 303, 307, 308}
HEADERS = {
    "User-Agent": "Malote",
    "Accept": "text/xml, application/xml",
    "Accept-Encoding": "identity",
    "Connection": "close",
}


class Place(NamedTuple):
    """Where a page is."""

    server: Server
    path: str

    @property
    def url(self) -> str:
        """The address as a browser knows it."""
        usual = self.server.port == http.client.HTTPS_PORT
        port = "" if usual else f":{self.server.port}"
        return f"https://{self.server.host}{port}{self.path}"


class Reply(NamedTuple):
    """What a server said: a page, or where it is now, or neither."""

    page: bytes | None = None
    location: str = ""


def fetched(url: str, policy: Policy, until: Deadline) -> bytes | None:
    """Give a page, or nothing where there is none; follow three redirects at most.

    Raises:
        Unreachable, NotTrusted, NoTls, AddressNotAllowed: as for mail servers.
        LimitExceeded: the page is too large, or it is moved and moved again.
        ProtocolBroken: this is no http, or leads away from https.

    """
    place = placed(url)
    for _ in range(REDIRECTS_MAX + 1):
        reply = _asked(place, policy, until)
        if not reply.location:
            return reply.page
        place = _moved(place, reply.location, policy)
    raise LimitExceeded("redirects", host=place.server.host)


def placed(url: str) -> Place:
    """Take a URL apart.

    Raises:
        ProtocolBroken: it is not https, has a user in it, or no host.

    """
    try:
        parts = urlsplit(url)
        port = parts.port or http.client.HTTPS_PORT
        plain = parts.scheme == "https" and "@" not in parts.netloc
        host = clean_host(parts.hostname or "")
    except (ValueError, MailError) as error:
        raise ProtocolBroken("address of a page", host="") from error
    if not plain:
        raise ProtocolBroken("address of a page", host=host)
    query = f"?{parts.query}" if parts.query else ""
    return Place(Server(host, port), (parts.path or "/") + query)


def _moved(place: Place, location: str, policy: Policy) -> Place:
    """Follow a redirect, to the usual port only, and to no other host inside (T19)."""
    try:
        new = placed(urljoin(place.url, location))
    except ValueError as error:
        raise ProtocolBroken("redirect", host=place.server.host) from error
    port = new.server.port
    if port not in {policy.places.https_port, place.server.port}:
        raise ProtocolBroken("redirect", host=place.server.host)
    host = new.server.host
    if host != place.server.host and policy.may_be_private(host, port):
        raise AddressNotAllowed("redirect", host=host)
    return new


def _asked(place: Place, policy: Policy, until: Deadline) -> Reply:
    sock = until.dialled(place.server, policy)
    with until.cuts(sock, place.server) as late:
        secured = network.secure(sock, place.server, until.hasty(policy))
        reply = _answer(place, secured)
        if late.is_set():
            raise NoAnswer(host=place.server.host, port=place.server.port)
        return reply


def _answer(place: Place, sock: ssl.SSLSocket) -> Reply:
    server = place.server
    try:
        with sock, network.translated(server):
            return _spoken(place, sock)
    except (http.client.HTTPException, ValueError) as error:
        facts = {"host": server.host, "port": server.port}
        raise ProtocolBroken(type(error).__name__, **facts) from error


def _spoken(place: Place, sock: ssl.SSLSocket) -> Reply:
    connection = http.client.HTTPConnection(place.server.host, place.server.port)
    connection.sock = sock
    headers = {"Host": place.url.split("/")[2], **HEADERS}
    connection.request("GET", place.path, headers=headers)
    with connection.getresponse() as response:
        if response.status in MOVED:
            return Reply(location=response.headers.get("Location", ""))
        if response.status != http.client.OK:
            return Reply()
        page = response.read(PAGE_BYTES + 1)
    if len(page) > PAGE_BYTES:
        raise LimitExceeded("page", host=place.server.host)
    return Reply(page)
