"""A small world for discovery: DNS, an https site and mail servers, all on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.discovery import Asked, Found, Source, by_dns, widely
from core.network import Places, Policy
from tests.certificates import DOMAIN, Certificates, Pair
from tests.servers.names import Names, Turns, answering
from tests.servers.pages import Page, Site, serving

ADDRESS = f"ana.secret@{DOMAIN}"
DATABASE = f"database.{DOMAIN}"
OWN = f"autoconfig.{DOMAIN}/mail/config-v1.1.xml"
KNOWN = f"{DOMAIN}/.well-known/autoconfig/mail/config-v1.1.xml"
LOCAL = ["A 127.0.0.1"]
CLOSED = 1  # a port on which nobody listens
HOSTS = tuple(
    f"{label}.{DOMAIN}" for label in "autoconfig database imap mail smtp".split()
)


@dataclass(slots=True)
class World:
    """What a test changes before it looks, and what it reads afterwards."""

    names: Names
    site: Site
    certificates: Certificates
    allowed: set[str] = field(default_factory=lambda: {DOMAIN, *HOSTS})
    imap_ports: tuple[int, int] = (CLOSED, CLOSED)
    smtp_ports: tuple[int, int] = (CLOSED, CLOSED)
    database: bool = True
    request_s: float = 3.0
    whole_s: float = 8.0
    told: list[Asked] = field(default_factory=list)

    @property
    def policy(self) -> Policy:
        """Give the policy of this world; only `allowed` hosts may be on loopback."""
        database = f"https://{DATABASE}:{self.site.port}/v1.1/"
        places = Places(
            https_port=self.site.port,
            database=database if self.database else "",
            imap_ports=self.imap_ports,
            smtp_ports=self.smtp_ports,
            request_s=self.request_s,
            whole_s=self.whole_s,
        )
        return Policy(
            allow_hosts=frozenset(self.allowed),
            ca_files=(self.certificates.ca_file,),
            dns_server=self.names.place,
            connect_timeout_s=2.0,
            places=places,
        )

    def domain(self, *records: str, host: str = DOMAIN) -> None:
        """Say what DNS knows of the domain itself."""
        self.names.records[host] = records

    def publish(self, where: str, page: Page | bytes) -> None:
        """Put a page at "host/path", and its host into DNS."""
        self.site.pages[where] = Page(page) if isinstance(page, bytes) else page
        host = where.partition("/")[0]
        known = self.names.records.get(host, ())
        assert not isinstance(known, Turns)
        self.names.records[host] = [*known, *LOCAL]

    def by_dns(self, address: str = ADDRESS) -> Found:
        """Look by DNS only."""
        return by_dns(address, self.policy)

    def widely(self, address: str = ADDRESS) -> Found:
        """Look everywhere; whatever happens, the person's name is told to nobody."""
        found = widely(address, self.policy, self.told.append)
        assert tuple(self.told) == found.asked
        assert not any("secret" in heard for heard in self.site.heard)
        assert not any("secret" in name for name, _ in self.names.asked)
        return found

    def outcomes(self, source: Source) -> set[str]:
        """Give how the questions to a source ended."""
        return {asked.outcome for asked in self.told if asked.source is source}


@contextmanager
def looking(certificates: Certificates, pair: Pair | None = None) -> Iterator[World]:
    """Start the servers of a world whose site shows `pair`, or the good certificate."""
    with answering({DOMAIN: LOCAL}) as names:
        with serving(pair or certificates.good) as site:
            yield World(names, site, certificates)


def config(
    imap: str = "imap", smtp: str = "smtp", user: str = "%EMAILADDRESS%"
) -> bytes:
    """Give a document in Thunderbird's format; hosts in the domain by their label."""
    return (
        '<clientConfig version="1.1"><emailProvider id="e">'
        f'<incomingServer type="imap"><hostname>{imap}.{DOMAIN}</hostname>'
        f"<port>993</port><socketType>SSL</socketType><username>{user}</username>"
        f'</incomingServer><outgoingServer type="smtp"><hostname>{smtp}.{DOMAIN}'
        "</hostname><port>465</port><socketType>SSL</socketType></outgoingServer>"
        "</emailProvider></clientConfig>"
    ).encode()
