"""Hosts that people type, and addresses that names lead to (THREATS T19)."""

import ipaddress

import pytest

from core.errors import AddressNotAllowed, BadInput, NoTls
from core.model import Security, Server
from core.network import Policy, check_plain, clean_host, is_public, resolve


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        (" IMAP.Mail.Yahoo.com. ", "imap.mail.yahoo.com"),
        ("imap.correio.açaí.example", "imap.correio.xn--aa-4iaz.example"),
        ("8.8.8.8", "8.8.8.8"),
    ],
)
def test_hosts_are_cleaned(typed: str, host: str) -> None:
    assert clean_host(typed) == host


@pytest.mark.parametrize(
    "typed",
    [
        "", "  ", "imaps://imap.example.com", "imap.example.com/x",
        "imap.example.com:993", "user:pw@host.example", "imap.example.com@127.0.0.1",
        "a b.example", "a\r\nb.example", "127.1", "0x7f.0.0.1", "2130706433",
        "0177.0.0.1", "-a.example", "a..example", "x" * 64 + ".example",
        "example." * 40 + "com", "[::1]", "fe80::1%eth0", "a\x00b",
    ],
)  # fmt: skip
def test_what_is_not_a_host_name_is_refused(typed: str) -> None:
    with pytest.raises(BadInput) as refused:
        clean_host(typed, "imap_host")
    assert refused.value.field == "imap_host"


@pytest.mark.parametrize("typed", ["①②⑦.⓪.⓪.①", "127。0。0。1"])
def test_odd_digits_are_seen_as_what_they_mean(typed: str) -> None:
    host = clean_host(typed)
    with pytest.raises(AddressNotAllowed):
        resolve(Server(host, 993), Policy())


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254",
        "0.0.0.0",  # noqa: S104 - refused
        "224.0.0.1", "255.255.255.255", "100.64.0.1", "::1", "fe80::1", "fc00::1",
        "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::127.0.0.1", "ff02::1",  # noqa: E501
    ],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700:4700::1111"])
def test_public_addresses(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_loopback_is_refused_unless_a_setting_names_the_host() -> None:
    with pytest.raises(AddressNotAllowed):
        resolve(Server("localhost", 993), Policy())
    allowed = Policy(allow_hosts=frozenset({"localhost"}))
    assert resolve(Server("localhost", 993), allowed)


def test_the_demo_opens_its_own_ports_only() -> None:
    policy = Policy(allow_endpoints=frozenset({("localhost", 4143)}))
    assert resolve(Server("localhost", 4143), policy)
    with pytest.raises(AddressNotAllowed):
        resolve(Server("localhost", 4144), policy)


def test_plaintext_only_to_named_hosts() -> None:
    server = Server("mail.example", 143, Security.NONE)
    with pytest.raises(NoTls):
        check_plain(server, Policy())
    check_plain(server, Policy(plaintext_hosts=frozenset({"mail.example"})))
