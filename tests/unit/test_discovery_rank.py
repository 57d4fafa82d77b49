"""Discovery's decisions: which candidate comes first, what records and domains say."""

import random
from collections import Counter
from dataclasses import replace

import pytest

from core.discovery import Candidate, Source, at_once, records
from core.discovery.domains import domain_of, registered
from core.discovery.found import NOWHERE, concluded, outcome_of, ranked
from core.discovery.guesses import joined
from core.errors import (
    AddressNotAllowed,
    BadInput,
    CertificateExpired,
    ConnectionLost,
    DnsSilent,
    HostUnknown,
    MailError,
    NoAnswer,
    PortClosed,
    Unreachable,
)
from core.model import Method, Security, Server
from core.names import Service, in_order
from core.network import Policy
from core.providers import UserName, catalogue

IMAP, SMTP = Server("imap.a.example", 993), Server("smtp.a.example", 465)
OTHER = Server("mail.a.example", 993)
DOMAIN = "a.example"


def one(source: Source, imap: Server = IMAP, smtp: Server = SMTP) -> Candidate:
    return Candidate(source, imap, smtp)


# ---- order


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ("catalogue", "mx"),
        ("mx", "autoconfig"),
        ("autoconfig", "well_known"),
        ("well_known", "srv"),
        ("srv", "database"),
        ("database", "guess"),
    ],
)
def test_who_is_believed_first(better: str, worse: str) -> None:
    best, second = one(Source(better)), one(Source(worse), OTHER)
    assert ranked([second, best]) == (best, second)


def test_doubles_become_one_that_knows_what_both_know() -> None:
    srv = replace(one(Source.SRV), elsewhere=True)
    told = replace(one(Source.DATABASE), user_name=UserName.LOCAL)
    guess = replace(one(Source.GUESS), verified=True)
    assert ranked([guess, told, srv]) == (
        Candidate(Source.SRV, IMAP, SMTP, UserName.LOCAL, verified=True),
    )


def test_a_missing_half_comes_from_the_best_who_knows_it() -> None:
    half = one(Source.SRV, smtp=NOWHERE)
    guess = replace(one(Source.GUESS, NOWHERE, SMTP), verified=True)
    assert ranked([half, guess]) == (one(Source.SRV),)
    assert ranked([half]) == (half,)
    assert ranked([guess]) == ()


def test_guesses_are_joined_tls_first() -> None:
    late = Server("imap.a.example", 143, Security.STARTTLS)
    halves = [
        one(Source.GUESS, late, NOWHERE),
        one(Source.GUESS, OTHER, NOWHERE),
        one(Source.GUESS, NOWHERE, SMTP),
    ]
    made = Candidate(Source.GUESS, OTHER, SMTP, verified=True)
    assert joined(halves) == [made]
    assert joined([]) == []


def test_a_server_elsewhere_stays_one_where_it_completes_another() -> None:
    half = one(Source.AUTOCONFIG, IMAP, NOWHERE)
    srv = replace(one(Source.SRV, NOWHERE, SMTP), elsewhere=True)
    (best,) = ranked([half, srv])
    assert (best.source, best.smtp, best.elsewhere) == (Source.AUTOCONFIG, SMTP, True)


def test_servers_of_the_catalogue_are_recognised() -> None:
    google = catalogue().of_domain("gmail.com")
    assert google
    assert google.imap
    assert google.smtp
    led = one(Source.AUTOCONFIG, google.imap, google.smtp)
    found = concluded(DOMAIN, [one(Source.GUESS), led], (), catalogue())
    assert found.method is Method.GOOGLE
    assert found.provider == google.id
    assert found.candidates[0].user_name is UserName.ADDRESS


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (PortClosed(), "unreachable"),
        (NoAnswer(), "unreachable"),
        (ConnectionLost(), "unreachable"),
        (Unreachable(), "unreachable"),
        (HostUnknown(), "host_unknown"),
        (DnsSilent(), "dns_silent"),
        (AddressNotAllowed(), "address_not_allowed"),
        (CertificateExpired(), "certificate_expired"),
    ],
)
def test_refused_closed_and_filtered_look_alike(error: MailError, outcome: str) -> None:
    assert outcome_of(error) == outcome


# ---- domains


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("ana@a.example", "a.example"),
        (" Ana@A.Example. ", "a.example"),
        ("ana@correio.açaí.example", "correio.xn--aa-4iaz.example"),
        ('"a@b"@a.example', "a.example"),
    ],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain


