"""What is known of one provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from core.model import Method, Server


class UserName(StrEnum):
    """What to log in with."""

    ADDRESS = "address"
    LOCAL = "local"  # the part before the @
    UNKNOWN = "unknown"


class Need(StrEnum):
    """When an app password is needed instead of the usual one."""

    NEVER = "never"
    WITH_TWO_STEPS = "with_two_steps"  # once two-step verification is on
    ALWAYS = "always"
    UNKNOWN = "unknown"


class Origin(StrEnum):
    """Where a fact was taken from."""

    VENDOR = "vendor page"
    ISPDB = "ispdb"  # Thunderbird's public provider database
    NOTES = "interoperability notes"  # what other mail clients report
    DNS = "DNS practice"
    CODE = "public code"
    PAGE = "public page"  # of somebody else than the provider


@dataclass(frozen=True, slots=True)
class Fact:
    """How we know: `verified` only if the provider's own page at `url` says so."""

    source: Origin
    verified: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider of mailboxes; one block of `data/providers.toml`.

    `domains` may begin with "*." for any name below; `mx` are patterns of host names.
    `imap` and `smtp` are both None where there is no IMAP at all. `smtp_others` and
    `imap_others` (hosts) are further servers that do the same.
    `imap_switch`: IMAP must be switched on by the person; None is "not known".
    `password_hint` and `limits` are keys of texts (`hint.<key>`).
    `profile` names the row of `core.imap.profiles` that fits its servers.
    `facts` says for each kind of fact how we know it.
    """

    id: str
    name: str
    country: str
    domains: tuple[str, ...]
    mx: tuple[str, ...]
    method: Method
    imap: Server | None
    smtp: Server | None
    imap_others: tuple[str, ...]
    smtp_others: tuple[Server, ...]
    user_name: UserName
    imap_switch: bool | None
    imap_switch_url: str
    app_password: Need
    app_password_url: str
    password_hint: str
    limits: tuple[str, ...]
    help_url: str
    profile: str
    facts: Mapping[str, Fact] = field(hash=False)

    @property
    def verified(self) -> bool:
        """Tell whether the provider's own pages state its servers."""
        return all(self._fact_of(key).verified for key in ("imap", "smtp"))

    @property
    def doubtful(self) -> bool:
        """Tell whether the servers come from people who are not in charge of them.

        The public provider database is kept with care and used by many: not doubted.
        """
        kept = {Origin.VENDOR, Origin.ISPDB}
        known = [self.facts[key] for key in ("imap", "smtp") if key in self.facts]
        return any(fact.source not in kept for fact in known)

    def _fact_of(self, key: str) -> Fact:
        return self.facts.get(key, Fact(Origin.CODE))
