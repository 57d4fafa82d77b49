"""One moment by which everything has to be over, drip or no drip (THREATS 5)."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace

from core import network
from core.errors import MailError, NoAnswer
from core.model import Server
from core.network import TIMEOUTS_MOST, Policy

LEAST_S = 0.05  # a time limit of nothing would mean something else to a socket


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock."""

    until: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Give the moment so many seconds from now."""
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Give the seconds that are left; a little even when none are."""
        return max(LEAST_S, self.until - time.monotonic())

    def dialled(self, server: Server, policy: Policy) -> socket.socket:
        """Resolve a host once, check its addresses, connect to one of them.

        Raises:
            HostUnknown, AddressNotAllowed, Unreachable.

        """
        addresses = network.resolve(server, self._hasty(policy, self.left()))
        each = self.left() / TIMEOUTS_MOST
        return network.reach(server, addresses, self._hasty(policy, each))

    @contextmanager
    def cuts(self, sock: socket.socket, server: Server) -> Iterator[threading.Event]:
        """End a connection when the moment comes, whoever reads from it then.

        Gives what tells whether it came: an end of file may look like any other.

        Raises:
            NoAnswer: the moment came, and what was done with the connection failed.

        """
        late = threading.Event()
        handle = sock.dup()  # the connection's own: TLS takes the socket away

        def cut() -> None:
            late.set()
            with suppress(OSError):
                handle.shutdown(socket.SHUT_RDWR)

        timer = threading.Timer(self.left(), cut)
        timer.daemon = True
        timer.start()
        try:
            with handle:
                yield late
        except MailError as error:
            if not late.is_set():
                raise
            facts = {"host": server.host, "port": server.port}
            raise NoAnswer("too late", **facts) from error
        finally:
            timer.cancel()

    def hasty(self, policy: Policy) -> Policy:
        """Give a policy whose time limits end by then."""
        return self._hasty(policy, self.left())

    def _hasty(self, policy: Policy, seconds: float) -> Policy:
        return replace(
            policy,
            connect_timeout_s=min(seconds, policy.connect_timeout_s),
            command_timeout_s=min(seconds, policy.command_timeout_s),
        )
