"""Read from a socket within limits: of time, of bytes, of lines (THREATS 5, 6, 7).

A deadline is for the whole command, not for one `recv`.
"""

from __future__ import annotations

import imaplib
import select
import socket
import time
from dataclasses import dataclass

from core.errors import LimitExceeded, NoAnswer
from core.imap.deflate import DeflatedSocket
from core.imap.recording import Recorder
from core.model import Server

RECEIVE_BYTES = 1 << 18


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a server may say in answer to one command (THREATS T7)."""

    line_bytes: int = 8 << 20
    literal_bytes: int = 32 << 20
    command_bytes: int = 128 << 20
    untagged: int = 400_000
    command_s: float = 60.0


class BoundedFile:
    """A reader over a socket that enforces the limits of the command at hand."""

    def __init__(
        self,
        sock: socket.socket | DeflatedSocket,
        server: Server,
        limits: Limits,
        recorder: Recorder | None = None,
    ) -> None:
        """Read from `sock`; `server` is named in errors, `recorder` hears it all."""
        self._sock, self._server, self._limits = sock, server, limits
        self._recorder = recorder
        self._buffer, self._at = bytearray(), 0
        self._lines = 0
        self._poll = select.poll()
        self._poll.register(sock, select.POLLIN)
        self.arm()

    def arm(self) -> None:
        """Begin a new command: a fresh deadline and a fresh budget."""
        self._until = time.monotonic() + self._limits.command_s
        self._bytes_left = self._limits.command_bytes
        self._lines = 0

    def some(self) -> bytes:
        """Give all that has come and was not read; wait for more if that is nothing.

        Raises:
            imaplib.IMAP4.abort: the connection has ended.

        """
        if not self.pending() and not self._receive():
            msg = "EOF in a response"
            raise imaplib.IMAP4.abort(msg)
        # TLS gives a record at a time: what has come already is taken with it.
        while self.pending() < RECEIVE_BYTES and self._poll.poll(0):
            if not self._receive():
                break
        return self._take(self.pending())

    def some_early(self) -> bytes:
        """Give all that has come and was not read, without waiting."""
        return self._take(self.pending())

    def put_back(self, data: bytes) -> None:
        """Take back the end of what `some` gave."""
        self._buffer[self._at : self._at] = data

    def readline(self, _size: int = -1) -> bytes:
        """Read up to and with the next line feed; empty at the end."""
        self._lines += 1
        if self._lines > self._limits.untagged:
            raise self._too_much("responses", self._limits.untagged)
        scan = self._at
        while (end := self._buffer.find(b"\n", scan)) < 0:
            held = len(self._buffer) - self._at
            if held > self._limits.line_bytes:
                raise self._too_much("line", self._limits.line_bytes)
            if not self._receive():
                end = len(self._buffer) - 1
                break
            scan = self._at + held
        return self._take(end + 1 - self._at)

    def read(self, size: int) -> bytes:
        """Read a literal of exactly `size` bytes."""
        if size > self._limits.literal_bytes:
            raise self._too_much("literal", size)
        while len(self._buffer) - self._at < size:
            if not self._receive():
                msg = "EOF inside a literal"
                raise imaplib.IMAP4.abort(msg)
        return self._take(size)

    def pending(self) -> int:
        """Give how many bytes are buffered and not yet read."""
        return len(self._buffer) - self._at

    def close(self) -> None:
        """Do nothing: the socket is closed by its owner."""

    def _take(self, size: int) -> bytes:
        out = bytes(self._buffer[self._at : self._at + size])
        self._at += size
        if self._at > RECEIVE_BYTES:
            del self._buffer[: self._at]
            self._at = 0
        return out

    def _receive(self) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise NoAnswer(
                f"no end after {self._limits.command_s:g} s",
                host=self._server.host,
                port=self._server.port,
            )
        self._sock.settimeout(left)
        data = self._sock.recv(RECEIVE_BYTES)
        self._bytes_left -= len(data)
        if self._bytes_left < 0:
            raise self._too_much("bytes", self._limits.command_bytes)
        self._buffer += data
        if self._recorder is not None:
            self._recorder.heard(data)
        return len(data)

    def _too_much(self, what: str, limit: int) -> LimitExceeded:
        return LimitExceeded(
            f"{what} over {limit}", what=what, limit=limit, host=self._server.host
        )
