"""What a provider needs, in words, as soon as the address is typed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from core.model import Method
from core.providers.provider import Need, Provider, UserName

# Limits that decide what else is told: no servers at all; servers on one's computer.
NO_IMAP = "no_imap"
LOCAL_PROGRAM = "local_program"


@dataclass(frozen=True, slots=True)
class Hint:
    """Something to tell: text `hint.<key>` with `facts`, and a link (may be "")."""

    key: str
    url: str = ""
    facts: Mapping[str, str] = field(default_factory=dict, hash=False)


def hints(provider: Provider, address: str) -> tuple[Hint, ...]:
    """Say what this provider needs for this address, in the order to be shown."""
    facts = {
        "provider": provider.name,
        "address": address,
        "login": login_of(provider, address),
    }
    return tuple(Hint(key, url, facts) for key, url in _told(provider, address))


def login_of(provider: Provider, address: str) -> str:
    """Give the user name to log in with; the address where it is not known.

    The part before the @ is enough only where the domain is the provider's own.
    """
    local, _, domain = address.rpartition("@")
    own = domain.strip().rstrip(".").lower() in provider.domains
    return local if provider.user_name is UserName.LOCAL and own else address


def _told(provider: Provider, address: str) -> Iterator[tuple[str, str]]:
    if NO_IMAP in provider.limits:
        yield NO_IMAP, provider.help_url
        return
    match provider.method:
        case Method.GOOGLE:
            yield from _google(provider)
        case Method.MICROSOFT:
            yield "microsoft_button", ""
            yield "microsoft_passwords", provider.help_url
        case Method.IMAP:
            yield from _by_password(provider, address)
    for limit in provider.limits:
        yield limit, provider.help_url
    if provider.doubtful and LOCAL_PROGRAM not in provider.limits:
        yield "unverified", provider.help_url


def _google(provider: Provider) -> Iterator[tuple[str, str]]:
    yield "google_button", ""
    if provider.app_password is not Need.NEVER:
        yield "app_password_instead", provider.app_password_url


def _by_password(provider: Provider, address: str) -> Iterator[tuple[str, str]]:
    if provider.imap_switch:
        yield "imap_switch", provider.imap_switch_url
    match provider.app_password:
        case Need.ALWAYS:
            key = provider.password_hint or "app_password_always"
            yield key, provider.app_password_url
        case Need.WITH_TWO_STEPS:
            yield "app_password_two_steps", provider.app_password_url
        case Need.NEVER | Need.UNKNOWN:
            pass
    if login_of(provider, address) != address:
        yield "user_name_local", ""
    elif provider.user_name is UserName.UNKNOWN:
        yield "user_name_unknown", ""
