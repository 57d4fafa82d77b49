"""Reach a mail server: names, addresses, sockets and TLS, under one policy.

A person types the host, so the host is hostile: it is resolved once, every address
must be public unicast unless a setting names the host, and the connection goes to
the very address that was checked (THREATS T19). TLS always checks the certificate
and the name that was typed (T18).
"""

from __future__ import annotations

import errno
import functools
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import idna

from core import names
from core.errors import (
    AddressNotAllowed,
    BadInput,
    CertificateExpired,
    CertificateOfAnother,
    CertificateUnknown,
    ConnectionLost,
    MailError,
    NoAnswer,
    NotAMailServer,
    NoTls,
    PortClosed,
    Unreachable,
)
from core.model import Security, Server

Ip = ipaddress.IPv4Address | ipaddress.IPv6Address

HOST_MAX = 253
ADDRESSES_MAX = 16  # of one host, to be tried in turn
TIMEOUTS_MOST = 2  # of the addresses of one host, until we give up
LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)\Z")
NAT64 = ipaddress.ip_network("64:ff9b::/96")
COMPAT = ipaddress.ip_network("::/96")
# OpenSSL's X509_V_ERR_*: expired or not yet valid; another host, another address.
OUT_OF_DATES = {9, 10}
WRONG_NAME = {62, 64}
# OpenSSL's reasons for what arrives damaged: no fault of either side, nothing to mend.
DAMAGED = {
    "BAD_RECORD_TYPE",
    "DECRYPTION_FAILED_OR_BAD_RECORD_MAC",
    "SSLV3_ALERT_BAD_RECORD_MAC",
    "TLSV1_ALERT_DECRYPT_ERROR",
}


@functools.lru_cache(maxsize=16)
def _context(ca_files: tuple[tuple[Path, int], ...]) -> ssl.SSLContext:
    """Make a TLS context: 1.2 or newer, certificate and name checked.

    Loading the trusted certificates takes far longer than all the rest of a
    connection, so it is done once for each set of files and their times of change.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    for path, _changed in ca_files:
        context.load_verify_locations(path)
    return context


@dataclass(frozen=True, slots=True)
class Places:
    """Where discovery asks, and for how long."""

    https_port: int = 443
    database: str = "https://autoconfig.thunderbird.net/v1.1/"  # empty: not asked
    imap_ports: tuple[int, int] = (993, 143)  # TLS, STARTTLS
    smtp_ports: tuple[int, int] = (465, 587)
    request_s: float = 6.0  # one question
    whole_s: float = 15.0  # all of them


@dataclass(frozen=True, slots=True)
class Policy:
    """Where connections may go, and how long they may take."""

    allow_hosts: frozenset[str] = frozenset()
    plaintext_hosts: frozenset[str] = frozenset()
    compress_hosts: frozenset[str] = frozenset()  # behind slow links
    allow_endpoints: frozenset[tuple[str, int]] = frozenset()  # the demo's own
    ca_files: tuple[Path, ...] = ()
    connect_timeout_s: float = 10.0
    command_timeout_s: float = 60.0
    dns_server: str = ""  # "ip:port", asked for every name; empty: the system is
    places: Places = Places()
    context: ssl.SSLContext = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the TLS context of these CA files, shared by all who trust the same."""
        stamps = tuple((path, path.stat().st_mtime_ns) for path in self.ca_files)
        object.__setattr__(self, "context", _context(stamps))

    def may_be_private(self, host: str, port: int) -> bool:
        """Tell whether loopback and private addresses are allowed for this host."""
        return host in self.allow_hosts or (host, port) in self.allow_endpoints

    def may_be_plain(self, host: str) -> bool:
        """Tell whether this host may be spoken to without TLS."""
        return host in self.plaintext_hosts


def clean_host(text: str, where: str = "host") -> str:
    """Give a host as it is used on the wire: lower case, IDNA, no final dot.

    Raises:
        BadInput: it is empty, holds a scheme, path, port or credentials, or is not
            a host name; `field` is `where`.

    """
    host = text.strip().removesuffix(".").lower()
    if not host:
        raise BadInput(where, "empty")
    if re.search(r"[/@\s:\\?#%\x00-\x1f\x7f]", host):
        raise BadInput(where, "host_extra")
    try:
        name = idna.encode(host, uts46=True).decode().lower()
    except idna.IDNAError:
        name = host
    labels = name.split(".")
    if len(name) > HOST_MAX or not all(LABEL.match(label) for label in labels):
        raise BadInput(where, "host_form")
    if re.fullmatch(r"(0x[0-9a-f]*|\d+)", labels[-1]):
        _refuse_odd_numbers(name, where)
    return name


def _refuse_odd_numbers(name: str, where: str) -> None:
    # "127.1", "2130706433" and "0x7f.1" are addresses to the C library only.
    try:
        ipaddress.ip_address(name)
    except ValueError:
        raise BadInput(where, "host_form") from None


