"""Settings that domains and the public database publish by https, and liars."""

import time
from collections.abc import Iterator

import pytest

from core.discovery import Source
from core.discovery.pages import PAGE_BYTES
from core.model import Server
from core.network import resolve
from core.providers import UserName
from tests.certificates import DOMAIN, Certificates
from tests.servers.looking import (
    DATABASE,
    HOSTS,
    KNOWN,
    LOCAL,
    OWN,
    World,
    config,
    looking,
)
from tests.servers.names import Turns
from tests.servers.pages import Page, moved

IMAP, SMTP = Server(f"imap.{DOMAIN}", 993), Server(f"smtp.{DOMAIN}", 465)


@pytest.fixture
def world(certificates: Certificates) -> Iterator[World]:
    with looking(certificates) as made:
        yield made


@pytest.mark.parametrize(
    ("where", "source"),
    [
        (OWN, Source.AUTOCONFIG),
        (KNOWN, Source.WELL_KNOWN),
        (f"{DATABASE}/v1.1/{DOMAIN}", Source.DATABASE),
    ],
)
def test_settings_that_somebody_publishes(
    world: World, where: str, source: Source
) -> None:
    world.publish(where, config(user="%EMAILLOCALPART%"))
    (best,) = world.widely().candidates
    assert (best.source, best.imap, best.smtp) == (source, IMAP, SMTP)
    assert (best.user_name, best.verified) == (UserName.LOCAL, False)
    assert world.outcomes(source) == {"found"}
    assert "found" not in world.outcomes(Source.GUESS)


def test_the_database_is_asked_for_who_takes_the_mail(world: World) -> None:
    world.domain("MX 10 mx1.in.hoster.com.br.", *LOCAL)
    world.publish(f"{DATABASE}/v1.1/hoster.com.br", config())
    assert [one.source for one in world.widely().candidates] == [Source.DATABASE]
    asked = [place for place in world.site.asked if place.startswith(DATABASE)]
    assert sorted(asked) == [
        f"{DATABASE}/v1.1/{name}" for name in (DOMAIN, "hoster.com.br")
    ]


def test_all_who_know_something_in_order(world: World) -> None:
    world.names.records[f"_imaps._tcp.{DOMAIN}"] = [f"SRV 0 0 993 srv.{DOMAIN}."]
    world.publish(OWN, config("own"))
    world.publish(KNOWN, config("known"))
    world.publish(f"{DATABASE}/v1.1/{DOMAIN}", config("database"))
    hosts = [one.imap.host.partition(".")[0] for one in world.widely().candidates]
    assert hosts == ["own", "known", "srv", "database"]


def test_an_international_domain_is_asked_as_dns_knows_it(world: World) -> None:
    domain = f"xn--aa-4iaz.{DOMAIN}"
    world.allowed.add(f"autoconfig.{domain}")
    with_mail = f"autoconfig.{domain}/mail/config-v1.1.xml"
    world.publish(with_mail, config())
    found = world.widely(f"ana@Açaí.{DOMAIN}")
    assert found.domain == domain
    assert (domain, "MX") in world.names.asked


def test_a_moved_page_is_followed(world: World) -> None:
    world.publish(OWN, moved("/elsewhere", 301))
    here = f"https://autoconfig.{DOMAIN}:{world.site.port}"
    world.site.pages[f"autoconfig.{DOMAIN}/elsewhere"] = moved(f"{here}/there")
    world.site.pages[f"autoconfig.{DOMAIN}/there"] = moved("x")
    world.publish(f"autoconfig.{DOMAIN}/x", config())
    assert world.widely().candidates[0].source is Source.AUTOCONFIG


def test_no_more_than_three_redirects(world: World) -> None:
    path = f"autoconfig.{DOMAIN}/again"
    world.publish(OWN, moved("/again"))
    world.site.pages[path] = moved("/again")
    assert world.widely().candidates == ()
    assert world.outcomes(Source.AUTOCONFIG) == {"limit_exceeded"}
    assert world.site.asked.count(path) == 3


