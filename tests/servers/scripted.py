r"""A server that misbehaves exactly as a script says.

A script is a list of steps (steps.py), played on each connection:

    with serve(Send(b"* BYE too many connections\r\n"), Close()) as server:
        connect("127.0.0.1", server.port)

Clients differ in what they ask first, so a conversation is best written as a table:

    with serve(
        Send(b"* OK ready\r\n"),
        Answer(POLITE | {rb"LOGIN": [b"{tag} NO [UNAVAILABLE] later"]}),
        tls=certificates.good,
    ) as server: ...

TLS from the first byte: `tls=`; by command: the step `StartTls(pair)`.
`drop_after=N` cuts every connection after N bytes sent, wherever that is. At the end
`serve` fails the test if a client said something else than a step expected.
"""

from __future__ import annotations

import re
import socket
import ssl
import struct
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.certificates import Pair
from tests.servers.steps import (
    Answer,
    Close,
    Content,
    Drip,
    Expect,
    Flood,
    Reset,
    Send,
    Stall,
    StartTls,
    Step,
    Take,
)

HOST = "127.0.0.1"
PATIENCE_S = 10.0  # how long a step waits for a client that says nothing
STOP_S = 5.0


@dataclass(slots=True)
class ScriptedServer:
    """What the test sees of a running script: its port, and what clients said.

    `contents` are mails whose final dot has come, `unfinished` are others; both are as
    on the wire. `in_clear` is all that came without TLS.
    """

    port: int
    connections: int = 0
    lines: list[bytes] = field(default_factory=list)  # of all clients, without CR LF
    contents: list[bytes] = field(default_factory=list)
    unfinished: list[bytes] = field(default_factory=list)
    in_clear: bytes = b""
    problems: list[str] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _open: list[socket.socket] = field(default_factory=list)
    _changed: threading.Condition = field(default_factory=threading.Condition)

    def said(self, pattern: bytes) -> list[bytes]:
        """Give the clients' lines in which a pattern is found, whatever its case."""
        return [line for line in self.lines if re.search(pattern, line, re.IGNORECASE)]

    def wait_for(self, pattern: bytes, seconds: float = PATIENCE_S) -> bool:
        """Wait until a client says something; tell whether one did."""
        with self._changed:
            return self._changed.wait_for(lambda: bool(self.said(pattern)), seconds)

    def wait_for_mail(self, seconds: float = PATIENCE_S) -> bytes:
        """Wait until a mail has come or was broken off, and give it."""
        with self._changed:
            came = self.contents, self.unfinished
            assert self._changed.wait_for(lambda: any(came), seconds)
            return (self.contents or self.unfinished)[-1]


class _Left(Exception):
    """The client has gone, or the script has ended the connection."""


