"""Blocks of the catalogue that cannot be used are refused, by name and key."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import CatalogueBroken
from core.model import Method
from core.providers import Need, UserName, read

SERVERS = {
    "imap": {"host": "imap.example.com", "port": 993, "security": "tls"},
    "smtp": {"host": "smtp.example.com", "port": 587, "security": "starttls"},
}
GOOD: dict[str, Any] = {
    "name": "Example",
    "country": "BR",
    "domains": ["example.com"],
    **SERVERS,
    "facts": [{"of": "domains imap smtp", "source": "public code"}],
}
NO_IMAP = {"of": "domains imap smtp limits", "source": "public code"}


def test_a_block_of_the_least_keys():
    (provider,) = read({"example": GOOD})
    assert provider.method is Method.IMAP
    assert provider.user_name is UserName.UNKNOWN
    assert provider.app_password is Need.UNKNOWN
    assert (provider.imap_switch, provider.profile) == (None, "usual")
    assert not provider.verified
    assert provider.doubtful


@pytest.mark.parametrize(
    ("key", "changes"),
    [
        ("colour", {"colour": "blue"}),
        ("name", {"name": " "}),
        ("name", {"name": 7}),
        ("country", {"country": "Brasil"}),
        ("domains", {"domains": "example.com"}),
        ("domains", {"domains": ["Example.com"]}),
        ("domains", {"domains": ["localhost"]}),
        ("domains", {"domains": ["example.com", "example.com"]}),
        ("mx", {"mx": ["*"]}),
        ("mx", {"mx": ["*.com"]}),
        ("method", {"method": "pop"}),
        ("imap", {"imap": {**SERVERS["imap"], "port": 143}}),
        ("imap", {"imap": {**SERVERS["imap"], "port": 0}}),
        ("imap", {"imap": {**SERVERS["imap"], "host": "127.0.0.1"}}),
        ("imap", {"imap": {**SERVERS["imap"], "host": "https://example.com"}}),
        ("imap", {"imap": "imap.example.com:993"}),
        ("imap", {"imap": None, "facts": [{"of": "domains smtp", "source": "ispdb"}]}),
        ("smtp", {"smtp": {**SERVERS["smtp"], "security": "none"}}),
        ("limits", {"limits": ["no_imap"], "facts": [NO_IMAP]}),
        ("limits", {"limits": ["No IMAP!"]}),
        ("user_name", {"user_name": "login"}),
        ("imap_switch", {"imap_switch": "yes"}),
        ("imap_switch_url", {"imap_switch_url": "https://example.com/imap"}),
        ("app_password", {"app_password": "sometimes"}),
        ("help_url", {"help_url": "http://example.com/"}),
        ("facts", {"facts": []}),
        ("facts", {"user_name": "local"}),
        ("facts", {"facts": [{"of": "domains imap smtp mx", "source": "ispdb"}]}),
        ("facts", {"facts": [{"of": "domains imap smtp", "source": "hearsay"}]}),
        ("facts", {"facts": [*GOOD["facts"], {"of": "imap", "source": "ispdb"}]}),
        ("facts", {"facts": [{**GOOD["facts"][0], "verified": True}]}),
        ("facts", {"facts": [{**GOOD["facts"][0], "url": "http://example.com/"}]}),
        ("facts", {"facts": [{**GOOD["facts"][0], "seen": "yesterday"}]}),
        ("facts", {"facts": ["ispdb"]}),
    ],
)  # fmt: skip
def test_a_broken_block_is_named_with_its_key(key: str, changes: dict[str, Any]):
    block = {k: v for k, v in {**GOOD, **changes}.items() if v is not None}
    with pytest.raises(CatalogueBroken) as caught:
        read({"example": block})
    assert (caught.value.facts["block"], caught.value.facts["key"]) == ("example", key)
    assert "example" in caught.value.detail
    assert caught.value.facts["problem"]


@pytest.mark.parametrize("id_", ["Example", "my provider", ""])
def test_a_block_needs_a_plain_id(id_: str):
    with pytest.raises(CatalogueBroken):
        read({id_: GOOD})


def test_a_domain_of_two_blocks_is_named():
    with pytest.raises(CatalogueBroken, match=r"\[other\] domains: .*example already"):
        read({"example": GOOD, "other": GOOD})


def test_servers_of_a_vendor_page_are_verified():
    page = {"source": "vendor page", "url": "https://example.com/", "verified": True}
    facts = [{"of": "domains imap smtp", **page}]
    (provider,) = read({"example": {**GOOD, "facts": facts}})
    assert provider.verified
    assert not provider.doubtful
