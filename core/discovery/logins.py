"""The user name that goes with servers that were found. Pure."""

from __future__ import annotations

from core import providers
from core.discovery.found import Candidate
from core.providers import UserName


def login_for(one: Candidate, address: str) -> str:
    """Give the user name to log in with; the address where nobody says otherwise.

    What the domain publishes comes first, then what is known of the provider.
    """
    known = providers.catalogue().by_id(one.provider) if one.provider else None
    if known is not None and known.user_name is one.user_name:
        return providers.login_of(known, address)
    local = address.rpartition("@")[0]
    return local if one.user_name is UserName.LOCAL else address
