"""A submission server that delivers, and kills who talks to it at one step.

`kill_at` names the step; `victim` is told the process that is to die. What came whole
is handed to `deliver`, as any server does that has got the final dot; but for the step
"lost", at which the server itself forgets it. `NOBODY` is a recipient it refuses.
"""

from __future__ import annotations

import os
import signal
import socket
import ssl
import threading
from base64 import b64decode
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from queue import Queue
from typing import BinaryIO

from core.model import Security, Server
from tests.certificates import Pair
from tests.servers.dovecot import PASSWORD

HOST = "127.0.0.1"
PATIENCE_S = 30.0
# What the server has heard when its client dies; "content": a part of it.
BEFORE_THE_DOT = ("connected", "login", "mail", "rcpt", "data", "content")
AFTER_THE_DOT = ("dot", "lost", "delivered")
NOBODY = "nobody@example.net"
SMALL_BUFFER = 16_384  # so that a client cannot write all of a large mail ahead
END = b".\r\n"
COMMANDS = {b"EHLO": "", b"AUTH": "login", b"MAIL": "mail", b"RCPT": "rcpt"}
ANSWERS = {
    b"EHLO": b"250-localhost\r\n250-8BITMIME\r\n250 AUTH PLAIN\r\n",
    b"AUTH": b"235 2.7.0 welcome\r\n",
}


class _Over(Exception):
    """The conversation has ended."""


class Killing:
    """The server: one thread that accepts, one for each conversation."""

    def __init__(self, pair: Pair, deliver: Callable[[bytes], None]) -> None:
        self._context, self._deliver = pair.server_context(), deliver
        self._listening = socket.create_server((HOST, 0))
        self._listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_BUFFER)
        self._victims: Queue[int] = Queue()
        self._idle = threading.Event()
        self._idle.set()
        self.kill_at = ""
        self.kills = 0
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def server(self) -> Server:
        """Give where it listens."""
        return Server(HOST, self._listening.getsockname()[1], Security.TLS)

    def victim(self, pid: int) -> None:
        """Say who is to die."""
        while not self._victims.empty():
            self._victims.get()
        self._victims.put(pid)

    def wait(self) -> None:
        """Wait until nobody talks to it: what was to be delivered is."""
        assert self._idle.wait(PATIENCE_S)

    def close(self) -> None:
        """Listen no more."""
        self._listening.close()

    def _accept(self) -> None:
        with suppress(OSError):  # closed
            while True:
                sock, _ = self._listening.accept()
                self._idle.clear()
                self._talk(sock)
                self._idle.set()

    def _talk(self, sock: socket.socket) -> None:
        sock.settimeout(PATIENCE_S)
        with sock, suppress(_Over, OSError):
            with self._context.wrap_socket(sock, server_side=True) as tls:
                with tls.makefile("rb") as heard:
                    self._at("connected")
                    tls.sendall(b"220 localhost ESMTP\r\n")
                    while True:
                        self._answer(tls, heard, heard.readline())

    def _answer(self, tls: ssl.SSLSocket, heard: BinaryIO, line: bytes) -> None:
        word = line[:4].upper()
        if not line or word == b"QUIT":
            raise _Over
        if word == b"DATA":
            self._take(tls, heard)
            return
        if word == b"AUTH":
            secret = b64decode(line.split()[2]).split(b"\0")[2]
            assert secret == PASSWORD.encode()
        self._at(COMMANDS.get(word, ""))
        refused = word == b"RCPT" and f"<{NOBODY}>".encode() in line
        usual = b"550 5.1.1 nobody\r\n" if refused else b"250 2.1.0 OK\r\n"
        tls.sendall(ANSWERS.get(word, usual))

    def _take(self, tls: ssl.SSLSocket, heard: BinaryIO) -> None:
        """Read a mail and deliver it, whoever is still there to hear of it."""
        self._at("data")
        tls.sendall(b"354 go on\r\n")
        lines = [heard.readline()]
        self._at("content")
        while lines[-1] != END:
            lines.append(heard.readline())
            if not lines[-1]:
                raise _Over
        self._at("dot", goes_on=True)
        if self._at("lost", goes_on=True):
            raise _Over
        self._deliver(b"".join(line.removeprefix(b".") for line in lines[:-1]))
        self._at("delivered")
        tls.sendall(b"250 2.0.0 delivered\r\n")

    def _at(self, step: str, *, goes_on: bool = False) -> bool:
        """Kill the client if this is the step; tell whether it was."""
        if not step or step != self.kill_at:
            return False
        os.kill(self._victims.get(timeout=PATIENCE_S), signal.SIGKILL)
        self.kill_at = ""
        self.kills += 1
        if not goes_on:
            raise _Over
        return True


@contextmanager
def killing(pair: Pair, deliver: Callable[[bytes], None]) -> Iterator[Killing]:
    """Run it."""
    server = Killing(pair, deliver)
    try:
        yield server
    finally:
        server.close()
