"""A wire that can be cut at any byte, in front of a real server.

    with between(account.imap_port) as wire:
        wire.cut_down = 5000                  # after so many bytes from the server
        sync(replace(account, imap_port=wire.port))     # fails in mid-sentence
        wire.mend()
        sync(replace(account, imap_port=wire.port))     # must end like a clean run

TLS passes through unseen, so the certificate is the real server's. The count begins
anew with each connection.
"""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from tests.servers.scripted import HOST, STOP_S, reset

LOOK_S = 0.05  # how often to look whether the wire is to be cut


class How(Enum):
    """What happens to a connection when its bytes are used up."""

    CLOSE = auto()  # both ends see its end (FIN)
    RESET = auto()  # both ends see it torn down (RST)
    STALL = auto()  # nothing more passes, and nobody is told
    TRUNCATE = auto()  # half-open: nothing more passes that way, the other way does
    GARBLE = auto()  # one byte arrives changed, and everything goes on


@dataclass(slots=True)
class Wire:
    """A port that leads to a server, and when to cut; may be changed at any time."""

    port: int
    cut_down: int | None = None  # bytes from server to client
    cut_up: int | None = None  # bytes from client to server
    how: How = How.CLOSE
    connections: int = 0
    down: int = 0  # bytes carried on the last connection
    up: int = 0
    hurt: int = 0  # connections that were cut or garbled
    _cuts: int = 0
    _over: threading.Event = field(default_factory=threading.Event)

    def mend(self) -> None:
        """Carry everything from now on."""
        self.cut_down = self.cut_up = None

    def cut_now(self) -> None:
        """Cut every connection that is open, in the way that `how` says."""
        self._cuts += 1

    def allow(self, data: bytes, *, down: bool) -> tuple[bytes, bool]:
        """Give what of the data passes that way, and whether it was cut; count it."""
        cut, carried = (self.cut_down, self.down) if down else (self.cut_up, self.up)
        left = len(data) if cut is None else max(0, cut - carried)
        at = min(left, len(data))
        if at < len(data) and self.how is How.GARBLE:
            data = self._garbled(data, at) if carried + at == cut else data
            at = len(data)
        if down:
            self.down += at
        else:
            self.up += at
        return data[:at], at < len(data)

    def _garbled(self, data: bytes, at: int) -> bytes:
        self.hurt += 1
        return data[:at] + bytes([data[at] ^ 0x20]) + data[at + 1 :]


@contextmanager
def between(port: int, host: str = HOST) -> Iterator[Wire]:
    """Lay a wire to a server's port, whole at first."""
    listening = socket.create_server((HOST, 0))
    wire = Wire(listening.getsockname()[1])
    accepting = threading.Thread(target=_accept, args=(wire, listening, (host, port)))
    accepting.start()
    try:
        yield wire
    finally:
        wire._over.set()
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        accepting.join(STOP_S)


def _accept(wire: Wire, listening: socket.socket, to: tuple[str, int]) -> None:
    carriers: list[threading.Thread] = []
    with listening, suppress(OSError):  # shut down when the test is over
        while True:
            client, _ = listening.accept()
            wire.connections += 1
            carriers.append(threading.Thread(target=_carry, args=(wire, client, to)))
            carriers[-1].start()
    for carrier in carriers:
        carrier.join(STOP_S)


def _carry(wire: Wire, client: socket.socket, to: tuple[str, int]) -> None:
    """Carry one connection until it ends or is cut."""
    wire.down = wire.up = 0
    with client, suppress(OSError), socket.create_connection(to) as server:
        if _carry_all(wire, client, server):
            return
        if wire.how is How.RESET:
            reset(client)
            reset(server)


def _carry_all(wire: Wire, client: socket.socket, server: socket.socket) -> bool:
    """Carry both ways; tell whether it came to its own end (True) or was cut.

    What passes no more is read all the same: whoever gives up is to be noticed.
    """
    cuts, deaf = wire._cuts, set[socket.socket]()
    while not wire._over.is_set():
        if wire._cuts != cuts:
            deaf = {client, server}
        for source in select.select([client, server], [], [], LOOK_S)[0]:
            if not (data := source.recv(65536)):
                return not deaf
            if source not in deaf:
                some, cut = wire.allow(data, down=source is server)
                (client if source is server else server).sendall(some)
                if cut:
                    wire.hurt += 1
                    deaf |= {source} if wire.how is How.TRUNCATE else {client, server}
        if deaf and wire.how in {How.CLOSE, How.RESET}:
            return False
    return True
