"""The catalogue of providers: forty addresses, lookups, and every block."""

from __future__ import annotations

import tomllib
from collections import Counter
from pathlib import Path

import pytest

from core.i18n import LANGUAGES, Texts
from core.imap import profiles
from core.model import Security, Server
from core.providers import (
    Catalogue,
    Origin,
    Provider,
    catalogue,
    hints,
    login_of,
)
from tests.unit.provider_addresses import ADDRESSES, Known

ROOT = Path(__file__).parents[2]
PROVIDERS = catalogue().providers
PROFILES = {profile.name for _, profile in profiles.TABLE} | {"usual"}
SECURITY = {
    993: Security.TLS,
    143: Security.STARTTLS,
    465: Security.TLS,
    587: Security.STARTTLS,
}

every_block = pytest.mark.parametrize("provider", PROVIDERS, ids=lambda p: p.id)


# ---- addresses


def found(known: Known) -> Provider:
    by_domain = catalogue().of_domain(known.address.partition("@")[2])
    provider = catalogue().of_mx([known.mx]) if known.mx else by_domain
    assert provider
    assert by_domain is None or not known.mx
    return provider


def shown(server: Server | None) -> str:
    return f"{server.host}:{server.port}" if server else ""


def test_there_are_forty_addresses():
    assert len(ADDRESSES) >= 40


@pytest.mark.parametrize("known", ADDRESSES, ids=lambda k: k.mx or k.address)
def test_an_address_leads_to_its_servers(known: Known):
    provider = found(known)
    assert (provider.id, shown(provider.imap), shown(provider.smtp)) == known[1:4]
    assert login_of(provider, known.address) == known.login


@pytest.mark.parametrize("known", ADDRESSES, ids=lambda k: k.mx or k.address)
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_address_is_told_what_it_needs(known: Known, language: str):
    t = Texts(language)
    told = hints(found(known), known.address)
    assert " ".join(hint.key for hint in told) == known.hints
    for hint in told:
        text = t(f"hint.{hint.key}", **hint.facts)
        assert text != f"hint.{hint.key}"
        assert "{" not in text


# ---- lookups


@pytest.mark.parametrize(
    "domain", ["empresa.com.br", "sub.gmail.com", "", "onmicrosoft.com"]
)
def test_a_domain_that_is_not_in_it(domain: str):
    assert catalogue().of_domain(domain) is None


@pytest.mark.parametrize(
    "mx",
    [
        "google.com.evil.example",
        "vps-1.vps.ovh.net",
        "static.1.clients.your-server.de",
        "",
        "aspmx.l.google.com.br",
    ],
)
def test_a_mail_exchanger_that_is_not_in_it(mx: str):
    assert catalogue().of_mx([mx]) is None


def test_the_first_known_exchanger_counts():
    provider = catalogue().of_mx(
        ["filter.example", "mx1.titan.email", "smtp.google.com"]
    )
    assert provider
    assert provider.id == "titan"


@pytest.mark.parametrize(
    ("host", "id_"),
    [
        ("IMAP.Gmail.com.", "google"),
        ("imap.googlemail.com", "google"),
        ("imap-mail.outlook.com", "outlook"),
        ("outlook.office365.com", "microsoft-365"),
        ("imap.uol.com.br", "uol"),
        ("imap.titan.email", "titan"),
    ],
)
def test_a_server_tells_its_provider(host: str, id_: str):
    provider = catalogue().of_host(host)
    assert provider
    assert provider.id == id_


def test_an_id_tells_its_provider():
    assert all(catalogue().by_id(p.id) is p for p in PROVIDERS)
    assert catalogue().by_id("nobody") is None
    assert catalogue().of_host("imap.empresa.com.br") is None


def test_the_local_part_is_for_the_providers_own_domains():
    uol = catalogue().by_id("uol")
    assert uol
    assert login_of(uol, "ana@uol.com.br") == "ana"
    assert login_of(uol, "ana@UOL.com.br.") == "ana"
    assert login_of(uol, "ana@empresa.com.br") == "ana@empresa.com.br"


def test_links_go_with_what_they_are_about():
    zoho = catalogue().by_id("zoho")
    assert zoho
    links = {hint.key: hint.url for hint in hints(zoho, "ana@zoho.com")}
    assert links["imap_switch"] == zoho.imap_switch_url != ""
    assert links["app_password_two_steps"] == zoho.app_password_url != ""


# ---- every block


def test_it_is_large_and_brazil_comes_first():
    assert len(PROVIDERS) >= 70
    assert [p.country for p in PROVIDERS[:5]] == ["BR"] * 5


def test_a_wheel_has_it_where_it_is_looked_for():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {
        "data/providers.toml": "core/providers/providers.toml"
    }


def test_no_domain_is_twice():
    domains = Counter(d for p in PROVIDERS for d in p.domains)
    assert [d for d, n in domains.items() if n > 1] == []


def test_mx_patterns_do_not_overlap():
    for provider in PROVIDERS:
        for pattern in provider.mx:
            for filled in ("x", "x1", "mx", "a.b"):
                host = pattern.replace("*", filled).replace("?", "1")
                owners = [p.id for p in PROVIDERS if Catalogue([p]).of_mx([host])]
                assert owners == [provider.id], host


@every_block
def test_ports_and_security_fit(provider: Provider):
    imap, smtp = provider.imap, provider.smtp
    if imap is None or smtp is None:
        assert (imap, smtp) == (None, None)
        assert provider.limits == ("no_imap",)
        return
    if imap.host == "127.0.0.1":
        assert "local_program" in provider.limits
        return
    assert imap.port in {993, 143}
    assert all(s.port in {465, 587} for s in (smtp, *provider.smtp_others))
    for server in (imap, smtp, *provider.smtp_others):
        assert SECURITY[server.port] == server.security


@every_block
def test_a_provider_can_be_found(provider: Provider):
    assert provider.domains or provider.mx or provider.id == "hostgator"


@every_block
def test_its_profile_is_the_one_that_its_host_gets(provider: Provider):
    assert provider.profile in PROFILES
    if provider.imap:
        chosen = profiles.choose(provider.imap.host).name
        by_greeting = provider.id == "proton"  # a program tells by its greeting only
        assert chosen == ("usual" if by_greeting else provider.profile)


@every_block
def test_its_words_are_there_in_every_language(provider: Provider):
    keys = {*provider.limits, provider.password_hint} - {""}
    keys |= {hint.key for hint in hints(provider, "ana@empresa.com.br")}
    for language in LANGUAGES:
        t = Texts(language)
        assert [key for key in keys if not t.has(f"hint.{key}")] == []


@every_block
def test_only_a_vendor_page_verifies(provider: Provider):
    for fact in provider.facts.values():
        assert not fact.verified or (fact.source is Origin.VENDOR and fact.url)


@every_block
def test_a_link_is_given_where_something_has_to_be_made(provider: Provider):
    links = (provider.imap_switch_url, provider.app_password_url, provider.help_url)
    assert all(link.startswith("https://") for link in links if link)


def test_every_text_is_used():
    used = {hint.key for p in PROVIDERS for hint in hints(p, f"ana@{_domain(p)}")}
    texts = {
        key.removeprefix("hint.")
        for key in Texts("en")._texts
        if key.startswith("hint.")
    }
    assert texts == used


def _domain(provider: Provider) -> str:
    return provider.domains[0] if provider.domains else "empresa.com.br"
