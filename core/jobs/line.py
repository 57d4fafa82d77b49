"""A watched folder's connection: opened with patience, then held without a thread.

`open_line` does what takes time (names, TCP, TLS, login, EXAMINE) with the session that
a sync uses; then the socket is taken out of it and everything else is thrown away. A
`Line` reads and writes that socket without ever waiting.
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from core.errors import FolderRefused
from core.imap import listing, opening
from core.imap.idle import Heard, Idling, Seen, Step, sweep_command
from core.imap.recording import Recorder
from core.imap.session import Session
from core.jobs.gate import Bounds
from core.jobs.habit import habit
from core.model import Role, Server
from core.network import Policy
from core.secret import Secret

RECEIVE_BYTES = 1 << 16
READS_MOST = 4  # for one connection before the others have their turn
KEEP_ALIVE_S = 240  # routers forget a silent connection after five minutes


@dataclass(frozen=True, slots=True)
class Account:
    """Where to log in, and as whom; `sent` is the folder of sent mail, if known."""

    server: Server
    login: str
    password: Secret
    sent: str = ""


@dataclass(frozen=True, slots=True)
class Polled:
    """No line: the server offers no IDLE, or better not be asked for it."""


class Line:
    """One connection and its state; `key` is whatever its owner wants to find by it."""

    __slots__ = (
        "due",
        "folder",
        "idle_s",
        "idling",
        "key",
        "opened_at",
        "recorder",
        "sock",
        "waits_to_write",
    )

    def __init__(
        self, sock: socket.socket, folder: str, idling: Idling, idle_s: float
    ) -> None:
        """Take over a socket on which a folder is open."""
        self.sock, self.folder, self.idling = sock, folder, idling
        self.idle_s = idle_s
        self.key: Any = None
        self.due = self.opened_at = 0.0
        self.waits_to_write = False
        self.recorder: Recorder | None = None

    def read(self, buffer: bytearray) -> Heard:
        """Read what is there, into a buffer that all lines share, and tell its meaning.

        The end of the connection, however it came, is `Heard.OVER`.
        """
        heard = Heard.NOTHING
        for _ in range(READS_MOST):
            try:
                size = self.sock.recv_into(buffer)
            except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
                break
            except OSError:
                size = 0
            if not size:
                return heard | Heard.OVER  # INTEROP 49: an empty read is the end
            data = bytes(memoryview(buffer)[:size])
            if self.recorder is not None:
                self.recorder.heard(data)
            heard |= self.idling.receive(data)
            if heard & (Heard.OVER | Heard.FLOOD):
                break
        return heard

    def has_more(self) -> bool:
        """Tell whether bytes lie ready inside TLS, where no selector sees them."""
        return isinstance(self.sock, ssl.SSLSocket) and self.sock.pending() > 0

    def write(self) -> Heard:
        """Send what has to be sent; `waits_to_write` tells that some is left."""
        idling = self.idling
        try:
            while idling.out:
                size = self.sock.send(idling.out)
                if self.recorder is not None:
                    self.recorder.sent(idling.out[:size])
                idling.out = idling.out[size:]
        except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
            pass
        except OSError:
            return Heard.OVER
        self.waits_to_write = bool(idling.out)
        return Heard.NOTHING

    def close(self) -> None:
        """Say goodbye if that needs no waiting, and close."""
        goodbye = b"DONE\r\nZ LOGOUT\r\n" if self.idling.step is Step.IDLING else b""
        with suppress(OSError):
            if goodbye and not self.idling.out:
                self.sock.send(goodbye)
        with suppress(OSError):
            self.sock.close()
        if self.recorder is not None:
            self.recorder.close()


@dataclass(frozen=True, slots=True)
class Opened:
    """A line, what its server stands, and how many of its kind it may have."""

    line: Line
    early: Heard
    bounds: Bounds
    connections: int

    @property
    def room(self) -> int:
        """Give how many lines there is room for, so that one is left for syncs."""
        return min(self.connections, self.bounds.account - 1)


def open_line(
    account: Account,
    role: Role,
    policy: Policy,
    before: Seen | None,
    recorder: Recorder | None = None,
) -> Opened | Polled:
    """Log in, open a folder for reading, and give the line that watches it.

    Raises:
        MailError: as of a session; FolderRefused where there is no such folder.

    """
    opened = opening.start_session(
        account.server, account.login, account.password, policy, recorder
    )
    try:
        found = _take_over(opened, account, role, before)
    except BaseException:
        opening.close(opened.client)
        raise
    if isinstance(found, Polled):
        opening.close(opened.client)
    return found


def _take_over(
    opened: Session, account: Account, role: Role, before: Seen | None
) -> Opened | Polled:
    habits = habit(opened)
    if not habits.idle:
        return Polled()
    folder = account.sent if role is Role.SENT else "INBOX"
    if not folder:
        raise FolderRefused("no folder of that role is known", folder=str(role))
    listing.examine(opened, folder)
    whole = role is Role.INBOX  # the second connection looks after its own folder
    sweep = sweep_command(folder, opened.features, whole=whole)
    idling = Idling(folder, sweep, before)
    line = Line(_socket_of(opened), folder, idling, habits.idle_s)
    line.recorder = opened.client.connection.recorder
    early = opened.client.connection.file
    heard = Heard.NOTHING
    if early.pending():
        heard = line.idling.receive(early.some())
    return Opened(line, heard, habits.bounds, habits.idle_connections)


def _socket_of(opened: Session) -> socket.socket:
    """Take the socket out of a session, which must not be used any more."""
    sock = opened.client.connection.sock
    for option, value in (
        ("KEEPIDLE", KEEP_ALIVE_S),
        ("KEEPINTVL", 30),
        ("KEEPCNT", 4),
    ):
        if (number := getattr(socket, f"TCP_{option}", None)) is not None:
            sock.setsockopt(socket.IPPROTO_TCP, number, value)
    sock.setblocking(False)
    return sock
