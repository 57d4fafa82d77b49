"""Hosts that people type, and addresses that names lead to (THREATS T19)."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from core.errors import AddressNotAllowed, BadInput, NoAnswer, NoTls, PortClosed
from core.model import Security, Server
from core.network import (
    Policy,
    by_ipv4,
    check_plain,
    clean_host,
    is_public,
    reach,
    resolve,
)
from tests.certificates import Certificates


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


def test_one_tls_context_for_all_who_trust_the_same(
    certificates: Certificates, tmp_path: Path
) -> None:
    file = tmp_path / "ca.pem"
    file.write_bytes(certificates.ca_file.read_bytes())
    one = Policy(ca_files=(file,))
    assert Policy(ca_files=(file,), connect_timeout_s=1).context is one.context
    assert Policy().context is not one.context
    os.utime(file, ns=(1, 1))  # another certificate in its place
    assert Policy(ca_files=(file,)).context is not one.context


@contextmanager
def silent(*hosts: str) -> Iterator[int]:
    """Listen on one port of several addresses whose queue is full: no answer."""
    with ExitStack() as stack:
        port = 0
        for host in hosts:
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            listening = stack.enter_context(socket.socket(family))
            listening.bind((host, port))
            listening.listen(0)
            port = listening.getsockname()[1]
            waiting = stack.enter_context(socket.socket(family))
            waiting.connect((host, port))
        yield port


HASTY = Policy(connect_timeout_s=0.3)


def test_ipv4_is_tried_once_when_ipv6_is_silent() -> None:
    """INTEROP 48."""
    with silent("::1") as port, socket.create_server(("127.0.0.1", port)):
        server = Server("localhost", port)
        addresses = ["::1", "::1", "127.0.0.1"]
        with reach(server, addresses, HASTY) as sock:
            assert sock.family is socket.AF_INET


def test_not_every_address_of_a_silent_host_is_waited_for() -> None:
    with silent("127.0.0.1") as port:
        with pytest.raises(NoAnswer):
            reach(Server("localhost", port), ["127.0.0.1"] * 50, HASTY)


def test_a_closed_port_leads_to_the_next_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        server = Server("localhost", port)
        with reach(server, ["::1", "127.0.0.1"], HASTY):
            pass
        with pytest.raises(PortClosed):
            reach(server, ["::1"], HASTY)


@pytest.mark.parametrize(
    ("addresses", "then"),
    [
        (["::1", "::2", "192.0.2.1", "192.0.2.2"], ["192.0.2.1"]),
        (["192.0.2.1", "::1"], []),
        (["::1"], []),
        ([], []),
    ],
)
def test_where_to_go_after_a_silent_handshake(
    addresses: list[str], then: list[str]
) -> None:
    assert by_ipv4(addresses) == then
