"""An https server on loopback that shows what a test tells it, for any host.

with serving(certificates.good) as site:
    site.pages["autoconfig.example.test/mail/config-v1.1.xml"] = Page(b"<xml/>")
"""

from __future__ import annotations

import http.server
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from tests.certificates import Pair

HOST = "127.0.0.1"
NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Page:
    """An answer. `pause_s` lies between its bytes; `endless` sends the body for ever.

    Without `length` the body ends with the connection.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: NO_HEADERS)
    pause_s: float = 0.0
    endless: bool = False
    length: bool = True


def moved(to: str, status: int = 302) -> Page:
    """Give the answer of a page that is elsewhere."""
    return Page(b"moved", status, {"Location": to})


@dataclass(slots=True)
class Site:
    """What the test sees of the server: its pages, by "host/path", and who came."""

    port: int
    pages: dict[str, Page] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)  # "host/path"
    heard: list[str] = field(default_factory=list)  # whole requests
    connections: int = 0
    over: threading.Event = field(default_factory=threading.Event)


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        site = self.server.site
        host = self.headers.get("Host", "").partition(":")[0]
        site.asked.append(host + self.path)
        site.heard.append(f"{self.requestline}\n{self.headers}")
        page = site.pages.get(host + self.path, Page(b"no such page", 404))
        with suppress(OSError):  # the client left in the middle: its good right
            self._send(page, site)

    def _send(self, page: Page, site: Site) -> None:
        self.send_response(page.status)
        for name, value in page.headers.items():
            self.send_header(name, value)
        if page.length and not page.endless:
            self.send_header("Content-Length", str(len(page.body)))
        self.end_headers()
        self.wfile.write(b"" if page.pause_s else page.body)
        while page.endless and not site.over.is_set():
            self.wfile.write(page.body)
        for at in range(len(page.body) if page.pause_s else 0):
            if site.over.wait(page.pause_s):
                return
            self.wfile.write(page.body[at : at + 1])

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Write nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = False  # they are waited for
    context: ssl.SSLContext
    site: Site

    def finish_request(self, request: Any, client_address: Any) -> None:
        """Start TLS in the thread of the connection, then answer."""
        self.site.connections += 1
        with suppress(OSError):  # the client did not like the certificate
            with self.context.wrap_socket(request, server_side=True) as tls:
                super().finish_request(tls, client_address)
                with suppress(OSError):
                    tls.shutdown(socket.SHUT_WR)

    def shutdown_request(self, request: Any) -> None:
        """Close what TLS has not taken."""
        with suppress(OSError):
            request.close()


@contextmanager
def serving(pair: Pair) -> Iterator[Site]:
    """Show pages on a free port until the test is over."""
    server = _Server((HOST, 0), _Handler)
    server.context = pair.server_context()
    server.site = site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield site
    finally:
        site.over.set()
        server.shutdown()
        thread.join()
        server.server_close()
