"""DNS: whom we ask, what its answers become, and where connections may go (T19)."""

import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core import names as asking
from core.errors import AddressNotAllowed, BadInput, DnsSilent, HostUnknown
from core.imap import greeting
from core.model import Server
from core.names import Dns, Service
from core.network import ADDRESSES_MAX, Policy, reach, resolve
from core.settings import read_settings
from tests.servers.installation import Installation
from tests.servers.names import (
    REFUSED,
    SERVFAIL,
    SILENT,
    TRUNCATED,
    Names,
    Turns,
    answering,
)

HOST = "imap.example.test"
PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:4700:4700::1111"


@pytest.fixture
def names() -> Iterator[Names]:
    with answering() as server:
        yield server


def policy(names: Names, *allowed: str, seconds: float = 5.0) -> Policy:
    return Policy(
        allow_hosts=frozenset(allowed),
        dns_server=names.place,
        connect_timeout_s=seconds,
    )


@pytest.mark.parametrize(
    ("records", "addresses"),
    [
        ([f"A {PUBLIC}"], [PUBLIC]),
        ([f"AAAA {OTHER_PUBLIC}"], [OTHER_PUBLIC]),
        ([f"AAAA {OTHER_PUBLIC}", f"A {PUBLIC}"], [PUBLIC, OTHER_PUBLIC]),
        ([TRUNCATED, f"A {PUBLIC}"], [PUBLIC]),
    ],
)
def test_every_address_is_asked_where_the_setting_says(
    names: Names, records: list[str], addresses: list[str]
) -> None:
    names.records[HOST] = records
    assert resolve(Server(HOST, 993), policy(names)) == addresses


def test_an_alias_is_followed(names: Names) -> None:
    names.records |= {HOST: ["CNAME a.example.test."], "a.example.test": ["A 8.8.8.8"]}
    assert resolve(Server(HOST, 993), policy(names)) == ["8.8.8.8"]


def test_an_address_needs_no_asking(names: Names) -> None:
    assert resolve(Server("8.8.8.8", 993), policy(names)) == ["8.8.8.8"]
    assert resolve(Server("localhost", 993), policy(names, "localhost"))
    assert names.asked == []


@pytest.mark.parametrize(
    ("records", "error"),
    [
        (None, HostUnknown),
        (["MX 10 mx.example.test."], HostUnknown),
        ([SERVFAIL], DnsSilent),
        ([REFUSED], DnsSilent),
        ([SILENT], DnsSilent),
    ],
)
def test_no_address_or_no_answer(
    names: Names, records: list[str] | None, error: type[Exception]
) -> None:
    if records:
        names.records[HOST] = records
    waits = 0.3 if records == [SILENT] else 10.0  # the others answer, late if busy
    with pytest.raises(error) as raised:
        resolve(Server(HOST, 993), policy(names, seconds=waits))
    assert type(raised.value) is error


def test_a_server_that_fails_for_ipv6_is_no_trouble() -> None:
    with answering({HOST: _fails_for_ipv6()}) as odd:
        assert resolve(Server(HOST, 993), policy(odd)) == [PUBLIC]


def _fails_for_ipv6() -> Turns:
    class OfType(Turns):
        def next(self, kind: str) -> list[str]:
            return [f"A {PUBLIC}"] if kind == "A" else [SERVFAIL]

    return OfType()


def test_nobody_listens_at_the_dns_server() -> None:
    with answering() as gone:
        pass
    with pytest.raises(DnsSilent):
        resolve(Server(HOST, 993), policy(gone, seconds=0.3))


@pytest.mark.parametrize("odd", ["127.0.0.1", "10.0.0.1", "169.254.169.254"])
def test_one_address_that_is_not_public_is_enough(names: Names, odd: str) -> None:
    names.records[HOST] = [f"A {PUBLIC}", f"A {odd}"]
    with pytest.raises(AddressNotAllowed):
        resolve(Server(HOST, 993), policy(names))


def test_not_thousands_of_addresses_are_tried(names: Names) -> None:
    names.records[HOST] = [f"A 8.8.8.{n}" for n in range(200)]
    assert len(resolve(Server(HOST, 993), policy(names))) == ADDRESSES_MAX


@pytest.mark.parametrize(
    ("problem", "error"),
    [
        (socket.gaierror(socket.EAI_AGAIN, "later"), DnsSilent),
        (socket.gaierror(socket.EAI_NONAME, "none"), HostUnknown),
        (socket.gaierror(socket.EAI_FAIL, "never"), HostUnknown),
        (UnicodeError("label too long"), HostUnknown),
    ],
)
def test_what_the_system_says_of_a_name(
    problem: Exception, error: type[Exception]
) -> None:
    assert type(asking.failed(problem, HOST)) is error


