"""Discovery by DNS, and by trying hosts; pages are in test_published.py."""

from collections.abc import Iterator

import pytest

from core.discovery import Source
from core.errors import BadInput
from core.model import Method, Security, Server
from core.providers import Provider, UserName, catalogue
from tests.certificates import DOMAIN, Certificates
from tests.servers.dovecot import Dovecot
from tests.servers.looking import (
    CLOSED,
    HOSTS,
    LOCAL,
    OWN,
    World,
    config,
    looking,
)
from tests.servers.names import SERVFAIL, SILENT
from tests.servers.scripted import serve
from tests.servers.smtp import Submission
from tests.servers.steps import Close, Send, Stall

IMAP, SMTP = Server(f"imap.{DOMAIN}", 993), Server(f"smtp.{DOMAIN}", 465)


@pytest.fixture
def world(certificates: Certificates) -> Iterator[World]:
    with looking(certificates) as made:
        yield made


# ---- DNS


@pytest.mark.parametrize(
    ("exchanger", "method"),
    [
        ("aspmx.l.google.com", Method.GOOGLE),
        ("a-example.mail.protection.outlook.com", Method.MICROSOFT),
    ],
)
def test_an_own_domain_at_google_or_microsoft(
    world: World, exchanger: str, method: Method
) -> None:
    provider = catalogue().of_mx([exchanger])
    assert provider
    world.domain(f"MX 1 {exchanger}.")
    found = world.widely()
    assert (found.method, found.provider) == (method, provider.id)
    assert found.candidates[0].source is Source.MX
    assert world.site.asked == []  # the button is next: nobody else was asked


def test_an_own_domain_where_there_is_no_imap(world: World) -> None:
    none = next(p for p in catalogue().providers if p.mx and p.imap is None)
    world.domain(f"MX 1 {none.mx[0].replace('*', 'mx')}.")
    world.names.records[f"_imaps._tcp.{DOMAIN}"] = [f"SRV 0 0 993 imap.{DOMAIN}."]
    for found in (world.by_dns(), world.widely()):
        assert (found.provider, found.candidates) == (none.id, ())
    assert world.site.asked == []


def test_an_own_domain_at_a_provider_of_the_catalogue(world: World) -> None:
    provider = next(p for p in catalogue().providers if _by_mx(p))
    host = provider.mx[0].replace("*", "mx1")
    world.domain("MX 5 unknown.example.", f"MX 10 {host}.")
    found = world.by_dns()
    assert (found.method, found.provider) == (None, provider.id)
    best = found.candidates[0]
    assert (best.source, best.imap, best.name) == (
        Source.MX,
        provider.imap,
        provider.name,
    )


def _by_mx(provider: Provider) -> bool:
    return bool(provider.mx and provider.imap) and provider.method is Method.IMAP


def test_a_domain_that_takes_no_mail(world: World) -> None:
    world.domain("MX 0 .")
    world.publish(OWN, config())
    found = world.widely()
    assert (found.takes_mail, found.candidates) == (False, ())
    assert world.site.asked == []


def test_a_domain_that_does_not_exist(world: World) -> None:
    found = world.widely("ana@nowhere.test")
    assert (found.candidates, found.takes_mail) == ((), True)
    assert world.outcomes(Source.MX) == {"host_unknown"}
    assert world.outcomes(Source.GUESS) == set()


def test_srv_records_by_priority(world: World) -> None:
    world.names.records |= {
        f"_imaps._tcp.{DOMAIN}": [
            f"SRV 20 0 993 mail.{DOMAIN}.",
            f"SRV 10 0 993 imap.{DOMAIN}.",
        ],
        f"_submissions._tcp.{DOMAIN}": ["SRV 0 0 0 ."],
        f"_submission._tcp.{DOMAIN}": [f"SRV 0 0 587 smtp.{DOMAIN}."],
    }
    (best,) = world.by_dns().candidates
    assert (best.source, best.imap, best.elsewhere) == (Source.SRV, IMAP, False)
    assert best.smtp == Server(f"smtp.{DOMAIN}", 587, Security.STARTTLS)
    assert best.user_name is UserName.UNKNOWN
    assert world.site.connections == 0