def is_public(address: Ip) -> bool:
    """Tell whether an address is global unicast, whatever it is wrapped in."""
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in NAT64 or address in COMPAT:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(inner)
    return address.is_global and not address.is_multicast and not address.is_reserved


def resolve(server: Server, policy: Policy) -> list[str]:
    """Ask DNS for the addresses of a host, once, and check each of them.

    Raises:
        HostUnknown, DnsSilent: there is no such name, or nobody says so.
        AddressNotAllowed: an address is not public, and no setting allows the host.

    """
    dns = names.Dns(policy.dns_server, policy.connect_timeout_s)
    addresses = names.addresses(server.host, dns)
    if not policy.may_be_private(server.host, server.port):
        for address in addresses:
            if not is_public(ipaddress.ip_address(address.partition("%")[0])):
                raise AddressNotAllowed(address, host=server.host)
    return addresses[:ADDRESSES_MAX]


def reach(server: Server, addresses: list[str], policy: Policy) -> socket.socket:
    """Open a TCP connection to the first address that answers.

    Raises:
        PortClosed, NoAnswer, Unreachable: as the last address said.

    """
    problem: MailError = Unreachable(host=server.host, port=server.port)
    left, timeouts = list(addresses), 0
    while left and timeouts < TIMEOUTS_MOST:
        address = left.pop(0)
        try:
            return _dialled(server, address, policy)
        except NoAnswer as error:  # not a whole list of them, one after the other
            problem, timeouts = error, timeouts + 1
            if _is_ipv6(address):
                left = [a for a in left if not _is_ipv6(a)] or left
        except Unreachable as error:
            problem = error
    raise problem


def by_ipv4(addresses: list[str]) -> list[str]:
    """Give where to go once more when the first address, an IPv6 one, timed out.

    Some hosts answer by IPv6 and then stay silent (INTEROP 48). Nothing, if IPv4 was
    tried first or is not to be had: a time-out is not worth a second one.
    """
    if not addresses or not _is_ipv6(addresses[0]):
        return []
    return [a for a in addresses if not _is_ipv6(a)][:1]


def _is_ipv6(address: str) -> bool:
    return ":" in address


def _dialled(server: Server, address: str, policy: Policy) -> socket.socket:
    with translated(server):
        where = (address, server.port)
        sock = socket.create_connection(where, policy.connect_timeout_s)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        return sock


def secure(sock: socket.socket, server: Server, policy: Policy) -> ssl.SSLSocket:
    """Start TLS on a connection; certificate and host name are checked.

    Raises:
        CertificateExpired, CertificateOfAnother, CertificateUnknown, NoTls,
        NotAMailServer: it does not speak TLS at all.

    """
    try:
        with translated(server):
            return policy.context.wrap_socket(sock, server_hostname=server.host)
    except BaseException:
        sock.close()
        raise


@contextmanager
def translated(server: Server) -> Iterator[None]:
    """Turn what sockets and TLS raise into our errors, with host and port."""
    facts = {"host": server.host, "port": server.port}
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        raise _distrust(error, facts) from error
    except ssl.SSLEOFError as error:
        raise ConnectionLost(str(error), **facts) from error
    except ssl.SSLError as error:
        raise _no_tls(error, facts) from error
    except TimeoutError as error:
        raise NoAnswer(str(error), **facts) from error
    except ConnectionRefusedError as error:
        raise PortClosed(str(error), **facts) from error
    except (ConnectionError, EOFError) as error:
        raise ConnectionLost(str(error), **facts) from error
    except OSError as error:
        raise _unreachable(error, facts) from error


def check_plain(server: Server, policy: Policy) -> None:
    """Refuse to speak without TLS to a host that no setting names.

    Raises:
        NoTls: plaintext was asked for and is not allowed.

    """
    if server.security is Security.NONE and not policy.may_be_plain(server.host):
        raise NoTls("plaintext is not allowed", host=server.host, port=server.port)


def _distrust(
    error: ssl.SSLCertVerificationError, facts: dict[str, object]
) -> Exception:
    known = {"reason": error.verify_message, **facts}
    if error.verify_code in OUT_OF_DATES:
        return CertificateExpired(error.verify_message, **known)
    if error.verify_code in WRONG_NAME:
        return CertificateOfAnother(error.verify_message, **known)
    return CertificateUnknown(error.verify_message, **known)


def _no_tls(error: ssl.SSLError, facts: dict[str, object]) -> Exception:
    if error.reason in DAMAGED:
        return ConnectionLost(str(error), **facts)
    if error.reason in {"WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"}:
        return NotAMailServer(str(error), expected="TLS", **facts)
    return NoTls(str(error), **facts)


def _unreachable(error: OSError, facts: dict[str, object]) -> Exception:
    if error.errno == errno.ECONNREFUSED:
        return PortClosed(str(error), **facts)
    return Unreachable(str(error), **facts)
