"""Domains of addresses, and the part of each that somebody registered. Pure."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList


def domain_of(address: str) -> str:
    """Give what stands behind the last "@" of an address; empty where there is none."""
    _, at, domain = address.rpartition("@")
    return domain.lower().rstrip(".") if at else ""


@lru_cache(20_000)
def registered(domain: str) -> str:
    """Give the domain that was registered: "mail.acme.com.br" is of "acme.com.br".

    What lies under no public suffix, as names within a company, is its own; and so is
    an address of the network (RFC 5321 §4.1.3), whose last part is a number.
    """
    if domain.rpartition(".")[2].rstrip("]").isdigit():
        return domain
    return _suffixes().privatesuffix(domain) or domain


def registered_of(address: str) -> str:
    """Give the registered domain of an address; empty where it has none."""
    return registered(domain_of(address))


def is_internal(own: str, others: Collection[str]) -> bool:
    """Tell whether every address is of the registered domain of `own`; no if none."""
    mine = registered_of(own)
    return bool(others) and all(registered_of(other) == mine for other in others)


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
