"""The providers we know: servers, what they want from a person, and how we know it.

Facts live in `data/providers.toml`, one block per provider (docs/reference/providers.md
says how to write one); nothing here knows a provider by name. Pure, but for reading
that file once.
"""

from core.providers.catalogue import Catalogue, catalogue
from core.providers.hints import Hint, hints, login_of
from core.providers.provider import Fact, Need, Origin, Provider, UserName
from core.providers.reading import read

__all__ = [
    "Catalogue",
    "Fact",
    "Hint",
    "Need",
    "Origin",
    "Provider",
    "UserName",
    "catalogue",
    "hints",
    "login_of",
    "read",
]