@pytest.mark.parametrize("trouble", [SERVFAIL, SILENT])
def test_no_dns_to_be_had(world: World, trouble: str) -> None:
    world.request_s = 0.4
    world.names.records = {
        name: [trouble] for name in (DOMAIN, f"_imaps._tcp.{DOMAIN}", *HOSTS)
    }
    found = world.widely()
    assert (found.candidates, found.takes_mail) == ((), True)
    assert world.outcomes(Source.MX) == {"dns_silent"}
    assert "dns_silent" in world.outcomes(Source.SRV)
    assert world.outcomes(Source.AUTOCONFIG) == {"dns_silent"}


# ---- guesses


def test_a_guess_is_a_server_that_greets(
    world: World, dovecot: Dovecot, submission: Submission
) -> None:
    account = dovecot.mailbox()
    world.imap_ports = (account.imap_port, account.starttls_port)
    world.smtp_ports = (submission.port, submission.starttls_port)
    world.names.records |= {f"mail.{DOMAIN}": LOCAL, f"smtp.{DOMAIN}": LOCAL}
    (best,) = world.widely().candidates
    assert (best.source, best.verified) == (Source.GUESS, True)
    assert best.imap == Server(f"mail.{DOMAIN}", account.imap_port)
    assert best.smtp == Server(f"smtp.{DOMAIN}", submission.port)


def test_a_guess_by_starttls(
    world: World, dovecot: Dovecot, submission: Submission
) -> None:
    account = dovecot.mailbox()
    world.imap_ports = (world.imap_ports[0], account.starttls_port)
    world.smtp_ports = (world.smtp_ports[0], submission.starttls_port)
    world.names.records |= {f"mail.{DOMAIN}": LOCAL}
    (best,) = world.widely().candidates
    assert best.imap.security is best.smtp.security is Security.STARTTLS


def test_a_domain_that_offers_no_imap_is_not_guessed_at(
    world: World, dovecot: Dovecot
) -> None:
    world.imap_ports = (dovecot.mailbox().imap_port, 1)
    world.names.records |= {
        f"imap.{DOMAIN}": LOCAL,
        f"_imaps._tcp.{DOMAIN}": ["SRV 0 0 0 ."],
    }
    assert world.widely().candidates == ()
    assert world.outcomes(Source.GUESS) == set()


def test_refused_silent_and_cut_look_alike(world: World) -> None:
    """THREATS T19: nobody learns from us what listens where."""
    world.request_s = 0.6
    world.names.records |= {f"imap.{DOMAIN}": LOCAL, f"smtp.{DOMAIN}": LOCAL}
    with serve(Stall()) as silent, serve(Close()) as cut:
        for port in (CLOSED, silent.port, cut.port):
            world.told.clear()
            world.imap_ports = world.smtp_ports = (port, CLOSED)
            world.widely()
            told = {a.what: a.outcome for a in world.told if a.source is Source.GUESS}
            assert told[f"imap.{DOMAIN}"] == told[f"smtp.{DOMAIN}"] == "unreachable"


def test_a_server_of_another_kind_is_no_guess(
    world: World, certificates: Certificates
) -> None:
    banner = b"SSH-2.0-secret-banner"
    with serve(Send(banner + b"\r\n"), tls=certificates.good) as other:
        world.imap_ports = (other.port, 1)
        world.names.records |= {f"imap.{DOMAIN}": LOCAL}
        found = world.widely()
    assert found.candidates == ()
    assert "banner" not in repr(found)


def test_most_domains_have_nothing_to_find(world: World) -> None:
    assert world.widely().candidates == ()
    sources = {asked.source for asked in world.told}
    assert sources == set(Source) - {Source.CATALOGUE}
    assert {asked.outcome for asked in world.told} == {"nothing"}


def test_what_is_no_address_is_told_at_once(world: World) -> None:
    with pytest.raises(BadInput):
        world.widely("ana@localhost")
    assert (world.told, world.names.asked) == ([], [])


def test_without_a_database_nobody_else_is_asked(world: World) -> None:
    world.database = False
    world.domain("MX 10 mx.hoster.com.br.", *LOCAL)
    world.widely()
    assert world.outcomes(Source.DATABASE) == set()
    assert not any("database" in name for name, _ in world.names.asked)
