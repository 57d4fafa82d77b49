"""The catalogue: all providers, found by address, by MX or by server."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path

from core.providers.provider import Provider
from core.providers.reading import read


class Catalogue:
    """Providers in the order of the file; where two fit, the earlier one is given."""

    def __init__(self, providers: Iterable[Provider]) -> None:
        """Index the providers, which have been read and checked."""
        self.providers = tuple(providers)
        backwards = self.providers[::-1]  # so that the first one stays
        self._by_id = {p.id: p for p in backwards}
        self._by_domain = {d: p for p in backwards for d in p.domains}
        self._by_host = {h: p for p in backwards for h in _imap_hosts(p)}

    def by_id(self, id: str) -> Provider | None:  # noqa: A002 - it is one
        """Find a provider by its id."""
        return self._by_id.get(id)

    def of_domain(self, domain: str) -> Provider | None:
        """Find who has the addresses of a domain (ASCII, as in DNS)."""
        name = _plain(domain)
        _, _, rest = name.partition(".")
        return self._by_domain.get(name) or self._by_domain.get(f"*.{rest}")

    def of_mx(self, hosts: Iterable[str]) -> Provider | None:
        """Find who receives the mail of a domain: the first host that is known."""
        for host in map(_plain, hosts):
            for provider in self.providers:
                if any(fnmatchcase(host, pattern) for pattern in provider.mx):
                    return provider
        return None

    def of_host(self, imap_host: str) -> Provider | None:
        """Find whose IMAP server a host is."""
        return self._by_host.get(_plain(imap_host))


@cache
def catalogue() -> Catalogue:
    """Load the catalogue once; raises `CatalogueBroken` naming the block and key."""
    return Catalogue(read(tomllib.loads(_file().read_text(encoding="utf-8"))))


def _file() -> Path:
    """Give the file that was installed with us, or the one of this checkout."""
    here = Path(__file__).parent
    installed = here / "providers.toml"
    return (
        installed if installed.exists() else here.parents[1] / "data" / "providers.toml"
    )


def _imap_hosts(provider: Provider) -> tuple[str, ...]:
    own = (provider.imap.host,) if provider.imap else ()
    return own + provider.imap_others


def _plain(name: str) -> str:
    return name.strip().rstrip(".").lower()
