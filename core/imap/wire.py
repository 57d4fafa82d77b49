"""The bytes below imapclient: bounded reading, and responses one at a time.

Every read has a deadline for the whole command, not for one `recv`, and a budget of
bytes (THREATS 5, 6, 7); every argument is free of control characters (THREATS 1).
"""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from typing import Any

from imapclient import IMAPClient

from core.errors import BadInput
from core.imap.bounded import BoundedFile, Limits
from core.imap.deflate import DeflatedSocket
from core.imap.recording import Recorder
from core.imap.responses import Part
from core.model import Server

LITERAL = re.compile(rb"\{(\d+)\+?\}\Z")
CONTROL = re.compile(rb"[\r\n\x00]")
TAG = b"M"
TAGGED = re.compile(rb"(?P<tag>M\d+) (?P<type>[A-Z]+) (?P<data>.*)", re.ASCII)
PIECE_BYTES = 1 << 16
LITERAL_BYTES_S = 8 << 10  # a link that is slower than this is not waited for
LEAST_S = 0.01
VERSIONS = ("IMAP4REV1", "IMAP4REV2", "IMAP4")


class BoundedImap4(imaplib.IMAP4):
    """imaplib's connection, over a socket that we opened and checked."""

    file: BoundedFile  # type: ignore[assignment]  # bounded, and all that is used

    def __init__(
        self,
        sock: socket.socket,
        server: Server,
        limits: Limits,
        recorder: Recorder | None = None,
    ) -> None:
        """Read the greeting and the capabilities."""
        self._given, self._server, self._limits = sock, server, limits
        self.recorder = recorder
        super().__init__(server.host, server.port)

    def open(self, host: str = "", port: int = 0, timeout: float | None = None) -> None:
        """Take the given socket instead of opening one."""
        del timeout
        self.host, self.port = host, port
        self.sock = self._given
        self.file = self._reader(self.sock)

    def read(self, size: int) -> bytes:
        """Read a literal."""
        return self.file.read(size)

    def readline(self) -> bytes:
        """Read a line."""
        return self.file.readline()

    def send(self, data: Any) -> None:
        """Send; a new command gets a new deadline and budget."""
        self.file.arm()
        self.send_ahead(data)

    def send_ahead(self, data: bytes) -> None:
        """Send a command before the answer to the present one has been read."""
        if self.recorder is not None:
            self.recorder.sent(data)
        self.sock.settimeout(self._limits.command_s)
        self.sock.sendall(data)

    def send_literal(self, data: bytes, going_on: Callable[[], None]) -> None:
        """Send a literal and the end of its command (RFC 9051 §4.3); never recorded.

        A piece at a time, `going_on` before each; what that raises ends the connection
        here: what the literal lacks must come from nobody else.

        Raises:
            OSError: it was not taken in time, or the connection has ended.

        """
        left_s = self._limits.command_s + len(data) / LITERAL_BYTES_S
        until = time.monotonic() + left_s
        try:
            for first in range(0, len(data), PIECE_BYTES):
                going_on()
                left_s = min(self._limits.command_s, until - time.monotonic())
                self.sock.settimeout(max(left_s, LEAST_S))
                self.sock.sendall(data[first : first + PIECE_BYTES])
            self.sock.sendall(b"\r\n")
        except BaseException:
            self.sock.close()
            raise
        self.file.arm()

    def upgrade(self, sock: ssl.SSLSocket) -> None:
        """Go on over TLS; forget everything that was said before it (THREATS 2)."""
        self.sock = sock
        self.file = self._reader(sock)
        self.untagged_responses = {}
        self._tls_established = True

    def compress(self) -> None:
        """Go on compressed, after the server's OK to COMPRESS (RFC 4978 §3)."""
        self.sock = DeflatedSocket(self.sock, self.file.some_early())  # type: ignore[assignment]  # what is used of a socket
        self.file = self._reader(self.sock)

    def _reader(self, sock: socket.socket) -> BoundedFile:
        return BoundedFile(sock, self._server, self._limits, self.recorder)

    def _connect(self) -> None:
        # imaplib's own, but for the tag: chosen by chance, it has a regular expression
        # compiled for each connection, which takes longer than all the rest.
        self.tagpre, self.tagre = TAG, TAGGED  # type: ignore[assignment]  # typeshed says str
        self.welcome = self._get_response()
        if "PREAUTH" in self.untagged_responses:
            self.state = "AUTH"
        elif "OK" in self.untagged_responses:
            self.state = "NONAUTH"
        else:
            raise self.error(self.welcome)
        self._get_capabilities()
        self.PROTOCOL_VERSION = next(
            (v for v in VERSIONS if v in self.capabilities), ""
        )
        if not self.PROTOCOL_VERSION:
            msg = "server not IMAP4 compliant"
            raise self.error(msg)

    def _get_capabilities(self) -> None:
        # Many greetings tell them (RFC 9051 §7.1): a round trip less.
        told = self.untagged_responses.pop("CAPABILITY", None)
        if told and isinstance(told[-1], bytes):
            self.capabilities = tuple(told[-1].decode("ascii").upper().split())
        else:
            super()._get_capabilities()  # type: ignore[misc]  # imaplib's own

    def _log(self, line: object) -> None:
        # imaplib keeps the last commands, LOGIN with its password among them.
        del line


