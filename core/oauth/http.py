"""The way to a provider's endpoints: our own sockets under the OAuth library.

Names, addresses, certificates and their errors are those of every other connection
(core.network). No proxy, no cookies, no redirection: a token goes to the endpoint that
was configured and nowhere else. Each request has one size limit, and one time limit,
from the asking for a name to the end of the answer.
"""

from __future__ import annotations

import http.client
import io
import socket
from contextlib import closing
from typing import Any
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from core import network
from core.deadline import Deadline
from core.errors import (
    LimitExceeded,
    NoAnswer,
    ProtocolBroken,
    ServerUnavailable,
    Throttled,
)
from core.model import Security, Server
from core.network import Policy

ANSWER_MOST = 1 << 16  # octets; a token response has a few thousand
WAIT_MOST_S = 3600
TOO_MANY, SERVER_ERRORS, REDIRECTIONS = 429, range(500, 600), range(300, 400)


class Adapter(BaseAdapter):
    """Sends the requests of one session, each over a connection of its own."""

    def __init__(self, policy: Policy, seconds: float) -> None:
        """Take where connections may go, and how long a request may take in all."""
        super().__init__()
        self._policy, self._seconds = policy, seconds

    def send(self, request: PreparedRequest, *_: Any, **_more: Any) -> Response:
        """Send a request and read the whole answer.

        Raises:
            HostUnknown, NoAnswer, CertificateUnknown, …: it was not reached.
            Throttled, ServerUnavailable: it asks for patience.
            LimitExceeded, ProtocolBroken: it answers what cannot be an answer.

        """
        server = server_of(str(request.url))
        network.check_plain(server, self._policy)
        until = Deadline.after(self._seconds)
        sock = until.dialled(server, self._policy)
        with until.cuts(sock, server) as late:
            sock.settimeout(until.left())
            if server.security is Security.TLS:
                sock = network.secure(sock, server, self._policy)
            with sock, network.translated(server):
                answer, body = _exchanged(sock, server, request)
        if late.is_set():  # what was read is a part only
            raise NoAnswer("cut off", host=server.host, port=server.port)
        return _response(request, server, answer, body)

    def close(self) -> None:
        """Nothing is kept open."""


def server_of(url: str) -> Server:
    """Give the server of a URL."""
    parts = urlsplit(url)
    tls = parts.scheme == "https"
    port = parts.port or (443 if tls else 80)
    return Server(parts.hostname or "", port, Security.TLS if tls else Security.NONE)


def _exchanged(
    sock: socket.socket, server: Server, request: PreparedRequest
) -> tuple[http.client.HTTPResponse, bytes]:
    conn = http.client.HTTPConnection(server.host, server.port)
    conn.sock = sock
    headers = {**request.headers, "Host": urlsplit(str(request.url)).netloc}
    try:
        conn.request(str(request.method), request.path_url, request.body, headers)
        with closing(conn.getresponse()) as answer:
            body = answer.read(ANSWER_MOST + 1)
    except http.client.RemoteDisconnected as error:
        raise ConnectionResetError(str(error)) from None
    except http.client.HTTPException as error:
        facts = {"host": server.host, "port": server.port}
        raise ProtocolBroken(type(error).__name__, **facts) from None
    if len(body) > ANSWER_MOST:
        raise LimitExceeded("answer", host=server.host)
    return answer, body


def _response(
    request: PreparedRequest,
    server: Server,
    answer: http.client.HTTPResponse,
    body: bytes,
) -> Response:
    facts: dict[str, object] = {"host": server.host, "port": server.port}
    said = f"HTTP {answer.status}"
    if answer.status == TOO_MANY:
        wait_s = answer.headers.get("Retry-After", "")
        if wait_s.isdecimal():
            facts["wait_s"] = min(int(wait_s[:9]), WAIT_MOST_S)
        raise Throttled(said, **facts)
    if answer.status in SERVER_ERRORS:
        raise ServerUnavailable(said, **facts)
    if answer.status in REDIRECTIONS:
        raise ProtocolBroken(said, **facts)
    response = Response()
    response.request, response.url = request, str(request.url)
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers.items())
    response.raw = io.BytesIO(body)
    response.encoding = "utf-8"
    return response
