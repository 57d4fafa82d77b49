"""Ask DNS: addresses of hosts, and the records that say who keeps a domain's mail.

What DNS answers is hostile: hosts come back as they were sent, and are cleaned and
checked by whoever uses them (THREATS T19). Nothing is remembered between two calls.
"""

from __future__ import annotations

import ipaddress
import random
import socket
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import dns.exception
import dns.name
import dns.rdata
import dns.resolver
from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.IN.SRV import SRV

from core.errors import DnsSilent, HostUnknown

RECORDS_MAX = 20  # of one kind for one name; more are not looked at
MAIL_PORT = 25
ONE_TRY_S = 2.0  # a datagram may be lost: it is sent again while there is time
LOOPBACK = ["127.0.0.1", "::1"]


@dataclass(frozen=True, slots=True)
class Dns:
    """Whom to ask, "ip:port" (empty: as the system is set up), and for how long."""

    server: str = ""
    seconds: float = 10.0


class Service(NamedTuple):
    """An SRV record, or an MX as one. `host` is empty where the target is "."."""

    priority: int
    weight: int
    port: int
    host: str


def addresses(host: str, at: Dns) -> list[str]:
    """Give the addresses of a host, those to be tried first in front.

    Raises:
        HostUnknown: there is no such name, or it has no address.
        DnsSilent: the name server gives no answer.

    """
    if not at.server:
        return _of_the_system(host)
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        pass
    if f".{host}".endswith(".localhost"):  # this machine, whatever DNS may say
        return list(LOOPBACK)
    return _of_the_server(host, at)


def exchangers(domain: str, at: Dns) -> tuple[Service, ...]:
    """Give the hosts that take a domain's mail, best first; empty if none is named.

    Raises:
        HostUnknown: there is no such domain.
        DnsSilent: no answer.

    """
    found = (r for r in _asked(domain, "MX", at) if isinstance(r, MX))
    named = [
        Service(record.preference, 0, MAIL_PORT, _text(record.exchange))
        for record in found
    ]
    return tuple(sorted(named))[:RECORDS_MAX]


def services(name: str, at: Dns) -> tuple[Service, ...]:
    """Give the SRV records of a name like "_imaps._tcp.example.com", best first.

    Raises:
        DnsSilent: no answer.

    """
    try:
        found = [r for r in _asked(name, "SRV", at) if isinstance(r, SRV)]
    except HostUnknown:
        return ()
    named = [Service(r.priority, r.weight, r.port, _text(r.target)) for r in found]
    return tuple(in_order(named[:RECORDS_MAX]))


def in_order(
    found: Iterable[Service],
    chance: Callable[[], float] = random.random,
) -> Iterator[Service]:
    """Order SRV records: by priority, within one by chance and weight (RFC 2782)."""
    for _, equals in groupby(sorted(found), key=lambda one: one.priority):
        left = list(equals)  # by weight: those of 0 in front, as the RFC wants them
        while left:
            drawn = chance() * sum(one.weight for one in left)
            yield left.pop(_index(left, drawn))


def _index(left: list[Service], drawn: float) -> int:
    total = 0
    for index, one in enumerate(left):
        total += one.weight
        if total >= drawn:
            return index
    return len(left) - 1


def failed(error: Exception, host: str) -> DnsSilent | HostUnknown:
    """Tell what a failure of the system's resolver means. Pure."""
    if isinstance(error, socket.gaierror) and error.errno == socket.EAI_AGAIN:
        return DnsSilent(str(error), host=host)
    return HostUnknown(str(error), host=host)


def _of_the_system(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(
            host, None, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP
        )
    except (socket.gaierror, UnicodeError) as error:
        raise failed(error, host) from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _of_the_server(host: str, at: Dns) -> list[str]:
    """Ask for IPv4 and IPv6; IPv4 goes first, for only the system knows its routes."""
    found = [record.to_text() for record in _asked(host, "A", at)]
    try:
        found += [record.to_text() for record in _asked(host, "AAAA", at)]
    except DnsSilent:  # some servers know A only, and fail for the rest
        if not found:
            raise
    if not found:
        raise HostUnknown("no address", host=host)
    return found


def _asked(name: str, kind: str, at: Dns) -> list[dns.rdata.Rdata]:
    """Ask for the records of one kind; empty if the name has none of it."""
    try:
        resolver = _resolver(at)
        answer = resolver.resolve(
            dns.name.from_text(name), kind, raise_on_no_answer=False, search=False
        )
    except (dns.resolver.NXDOMAIN, dns.name.NameTooLong) as error:
        raise HostUnknown(str(error), host=name) from error
    except (dns.exception.DNSException, OSError, ValueError) as error:
        raise DnsSilent(type(error).__name__, host=name) from error
    return list(answer.rrset or ())


def _resolver(at: Dns) -> dns.resolver.Resolver:
    resolver = dns.resolver.Resolver(configure=not at.server)
    if at.server:
        host, _, port = at.server.rpartition(":")
        resolver.nameservers = [host.strip("[]")]
        resolver.port = int(port)
    resolver.lifetime = at.seconds
    resolver.timeout = min(at.seconds, ONE_TRY_S)
    return resolver


def _text(name: dns.name.Name) -> str:
    return name.to_text(omit_final_dot=True).lower().removesuffix(".")
