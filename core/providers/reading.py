"""Read the blocks of the catalogue, and refuse what cannot be used. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from core.errors import CatalogueBroken
from core.model import Method, Security, Server
from core.providers.provider import Fact, Need, Origin, Provider, UserName

E = TypeVar("E", bound=StrEnum)

KEYS = frozenset(
    "name country domains mx method imap smtp imap_others smtp_others user_name "
    "imap_switch imap_switch_url app_password app_password_url password_hint limits "
    "help_url profile facts".split()
)
SOURCED = KEYS & frozenset(
    "domains mx method imap smtp imap_others smtp_others user_name imap_switch "
    "app_password limits".split()
)
# RFC 8314 §3.3: implicit TLS on 993 and 465; STARTTLS on 143 and 587.
SECURITY = {
    993: Security.TLS,
    465: Security.TLS,
    143: Security.STARTTLS,
    587: Security.STARTTLS,
}
LOOPBACK = "127.0.0.1"  # a program on one's own computer, on ports of its own
ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
COUNTRY = re.compile(r"[A-Z]{2}")
NAME = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)"
HOST = re.compile(rf"(?:{NAME}\.)+(?!\d+$){NAME}")  # and no address of numbers
DOMAIN = re.compile(rf"(?:\*\.)?(?:{NAME}\.)+{NAME}")
MX = re.compile(rf"[a-z0-9*?.-]+(?:\.{NAME}){{2,}}")  # ends in a plain name
LINK = re.compile(r"https://[a-z0-9.-]+\.[a-z]+(/[!-~]*)?")
KEY = re.compile(r"[a-z]+(_[a-z]+)*")


def read(blocks: Mapping[str, Any]) -> tuple[Provider, ...]:
    """Make providers of blocks, in their order; raises `CatalogueBroken`."""
    providers = tuple(_Block(id_, block).provider() for id_, block in blocks.items())
    _once(providers)
    return providers


def _once(providers: Iterable[Provider]) -> None:
    seen: dict[str, str] = {}
    for provider in providers:
        for domain in provider.domains:
            if domain in seen:
                problem = f"{domain} is in block {seen[domain]} already"
                raise _broken(provider.id, "domains", problem)
            seen[domain] = provider.id


def _broken(block: str, key: str, problem: str) -> CatalogueBroken:
    detail = f"[{block}] {key}: {problem}"
    return CatalogueBroken(detail, block=block, key=key, problem=problem)


class _Block:
    """One block as it is read: each method takes a key and gives its value."""

    def __init__(self, id_: str, block: object) -> None:
        self.id = id_
        self.given: dict[str, Any] = block if isinstance(block, dict) else {}
        if not ID.fullmatch(id_) or not self.given:
            raise self.broken("", "must be a table named like my-provider")
        for key in self.given.keys() - KEYS:
            raise self.broken(key, "is no key of a provider")

    def broken(self, key: str, problem: str) -> CatalogueBroken:
        return _broken(self.id, key, problem)

    def provider(self) -> Provider:
        method = self.choice("method", Method, Method.IMAP)
        provider = Provider(
            id=self.id,
            name=self.text("name"),
            country=self.matching("country", COUNTRY),
            domains=self.names("domains", DOMAIN),
            mx=self.names("mx", MX),
            method=method,
            imap=self.server("imap", self.given.get("imap")),
            smtp=self.server("smtp", self.given.get("smtp")),
            imap_others=self.names("imap_others", HOST),
            smtp_others=self.servers("smtp_others"),
            user_name=self.choice("user_name", UserName, UserName.UNKNOWN),
            imap_switch=self.yes_or_no("imap_switch"),
            imap_switch_url=self.link("imap_switch_url", "imap_switch"),
            app_password=self.choice("app_password", Need, Need.UNKNOWN),
            app_password_url=self.link("app_password_url", "app_password"),
            password_hint=self.matching("password_hint", KEY, ""),
            limits=self.names("limits", KEY),
            help_url=self.link("help_url"),
            profile=self.text("profile", "usual"),
            facts=self.facts(),
        )
        self.check_servers(provider)
        return provider

    def check_servers(self, provider: Provider) -> None:
        missing = {k for k in ("imap", "smtp") if getattr(provider, k) is None}
        none_at_all = "no_imap" in provider.limits
        if none_at_all and missing != {"imap", "smtp"}:
            raise self.broken("limits", "no_imap and servers exclude each other")
        for key in sorted(missing if not none_at_all else ()):
            raise self.broken(key, "is missing (no IMAP at all: limits = ['no_imap'])")

    def text(self, key: str, default: str | None = None) -> str:
        value = self.given.get(key, default)
        if not isinstance(value, str) or not value.strip():
            raise self.broken(key, "must be a text")
        return value

    def matching(
        self, key: str, form: re.Pattern[str], default: str | None = None
    ) -> str:
        if key not in self.given and default is not None:
            return default
        value = self.text(key)
        if not form.fullmatch(value):
            raise self.broken(key, f"{value} has not the right form")
        return value

    def link(self, key: str, about: str = "") -> str:
        if about and key in self.given and about not in self.given:
            raise self.broken(key, f"goes with {about}, which is missing")
        return self.matching(key, LINK, "")

    def list_of(self, key: str) -> list[Any]:
        values = self.given.get(key, [])
        if not isinstance(values, list):
            raise self.broken(key, "must be a list")
        return values

    def names(self, key: str, form: re.Pattern[str]) -> tuple[str, ...]:
        values = self.list_of(key)
        for value in values:
            if not isinstance(value, str) or not form.fullmatch(value):
                raise self.broken(key, f"{value} has not the right form")
        if len(set(values)) != len(values):
            raise self.broken(key, "says something twice")
        return tuple(values)

    def choice(self, key: str, of: type[E], default: E) -> E:
        value = self.given.get(key, default)
        if value not in {str(one) for one in of}:
            raise self.broken(key, f"must be one of: {', '.join(of)}")
        return of(value)

    def yes_or_no(self, key: str) -> bool | None:
        value = self.given.get(key)
        if value is not None and not isinstance(value, bool):
            raise self.broken(key, "must be true or false")
        return value

    def servers(self, key: str) -> tuple[Server, ...]:
        found = (self.server(key, value) for value in self.list_of(key))
        return tuple(server for server in found if server)

    def server(self, key: str, value: object) -> Server | None:
        match value:
            case None:
                return None
            case {"host": str(host), "port": int(port), "security": str(security)}:
                return self.checked_server(key, host, port, security)
            case _:
                raise self.broken(key, "must be { host, port, security }")

    def checked_server(self, key: str, host: str, port: int, security: str) -> Server:
        local = host == LOOPBACK and security == Security.STARTTLS
        if not local and SECURITY.get(port) != security:
            raise self.broken(key, f"port {port} does not go with {security}")
        if not local and not HOST.fullmatch(host):
            raise self.broken(key, f"{host} is not the name of a server")
        return Server(host, port, Security(security))

    def facts(self) -> dict[str, Fact]:
        facts: dict[str, Fact] = {}
        for entry in self.list_of("facts"):
            of, fact = self.fact(entry)
            for key in of.split():
                if key in facts:
                    raise self.broken("facts", f"says twice where {key} is from")
                facts[key] = fact
        if told := self.to_be_sourced() ^ facts.keys():
            names = ", ".join(sorted(told))
            raise self.broken("facts", f"must tell the source of each fact: {names}")
        return facts

    def to_be_sourced(self) -> set[str]:
        """Name what this block states, each of which needs a source."""
        nothing: tuple[object, ...] = ([], "unknown", Method.IMAP)
        return {
            key for key in SOURCED & self.given.keys() if self.given[key] not in nothing
        }

    def fact(self, entry: object) -> tuple[str, Fact]:
        match entry:
            case {"of": str(of), "source": str(source), **rest}:
                fact = self.checked_fact(source, rest)
            case _:
                raise self.broken("facts", "each must be { of, source, url, verified }")
        return of, fact

    def checked_fact(self, source: str, rest: Mapping[Any, Any]) -> Fact:
        if source not in {str(one) for one in Origin}:
            raise self.broken("facts", f"{source}: one of {', '.join(Origin)}")
        verified, url = rest.get("verified", False), rest.get("url", "")
        if rest.keys() - {"verified", "url"} or not isinstance(verified, bool):
            raise self.broken("facts", "each must be { of, source, url, verified }")
        if url and not LINK.fullmatch(url):
            raise self.broken("facts", f"{url} is not an https link")
        if verified and (source != Origin.VENDOR or not url):
            raise self.broken("facts", "verified needs a vendor page and its url")
        return Fact(Origin(source), verified, url)
