"""A webhook on loopback that keeps what it is told, and can be down for a while.

with hook() as told:
    ...                                  # a sink of the URL told.url("token")
    assert told.titles == ["[Malote] …"]
"""

from __future__ import annotations

import http.server
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
WAIT_S = 10.0


@dataclass(slots=True)
class Hook:
    """What was posted: paths and bodies. `status` is the answer; `busy` holds it."""

    port: int = 0
    status: int = 200
    paths: list[str] = field(default_factory=list)
    refused: int = 0
    posted: list[dict[str, Any]] = field(default_factory=list)
    free: threading.Event = field(default_factory=threading.Event)
    changed: threading.Condition = field(default_factory=threading.Condition)

    def url(self, path: str = "path") -> str:
        """Give the URL of a sink that leads here."""
        return f"json://{HOST}:{self.port}/hook/{path}"

    @property
    def titles(self) -> list[str]:
        """Give the titles of what was accepted, in order."""
        return [str(one["title"]) for one in self.posted]

    def until(self, count: int, seconds: float = WAIT_S) -> None:
        """Wait until so many messages were accepted."""
        end = time.monotonic() + seconds
        with self.changed:
            while len(self.posted) < count:
                assert self.changed.wait(end - time.monotonic()), self.titles


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        hook = self.server.hook
        body = self.rfile.read(int(self.headers["Content-Length"]))
        hook.free.wait(WAIT_S)
        with hook.changed:
            if hook.status < 300:
                hook.paths.append(self.path)
                hook.posted.append(json.loads(body))
            else:
                hook.refused += 1
            hook.changed.notify_all()
        self.send_response(hook.status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
        """Write nothing."""


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = False  # they are waited for
    hook: Hook


@contextmanager
def hook() -> Iterator[Hook]:
    """Listen on a free port until the test is over."""
    server = _Server((HOST, 0), _Handler)
    server.hook = told = Hook(server.server_address[1])
    told.free.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        yield told
    finally:
        told.free.set()
        server.shutdown()
        thread.join()
        server.server_close()
