"""Read MX and SRV records: who takes mail, where mailboxes are. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.discovery.domains import IMAP_PORTS, SMTP_PORTS, cleaned, is_within, usable
from core.discovery.found import NOWHERE, Candidate, Source
from core.model import Security, Server
from core.names import Service
from core.network import Policy

# TLS from the first byte comes first (RFC 8314 §5.1); RFC 6186 §3 has the others.
IMAP = {"_imaps._tcp": Security.TLS, "_imap._tcp": Security.STARTTLS}
SMTP = {"_submissions._tcp": Security.TLS, "_submission._tcp": Security.STARTTLS}
SERVICES = (*IMAP, *SMTP)

Told = Mapping[str, Sequence[Service]]  # by name of the service


def takes_mail(exchangers: Sequence[Service]) -> bool:
    """Tell whether a domain takes mail: not with "." as its only MX (RFC 7505 §3)."""
    return not exchangers or any(one.host for one in exchangers)


def mail_hosts(exchangers: Sequence[Service]) -> tuple[str, ...]:
    """Give the hosts that take mail, best first; what is no host name is left out."""
    return tuple(host for one in exchangers if (host := cleaned(one.host)))


def has_no_imap(told: Told) -> bool:
    """Tell whether a domain says that it offers no IMAP: "." only (RFC 6186 §3.4)."""
    found = [one for service in IMAP for one in told.get(service, ())]
    return bool(found) and not any(one.host for one in found)


def of_services(domain: str, told: Told, policy: Policy) -> Candidate | None:
    """Give the candidate that the SRV records of a domain name, if they name one."""
    imap = _first(told, IMAP, IMAP_PORTS, policy)
    smtp = _first(told, SMTP, SMTP_PORTS, policy)
    if imap == NOWHERE:
        return None
    hosts = [server.host for server in (imap, smtp) if server != NOWHERE]
    elsewhere = not all(is_within(host, domain) for host in hosts)
    return Candidate(Source.SRV, imap, smtp, elsewhere=elsewhere)


def _first(
    told: Told,
    services: Mapping[str, Security],
    ports: Mapping[int, Security],
    policy: Policy,
) -> Server:
    """Give the best server that can be used; those to "." are not offered."""
    for service, security in services.items():
        for one in told.get(service, ()):
            server = usable(one.host, one.port, security, ports, policy)
            if server:
                return server
    return NOWHERE
