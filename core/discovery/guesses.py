"""Try hosts with the usual names: connect over TLS, hear the greeting, say goodbye.

Nothing is sent that says who asks, and nothing of what is heard is kept.
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import TypeVar

from core import network, smtp
from core.deadline import Deadline
from core.discovery.found import NOWHERE, Candidate, Source
from core.errors import HostUnknown, MailError
from core.imap import greeting, opening
from core.model import Security, Server
from core.network import Policy

IMAP_HOSTS = ("imap", "mail")
SMTP_HOSTS = ("smtp", "mail")
SECURITIES = (Security.TLS, Security.STARTTLS)
T = TypeVar("T")
Greet = Callable[[Server, socket.socket, Policy], T]
Try = Callable[[str, Policy, Deadline], Candidate | None]


def imap(host: str, policy: Policy, until: Deadline) -> Candidate | None:
    """Give the half of a candidate whose IMAP server answers on this host.

    Raises:
        MailError: nothing answers; the first port says why.

    """

    def seen(server: Server) -> None:
        opening.close(_greeted(server, policy, until, greeting.greet))

    ports = policy.places.imap_ports
    server = _first(host, ports, seen)
    return Candidate(Source.GUESS, server, NOWHERE, verified=True) if server else None


def submission(host: str, policy: Policy, until: Deadline) -> Candidate | None:
    """Give the half of a candidate whose submission server answers on this host.

    Raises:
        MailError: nothing answers; the first port says why.

    """

    def seen(server: Server) -> None:
        smtp.close(_greeted(server, policy, until, smtp.greet))

    ports = policy.places.smtp_ports
    server = _first(host, ports, seen)
    return Candidate(Source.GUESS, NOWHERE, server, verified=True) if server else None


def joined(halves: list[Candidate]) -> list[Candidate]:
    """Make one candidate of the best incoming and the best outgoing server. Pure."""
    incoming = [half.imap for half in halves if half.imap != NOWHERE]
    outgoing = [half.smtp for half in halves if half.smtp != NOWHERE]
    if not incoming and not outgoing:
        return []
    best = (_preferred(incoming), _preferred(outgoing))
    return [Candidate(Source.GUESS, *best, verified=True)]


def _preferred(servers: list[Server]) -> Server:
    """Give the first that speaks TLS from the first byte, else the first."""
    ordered = sorted(servers, key=lambda one: one.security is not Security.TLS)
    return ordered[0] if ordered else NOWHERE


def _first(
    host: str, ports: tuple[int, int], seen: Callable[[Server], None]
) -> Server | None:
    problem: MailError | None = None
    for port, security in zip(ports, SECURITIES, strict=True):
        server = Server(host, port, security)
        try:
            seen(server)
        except HostUnknown:  # a usual name that is not in use
            return None
        except MailError as error:
            problem = problem or error
        else:
            return server
    if problem:
        raise problem
    return None


def _greeted(server: Server, policy: Policy, until: Deadline, greet: Greet[T]) -> T:
    sock = until.dialled(server, policy)
    with until.cuts(sock, server):
        hasty = until.hasty(policy)
        if server.security is Security.TLS:
            sock = network.secure(sock, server, hasty)
        return greet(server, sock, hasty)
