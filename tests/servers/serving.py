"""Serve an ASGI application on loopback, for as long as a test needs it."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

HOST = "127.0.0.1"
START_S = 10.0


@contextmanager
def serving(app: Starlette) -> Iterator[int]:
    """Serve an application in a thread; give its port."""
    config = uvicorn.Config(
        app, log_level=logging.CRITICAL, lifespan="off", ws="none", access_log=False
    )
    server = uvicorn.Server(config)
    with socket.create_server((HOST, 0)) as listening:
        port: int = listening.getsockname()[1]
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            _wait_for(port)
            yield port
        finally:
            server.should_exit = True
            thread.join(START_S)


def _wait_for(port: int) -> None:
    """Wait until it answers; the port listens already, so this does not spin."""
    with socket.create_connection((HOST, port), START_S) as sock:
        sock.settimeout(START_S)
        sock.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert sock.recv(4) == b"HTTP"