class Client(IMAPClient):  # type: ignore[misc]  # imapclient has no types for it
    """imapclient on a connection of ours."""

    def __init__(
        self,
        sock: socket.socket,
        server: Server,
        limits: Limits,
        recorder: Recorder | None = None,
    ) -> None:
        """Read the greeting and the capabilities over an open socket."""
        self._given = (sock, server, limits, recorder)
        self._held = b""
        super().__init__(server.host, port=server.port, ssl=False)
        self.folder_encode = False
        self._imap.debug = 0  # imapclient would format every line for its log

    @property
    def connection(self) -> BoundedImap4:
        """Give the connection below imapclient."""
        connection: BoundedImap4 = self._imap
        return connection

    def _create_IMAP4(self) -> BoundedImap4:  # noqa: N802 - imapclient's name
        return BoundedImap4(*self._given)

    def _set_read_timeout(self) -> None:
        """Leave time-outs to BoundedFile."""

    def begin(self, command: bytes) -> bytes:
        """Send a command without waiting for its answer; give its tag.

        Several may be under way; their answers are read in the order of sending.

        Raises:
            BadInput: the command holds a line break or NUL.

        """
        tag = self.hold(command)
        held, self._held = self._held, b""
        self.connection.send_ahead(held)
        return tag

    def hold(self, command: bytes) -> bytes:
        """Keep a command until another is sent, in one write; give its tag."""
        if CONTROL.search(command):
            raise BadInput("command", "control")
        tag: bytes = self._imap._new_tag()  # noqa: SLF001 - imapclient's own way
        del self._imap.tagged_commands[tag]  # imaplib is not the one who waits for it
        self._held += tag + b" " + command + b"\r\n"
        return tag

    def responses(self, tag: bytes) -> Iterator[tuple[bytes, list[Part]]]:
        """Yield each untagged response to a command: its first word, its parts.

        The tagged response comes last. Nothing is kept, so a long answer needs no
        more memory than its longest response. The limits begin anew here.
        """
        self.connection.file.arm()
        while True:
            parts = self._read_response()
            first = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
            word, _, _ = first.partition(b" ")
            yield word, parts
            if word == tag:
                return

    def _read_response(self) -> list[Part]:
        parts: list[Part] = []
        while True:
            line = self.connection.readline()
            if not line.endswith(b"\n"):
                msg = "EOF in a response"
                raise imaplib.IMAP4.abort(msg)
            line = line.rstrip(b"\r\n")
            announced = LITERAL.search(line)
            if not announced:
                return [*parts, line]
            parts.append((line, self.connection.read(int(announced.group(1)))))
