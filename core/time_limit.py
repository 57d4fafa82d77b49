"""End a connection when its time is over, drip or no drip (THREATS 5).

A socket's time limit is for one read only: a byte now and then would go on for ever.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core.errors import MailError, NoAnswer
from core.model import Server


@contextmanager
def cut_off(
    sock: socket.socket, server: Server, seconds: float
) -> Iterator[threading.Event]:
    """Cut a connection after so many seconds, whoever reads from it then.

    Gives what tells whether it was cut: an end of file may look like any other.

    Raises:
        NoAnswer: it was cut, and what was done with the connection failed.

    """
    late = threading.Event()
    # A handle of the connection's own: TLS takes the socket away, and has no dup().
    handle = socket.fromfd(sock.fileno(), sock.family, sock.type)

    def cut() -> None:
        late.set()
        with suppress(OSError):
            handle.shutdown(socket.SHUT_RDWR)

    timer = threading.Timer(seconds, cut)
    timer.daemon = True
    timer.start()
    try:
        with handle:
            yield late
    except MailError as error:
        if not late.is_set():
            raise
        facts = {"host": server.host, "port": server.port}
        raise NoAnswer(error.detail or "too late", **facts) from error
    finally:
        timer.cancel()
