"""Domains: of an address, of a host, one within another. Pure but for cleaning."""

from __future__ import annotations

from collections.abc import Mapping

from core.errors import BadInput
from core.model import Security, Server
from core.network import Policy, clean_host

IMAP_PORTS = {993: Security.TLS, 143: Security.STARTTLS}
SMTP_PORTS = {465: Security.TLS, 587: Security.STARTTLS}
PORTS = range(1, 1 << 16)
# Second levels below which countries register names. The list need not be whole: a
# wrong answer asks the database for a name that it does not know.
SECOND_LEVELS = frozenset(
    "ac adm adv art co com coop ed edu ind eco eng go gob gouv gov gr inf lg ltd me "
    "mil med ne net nom or org plc pro psc sch srv tur tv".split()
)
COUNTRY = 2  # letters, and the fewest labels of a registered name


def domain_of(address: str) -> str:
    """Give the domain of an address, as it is used on the wire.

    Raises:
        BadInput: there is no domain that mail could go to.

    """
    local, at, domain = address.strip().rpartition("@")
    if not local or not at:
        raise BadInput("address", "address_form")
    host = clean_host(domain, "address")
    if "." not in host or host.replace(".", "").isdigit():
        raise BadInput("address", "address_form")
    return host


def registered(host: str) -> str:
    """Give the domain that somebody registered, of which a host is a part."""
    labels = host.split(".")
    country = len(labels) > COUNTRY and len(labels[-1]) == COUNTRY
    deep = country and labels[-2] in SECOND_LEVELS
    return ".".join(labels[-3:] if deep else labels[-2:])


def is_within(host: str, domain: str) -> bool:
    """Tell whether a host is a domain or lies below it."""
    return host == domain or host.endswith(f".{domain}")


def usable(
    host: str, port: int, security: Security, ports: Mapping[int, Security], by: Policy
) -> Server | None:
    """Give a server that a stranger named, if we would ever connect to it.

    Ports are those of mail, unless a setting names the host (THREATS T19).
    """
    clean = cleaned(host)
    odd = port in PORTS and by.may_be_private(clean, port)
    return Server(clean, port, security) if clean and (port in ports or odd) else None


def cleaned(host: str) -> str:
    """Give a host that a stranger named as it is used, or nothing if it is none."""
    try:
        return clean_host(host)
    except BadInput:
        return ""
