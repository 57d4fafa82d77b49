"""Read settings in Thunderbird's format: hosts, ports, form of the user name. Pure.

The document is hostile: no DTD, no entities, and no text of it is ever shown.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from core.discovery.domains import IMAP_PORTS, SMTP_PORTS, usable
from core.discovery.found import NOWHERE, Candidate, Source
from core.errors import ProtocolBroken
from core.model import Security, Server
from core.network import Policy
from core.providers import UserName

# What is "plain" there is not in the table, and so not taken.
SECURITY = {"SSL": Security.TLS, "STARTTLS": Security.STARTTLS}
USER_NAMES = {
    "%EMAILADDRESS%": UserName.ADDRESS,
    "%EMAILLOCALPART%@%EMAILDOMAIN%": UserName.ADDRESS,
    "%EMAILLOCALPART%": UserName.LOCAL,
}
PORT_DIGITS = 5


def read(
    document: bytes, domain: str, source: Source, policy: Policy
) -> Candidate | None:
    """Give the candidate of a document, if it names servers that can be used.

    Raises:
        ProtocolBroken: it is no such document.

    """
    root = _parsed(document)
    provider = root.find("emailProvider")
    if root.tag != "clientConfig" or provider is None:
        raise ProtocolBroken("not a clientConfig")
    imap = _best(provider, "incomingServer", "imap", IMAP_PORTS, domain, policy)
    smtp = _best(provider, "outgoingServer", "smtp", SMTP_PORTS, domain, policy)
    if imap is None:
        return None
    return Candidate(source, imap[0], smtp[0] if smtp else NOWHERE, imap[1])


def _parsed(document: bytes) -> Element:
    try:
        return fromstring(document, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise ProtocolBroken(type(error).__name__) from error


def _best(
    provider: Element,
    tag: str,
    kind: str,
    ports: Mapping[int, Security],
    domain: str,
    policy: Policy,
) -> tuple[Server, UserName] | None:
    """Give the first server in the order of the document; TLS before STARTTLS."""
    found = list(_servers(provider, tag, kind, ports, domain, policy))
    found.sort(key=lambda one: one[0].security is not Security.TLS)
    return found[0] if found else None


def _servers(
    provider: Element,
    tag: str,
    kind: str,
    ports: Mapping[int, Security],
    domain: str,
    policy: Policy,
) -> Iterator[tuple[Server, UserName]]:
    for element in provider.findall(tag):
        security = SECURITY.get(_text(element, "socketType").upper())
        port = _port(_text(element, "port"))
        if element.get("type", "").lower() != kind or security is None:
            continue
        host = _text(element, "hostname").replace("%EMAILDOMAIN%", domain)
        if server := usable(host, port, security, ports, policy):
            name = _text(element, "username").upper()
            yield server, USER_NAMES.get(name, UserName.UNKNOWN)


def _text(element: Element, tag: str) -> str:
    return (element.findtext(tag) or "").strip()


def _port(text: str) -> int:
    plain = text.isascii() and text.isdigit() and len(text) <= PORT_DIGITS
    return int(text) if plain else 0
