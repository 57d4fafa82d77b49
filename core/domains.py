"""Domains of addresses, and the part of each that somebody registered. Pure."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache

from publicsuffixlist import PublicSuffixList

BRACKETED = re.compile(r"<([^<>\s]+@[^<>\s]+)>(?=, |$)")
BARE = re.compile(r"[^<>\s,]+@[^<>\s,]+")


def addresses_in(shown: str) -> tuple[str, ...]:
    """Give the addresses of a list as it is kept: "Name <address>, address, …".

    A name may have commas in it, and an "@": what stands in brackets goes before.
    """
    found, at = [], 0
    for one in BRACKETED.finditer(shown):
        *others, _name = shown[at : one.start()].split(", ")
        found += [*filter(BARE.fullmatch, others), one[1]]
        at = one.end() + 2
    rest = shown[at:].split(", ") if at < len(shown) else []
    return (*found, *filter(BARE.fullmatch, rest))


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
