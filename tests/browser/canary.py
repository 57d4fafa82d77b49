"""A server that should hear nothing: it notes whoever connects, and what is asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

HOST = "evil.localhost"  # a browser takes every name below localhost for this machine


class Canary:
    """What was heard. `host` is its name with its port."""

    def __init__(self, listening: socket.socket) -> None:
        self.host = f"{HOST}:{listening.getsockname()[1]}"
        self.heard: list[str] = []
        self._listening = listening

    def listen(self) -> None:
        """Note each connection with its first line; answer with nothing of use."""
        with suppress(OSError):  # it was closed
            while True:
                sock, _ = self._listening.accept()
                with sock, suppress(OSError):
                    sock.settimeout(5)
                    line = sock.recv(2_000).split(b"\r\n")[0]
                    self.heard.append(line.decode("latin-1"))
                    sock.sendall(
                        b"HTTP/1.0 204 No\r\nAccess-Control-Allow-Origin: *\r\n\r\n"
                    )


@contextmanager
def listening() -> Iterator[Canary]:
    """Listen on loopback until the end."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        canary = Canary(server)
        thread = threading.Thread(target=canary.listen, daemon=True)
        thread.start()
        yield canary
        server.shutdown(socket.SHUT_RDWR)
    thread.join(10)