class _Play:
    """One connection and how far its script is."""

    def __init__(
        self, server: ScriptedServer, sock: socket.socket, drop_after: int | None
    ) -> None:
        self.server = server
        self.sock = sock
        self.tag = b"*"
        self.left = drop_after
        self._buffer = b""

    def play(self, step: Step | bytes) -> None:  # noqa: C901, PLR0912 - a flat match
        """Do one step; `_Left` when the connection is over."""
        match step:
            case bytes():
                self.send(step + b"\r\n")
            case Send(data):
                self.send(data)
            case Drip(data, pause_s):
                self._drip(data, pause_s)
            case Flood(data, times):
                for _ in range(times):
                    self.send(data)
            case Expect(pattern):
                self._expect(pattern)
            case Answer():
                self._answer(step)
            case Take(size, then):
                then(self._literal(size))
            case Content(most):
                self._content(most)
            case StartTls(pair):
                self.start_tls(pair)
            case Stall():
                self.server._over.wait()
                raise _Left
            case Close():
                raise _Left
            case Reset():
                reset(self.sock)
                raise _Left

    def send(self, data: bytes) -> None:
        data = data.replace(b"{tag}", self.tag)
        if self.left is not None:
            data, self.left = data[: self.left], self.left - len(data)
        self.sock.sendall(data)
        if self.left is not None and self.left <= 0:
            raise _Left

    def start_tls(self, pair: Pair) -> None:
        context = pair.server_context()
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.server._open.remove(self.sock)
        tls = context.wrap_socket(
            self.sock, server_side=True, do_handshake_on_connect=False
        )
        self.sock = tls
        self.server._open.append(tls)
        tls.do_handshake()

    def _drip(self, data: bytes, pause_s: float) -> None:
        for start in range(len(data)):
            if self.server._over.wait(pause_s):
                raise _Left
            self.send(data[start : start + 1])

    def _expect(self, pattern: bytes) -> None:
        line = self._line()
        if not re.search(pattern, line, re.IGNORECASE):
            self.server.problems.append(f"expected {pattern!r}, got {line!r}")
            raise _Left

    def _answer(self, step: Answer) -> None:
        while True:
            line = self._line()
            command = line.partition(b" ")[2] if step.tagged else line
            found = (v for k, v in step.table.items() if _begins(k, command))
            answers = next(found, [step.otherwise])
            for answer in answers(command) if callable(answers) else answers:
                self.play(answer)
            if step.until and _begins(step.until, command):
                return

    def _literal(self, size: int) -> bytes:
        """Read a literal, and throw the end of its command away."""
        while len(self._buffer) < size + 2:
            if not (some := self.sock.recv(65536)):
                raise _Left
            self._buffer += some
        data, self._buffer = self._buffer[:size], self._buffer[size + 2 :]
        return data

    def _line(self) -> bytes:
        """Read one line of the client, note it, and remember its tag."""
        while b"\n" not in self._buffer:
            self._buffer += self._more()
        line, _, self._buffer = self._buffer.partition(b"\n")
        line = line.rstrip(b"\r")
        if b" " in line:  # not so DONE, nor what continues AUTHENTICATE
            self.tag = line.partition(b" ")[0]
        with self.server._changed:
            self.server.lines.append(line)
            self.server._changed.notify_all()
        return line

    def _content(self, most: int | None) -> None:
        """Read a mail as it is on the wire, or the beginning of one."""
        whole = bytearray(self._buffer)
        with suppress(_Left, OSError):
            # An empty one is a dot at once: its line has begun before.
            while not (b"\r\n" + whole[-5:]).endswith(b"\r\n.\r\n"):
                if most is not None and len(whole) >= most:
                    break
                whole += self._more()
            else:
                self._buffer = b""
                self._keep(self.server.contents, bytes(whole[:-3]))
                return
        self._keep(self.server.unfinished, bytes(whole))
        if most is None:
            raise _Left

    def _keep(self, mails: list[bytes], mail: bytes) -> None:
        with self.server._changed:
            mails.append(mail)
            self.server._changed.notify_all()

    def _more(self) -> bytes:
        some = self.sock.recv(65536)
        if not some:
            raise _Left
        if not isinstance(self.sock, ssl.SSLSocket):
            self.server.in_clear += some
        return some


@contextmanager
def serve(
    *script: Step, tls: Pair | None = None, drop_after: int | None = None
) -> Iterator[ScriptedServer]:
    """Play a script on every connection to a port of its own, each in a thread."""
    listening = socket.create_server((HOST, 0))
    server = ScriptedServer(listening.getsockname()[1])
    first: list[Step] = [StartTls(tls)] if tls else []
    steps = [*first, *script]
    accepting = threading.Thread(
        target=_accept, args=(server, listening, steps, drop_after), daemon=True
    )
    accepting.start()
    try:
        yield server
    finally:
        server._over.set()
        _hang_up(listening)
        for sock in list(server._open):
            _hang_up(sock)
        accepting.join(STOP_S)
    assert not server.problems, server.problems


def reset(sock: socket.socket) -> None:
    """Close a connection with RST instead of FIN."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    sock.close()


def _accept(
    server: ScriptedServer,
    listening: socket.socket,
    script: Sequence[Step],
    drop_after: int | None,
) -> None:
    threads: list[threading.Thread] = []
    with listening, suppress(OSError):  # closed under us when the test is over
        while True:
            sock, _ = listening.accept()
            server.connections += 1
            server._open.append(sock)
            sock.settimeout(PATIENCE_S)
            play = _Play(server, sock, drop_after)
            threads.append(threading.Thread(target=_run, args=(play, script)))
            threads[-1].start()
    for thread in threads:
        thread.join(STOP_S)


def _run(play: _Play, script: Sequence[Step]) -> None:
    """Play a script to its end, or until the client leaves; close in any case."""
    with suppress(_Left, OSError):
        for step in script:
            play.play(step)
    with suppress(ValueError):
        play.server._open.remove(play.sock)
    play.sock.close()


def _hang_up(sock: socket.socket) -> None:
    """Wake whoever reads or accepts on a socket."""
    with suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)


def _begins(pattern: bytes, command: bytes) -> bool:
    return re.match(pattern, command, re.IGNORECASE) is not None
