"""One moment by which everything has to be over, drip or no drip (THREATS 5)."""

from __future__ import annotations

import socket
import threading
import time
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace

from core import network
from core.model import Server
from core.network import TIMEOUTS_MOST, Policy
from core.time_limit import cut_off

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

    def cuts(
        self, sock: socket.socket, server: Server
    ) -> AbstractContextManager[threading.Event]:
        """End a connection when the moment comes, whoever reads from it then.

        Raises:
            NoAnswer: the moment came, and what was done with the connection failed.

        """
        return cut_off(sock, server, self.left())

    def hasty(self, policy: Policy) -> Policy:
        """Give a policy whose time limits end by then."""
        return self._hasty(policy, self.left())

    def _hasty(self, policy: Policy, seconds: float) -> Policy:
        return replace(
            policy,
            connect_timeout_s=min(seconds, policy.connect_timeout_s),
            command_timeout_s=min(seconds, policy.command_timeout_s),
        )