@pytest.mark.parametrize(
    "address",
    [
        "", "ana", "@a.example", "ana@", "ana@localhost", "ana@127.0.0.1", "ana@[::1]",
        "ana@a.example/x", "ana@a.example:25", "ana@a b.example", "ana@a\r\n.example",
        "ana@..", "ana@" + "x" * 300 + ".example",
    ],
)  # fmt: skip
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(BadInput) as refused:
        domain_of(address)
    assert refused.value.field == "address"


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("mx1.mail.a.example", "a.example"),
        ("mx.locaweb.com.br", "locaweb.com.br"),
        ("mail.b.co.uk", "b.co.uk"),
        ("mx.b.de", "b.de"),
        ("com.br", "com.br"),
        ("single", "single"),
    ],
)
def test_the_registered_domain_of_a_host(host: str, domain: str) -> None:
    assert registered(host) == domain


def test_at_once_knows_the_catalogue_only() -> None:
    found = at_once("ana@GMAIL.com")
    assert found
    assert (found.method, found.domain) == (Method.GOOGLE, "gmail.com")
    assert [c.source for c in found.candidates] == [Source.CATALOGUE]
    uol = at_once("ana@uol.com.br")
    assert uol
    assert (uol.method, uol.provider != "") == (None, True)
    assert at_once("ana@a.example") is None
    assert at_once("ana@") is at_once("") is at_once("gmail.com") is None


def test_a_provider_without_imap_is_told_as_such() -> None:
    none = next(p for p in catalogue().providers if p.imap is None)
    found = at_once(f"ana@{none.domains[0]}")
    assert found
    assert (found.provider, found.candidates) == (none.id, ())


# ---- records


def srv(host: str, port: int = 993, priority: int = 0, weight: int = 0) -> Service:
    return Service(priority, weight, port, host)


def test_tls_from_the_first_byte_comes_first() -> None:
    told = {
        "_imap._tcp": [srv("old.a.example", 143)],
        "_imaps._tcp": [srv("imap.a.example")],
        "_submission._tcp": [srv("smtp.a.example", 587)],
        "_submissions._tcp": [srv("")],
    }
    candidate = records.of_services(DOMAIN, told, Policy())
    assert candidate == Candidate(
        Source.SRV, IMAP, Server("smtp.a.example", 587, Security.STARTTLS)
    )


@pytest.mark.parametrize(
    ("host", "elsewhere"),
    [("imap.a.example", False), ("imap.evil.example", True), ("xa.example", True)],
)
def test_a_target_in_another_domain_is_marked(host: str, elsewhere: bool) -> None:
    """RFC 6186 §6."""
    candidate = records.of_services(DOMAIN, {"_imaps._tcp": [srv(host)]}, Policy())
    assert candidate
    assert candidate.elsewhere is elsewhere


def test_a_target_that_cannot_be_used_leads_to_the_next() -> None:
    told = {
        "_imaps._tcp": [
            srv("127.1"), srv("a/b"), srv("imap.a.example", 22), srv("mail.a.example"),
        ]
    }  # fmt: skip
    candidate = records.of_services(DOMAIN, told, Policy())
    assert candidate
    assert candidate.imap == OTHER


def test_a_point_says_that_there_is_no_imap() -> None:
    assert records.has_no_imap({"_imaps._tcp": [srv("")]})
    assert not records.has_no_imap({"_imaps._tcp": [srv("")], "_imap._tcp": [srv("x")]})
    assert not records.has_no_imap({})
    assert records.of_services(DOMAIN, {"_imaps._tcp": [srv("")]}, Policy()) is None


def test_null_mx_counts_only_alone() -> None:
    assert not records.takes_mail([srv("", 25)])
    assert records.takes_mail([srv("", 25), srv("mx.a.example", 25)])
    assert records.takes_mail([])
    assert records.mail_hosts([srv("", 25), srv("a/../b.example", 25)]) == ()


def test_weights_share_the_load() -> None:
    """RFC 2782: within a priority, in proportion to the weights."""
    some = random.Random(7)
    group = [srv("a", weight=0), srv("b", weight=10), srv("c", weight=30)]
    later = srv("d", priority=5, weight=1000)
    first: Counter[str] = Counter()
    for _ in range(2000):
        order = [one.host for one in in_order([later, *group], some.random)]
        assert sorted(order) == ["a", "b", "c", "d"]
        assert order[-1] == "d"
        first[order[0]] += 1
    assert first["a"] < 20
    assert 2.5 < first["c"] / first["b"] < 3.6
