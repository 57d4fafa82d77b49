"""Let another process read the headers of a big first sync, beside this one.

Cutting the server's stream into messages and writing rows keep one core busy; reading
headers takes as long again, and a second core has nothing to do. The other process gets
header blocks and gives messages back, both as `marshal` writes them: no objects of the
network, only bytes, numbers and texts that the two have made.

    elsewhere = ReaderProcess()
    promise = elsewhere.read(unread)    # if it is_ready: it takes a while to start
    ...                                 # go on with something else
    messages = promise.result()
    elsewhere.close()

It ends with us, however we end: its end of the socket closes.
"""

from __future__ import annotations

import marshal
import os
import queue
import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from typing import Any

from core.imap import calm
from core.imap.parse import Unread, read_message

SIZE = struct.Struct(">I")
READY = b"\0" * SIZE.size
STOP_S = 2.0
MODULE = "core.imap.reader_process"


class ReaderProcess:
    """The other process, and a thread that talks to it."""

    def __init__(self) -> None:
        """Start it; it is ready after some tenths of a second."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                [
                    sys.executable,
                    "-m",
                    "core.imap.reader_process",
                    str(theirs.fileno()),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is for us alone
            )
        self._sock = ours
        self._asked: queue.SimpleQueue[tuple[bytes, Future[list[Any]]] | None] = (
            queue.SimpleQueue()
        )
        self._ready, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._talk, name="headers", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End it; what was not read yet is given up."""
        self._asked.put(None)
        with suppress(OSError):
            self._sock.shutdown(socket.SHUT_RDWR)
        self._thread.join(STOP_S)
        self._sock.close()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def is_ready(self) -> bool:
        """Tell whether it has started and lives."""
        return self._ready.is_set() and not self._over.is_set()

    def read(self, unread: Sequence[Unread]) -> Future[list[Any]]:
        """Have messages read; the promise gives their fields, in order.

        The promise breaks with ConnectionError when the other process dies.
        """
        promise: Future[list[Any]] = Future()
        self._asked.put((marshal.dumps(list(unread)), promise))
        if self._over.is_set():
            self._give_up()
        return promise

    def _talk(self) -> None:
        promise: Future[list[Any]] | None = None
        try:
            if _receive(self._sock, SIZE.size) == READY:
                self._ready.set()
            while (asked := self._asked.get()) is not None:
                packed, promise = asked
                _send(self._sock, packed)
                promise.set_result(marshal.loads(_hear(self._sock)))  # noqa: S302 - our own process
        except (OSError, EOFError, ValueError) as error:
            if promise is not None and not promise.done():
                promise.set_exception(ConnectionError(str(error)))
        self._over.set()
        self._give_up()

    def _give_up(self) -> None:
        """Break the promises that nobody will keep."""
        with suppress(queue.Empty):
            while True:
                if (left := self._asked.get_nowait()) is not None:
                    left[1].set_exception(ConnectionError("it has ended"))


def _send(sock: socket.socket, packed: bytes) -> None:
    sock.sendall(SIZE.pack(len(packed)))
    sock.sendall(packed)


def _hear(sock: socket.socket) -> bytes:
    (size,) = SIZE.unpack(_receive(sock, SIZE.size))
    return _receive(sock, size)


def _receive(sock: socket.socket, size: int) -> bytes:
    """Receive so many bytes in as few steps as can be."""
    buffer = bytearray(size)
    view, got = memoryview(buffer), 0
    while got < size:
        more = sock.recv_into(view[got:], size - got, socket.MSG_WAITALL)
        if not more:
            raise EOFError
        got += more
    return bytes(buffer)


def _work(sock: socket.socket) -> None:
    """Read headers until the other side is gone."""
    calm.begin()
    sock.sendall(READY)
    while True:
        blocks = marshal.loads(_hear(sock))  # noqa: S302 - from our own process
        _send(sock, marshal.dumps([tuple(read_message(*one)) for one in blocks]))


if __name__ == "__main__":
    with suppress(EOFError, OSError), socket.socket(fileno=int(sys.argv[1])) as talk:
        _work(talk)
    os._exit(0)  # nothing of ours is left to tidy up, and somebody waits for our end