# ---- rebinding: a public address first, a private one later


def test_a_name_that_turns_private_is_never_connected_to(names: Names) -> None:
    names.records[HOST] = Turns([f"A {PUBLIC}"], ["A 127.0.0.1"])
    with socket.create_server(("127.0.0.1", 0)) as private:
        private.setblocking(False)
        server = Server(HOST, private.getsockname()[1])
        assert resolve(server, policy(names)) == [PUBLIC]
        for _ in range(3):
            with pytest.raises(AddressNotAllowed):
                greeting.connected(server, policy(names))
        with pytest.raises(BlockingIOError):  # nobody came
            private.accept()


def test_the_connection_goes_to_the_address_that_was_checked(names: Names) -> None:
    names.records[HOST] = Turns(["A 127.0.0.2"], ["A 127.0.0.1"])
    with socket.create_server(("127.0.0.2", 0)) as checked:
        port = checked.getsockname()[1]
        with socket.create_server(("127.0.0.1", port)) as later:
            later.setblocking(False)
            server, allowed = Server(HOST, port), policy(names, HOST)
            with reach(server, resolve(server, allowed), allowed) as sock:
                assert sock.getpeername() == ("127.0.0.2", port)
            with pytest.raises(BlockingIOError):
                later.accept()
    assert names.count(HOST, "A") == 1


# ---- MX and SRV


def at(names: Names) -> Dns:
    return Dns(names.place, 0.5)


def test_exchangers_come_best_first(names: Names) -> None:
    names.records["example.test"] = ["MX 20 b.example.test.", "MX 5 A.example.test."]
    assert asking.exchangers("example.test", at(names)) == (
        Service(5, 0, 25, "a.example.test"),
        Service(20, 0, 25, "b.example.test"),
    )


def test_null_mx_has_no_host(names: Names) -> None:
    names.records["example.test"] = ["MX 0 ."]
    assert asking.exchangers("example.test", at(names)) == (Service(0, 0, 25, ""),)


def test_a_domain_without_mx_and_one_that_is_not(names: Names) -> None:
    names.records["example.test"] = ["A 8.8.8.8"]
    assert asking.exchangers("example.test", at(names)) == ()
    with pytest.raises(HostUnknown):
        asking.exchangers("example.invalid", at(names))


def test_services_in_the_order_of_their_priority(names: Names) -> None:
    name = "_imaps._tcp.example.test"
    names.records[name] = [
        "SRV 20 0 993 b.example.test.",
        "SRV 1 0 993 a.example.test.",
    ]
    found = asking.services(name, at(names))
    assert [one.host for one in found] == ["a.example.test", "b.example.test"]
    assert asking.services("_imap._tcp.example.test", at(names)) == ()


def test_a_name_too_long_for_dns_is_one_that_is_not(names: Names) -> None:
    long = ".".join(["x" * 60] * 4) + ".test"
    assert asking.services(f"_submissions._tcp.{long}", at(names)) == ()


@pytest.mark.parametrize("trouble", [SERVFAIL, SILENT])
def test_trouble_is_told(names: Names, trouble: str) -> None:
    names.records |= {"example.test": [trouble], "_imaps._tcp.example.test": [trouble]}
    with pytest.raises(DnsSilent):
        asking.exchangers("example.test", at(names))
    with pytest.raises(DnsSilent):
        asking.services("_imaps._tcp.example.test", at(names))


# ---- settings


def test_settings_reach_the_policy(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert installation.runtime.policy().dns_server == ""
    monkeypatch.setenv("MALOTE_DNS_SERVER", "[::1]:5353")
    monkeypatch.setenv("MALOTE_DISCOVERY_PORT", "8443")
    monkeypatch.setenv("MALOTE_DISCOVERY_DATABASE", "")
    policy = replace(installation.runtime, settings=read_settings()).policy()
    assert policy.dns_server == "[::1]:5353"
    assert (policy.places.https_port, policy.places.database) == (8443, "")
    resolver = asking._resolver(Dns(policy.dns_server))
    assert (resolver.nameservers, resolver.port) == (["::1"], 5353)


@pytest.mark.parametrize(
    "url", ["http://a.example/", "https://a.example", "a.example/"]
)
def test_the_database_is_asked_by_https_only(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("MALOTE_DISCOVERY_DATABASE", url)
    with pytest.raises(BadInput):
        read_settings()