@pytest.mark.parametrize(
    ("to", "outcome"),
    [
        ("http://mail.example.test:{port}/x", "protocol_broken"),
        ("ftp://mail.example.test:{port}/x", "protocol_broken"),
        ("https://user:pw@mail.example.test:{port}/x", "protocol_broken"),
        ("https://mail.example.test:22/x", "protocol_broken"),
        ("https://mail.example.test:99999/x", "protocol_broken"),
        ("https://[::1]/x", "protocol_broken"),
        ("https://127.1:{port}/x", "protocol_broken"),
        ("https://127.0.0.1:{port}/x", "address_not_allowed"),
        ("https://inside.example.test:{port}/x", "address_not_allowed"),
        ("https://turning.example.test:{port}/x", "address_not_allowed"),
        ("https://mail.example.test:{port}/x", "address_not_allowed"),
        ("https://gone.example.test:{port}/x", "nothing"),
        ("/a b", "protocol_broken"),
    ],
)
def test_redirects_that_lead_astray(world: World, to: str, outcome: str) -> None:
    world.names.records[f"inside.{DOMAIN}"] = LOCAL  # no setting names it
    world.names.records[f"turning.{DOMAIN}"] = Turns(["A 8.8.8.8"], LOCAL)
    assert resolve(Server(f"turning.{DOMAIN}", 443), world.policy) == ["8.8.8.8"]
    world.publish(OWN, moved(to.format(port=world.site.port)))
    world.publish(f"mail.{DOMAIN}/x", config())
    assert world.widely().candidates == ()
    assert world.outcomes(Source.AUTOCONFIG) == {outcome}
    assert not any(place.endswith("/x") for place in world.site.asked)


BIG = b" " * (PAGE_BYTES + 1)


@pytest.mark.parametrize(
    ("page", "outcome"),
    [
        (Page(status=404), "nothing"),
        (Page(config(), status=500), "nothing"),
        (Page(b"<html>It works!</html>"), "protocol_broken"),
        (Page(config() + BIG), "limit_exceeded"),
        (Page(config() + BIG, length=False), "limit_exceeded"),
        (Page(b"x" * 4096, endless=True), "limit_exceeded"),
        (Page(config().replace(b"SSL", b"plain")), "nothing"),
        (Page(config().replace(b"imap.", b"https://imap.")), "nothing"),
        (Page(config(), headers={"X-Long": "x" * 70_000}), "protocol_broken"),
        (
            Page(config(), headers={f"X-{n}": "x" for n in range(200)}),
            "protocol_broken",
        ),
    ],
)
def test_pages_that_tell_nothing(world: World, page: Page, outcome: str) -> None:
    world.publish(OWN, page)
    assert world.widely().candidates == ()
    assert world.outcomes(Source.AUTOCONFIG) == {outcome}


@pytest.mark.parametrize("length", [True, False])
def test_a_page_that_comes_drop_by_drop(world: World, length: bool) -> None:
    world.request_s = 0.8
    world.publish(OWN, Page(config(), pause_s=0.1, length=length))
    world.publish(KNOWN, config("known"))
    began = time.monotonic()
    found = world.widely()
    assert time.monotonic() - began < 3
    assert [one.source for one in found.candidates] == [Source.WELL_KNOWN]
    assert world.outcomes(Source.AUTOCONFIG) == {"unreachable"}


def test_the_whole_search_ends_in_time(world: World) -> None:
    world.request_s, world.whole_s = 5.0, 0.8
    world.publish(OWN, Page(config(), pause_s=0.1))
    began = time.monotonic()
    assert world.widely().candidates == ()
    assert time.monotonic() - began < 2
    assert "unreachable" in world.outcomes(Source.AUTOCONFIG)


@pytest.mark.parametrize(
    ("pair", "outcome"),
    [
        ("wrong_host", "certificate_of_another"),
        ("expired", "certificate_expired"),
        ("self_signed", "certificate_unknown"),
    ],
)
def test_a_page_without_a_good_certificate_is_not_read(
    certificates: Certificates, pair: str, outcome: str
) -> None:
    with looking(certificates, getattr(certificates, pair)) as world:
        world.publish(OWN, config())
        assert world.widely().candidates == ()
        assert world.outcomes(Source.AUTOCONFIG) == {outcome}
        assert world.site.asked == []


def test_hosts_inside_are_not_connected_to(world: World) -> None:
    """THREATS T19: every name leads to loopback, and no setting allows it."""
    world.allowed = {DATABASE}
    for where in (OWN, KNOWN):
        world.publish(where, config())
    for host in HOSTS:
        world.names.records[host] = LOCAL
    assert world.widely().candidates == ()
    for source in (Source.AUTOCONFIG, Source.WELL_KNOWN, Source.GUESS):
        assert world.outcomes(source) == {"address_not_allowed"}
    assert all(place.startswith(DATABASE) for place in world.site.asked)
