"""What a server's certificate says, also of one that is refused. Of no other use.

A refused certificate is read in a handshake of its own that checks nothing: nothing is
sent over it and nothing is believed of it, it is closed at once (THREATS T18).
"""

from __future__ import annotations

import socket
import ssl
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.x509.oid import NameOID

from core import network
from core.errors import MailError
from core.model import Security, Server
from core.network import Policy
from core.text import harmless
from core.time_limit import cut_off

NAME_MAX, NAMES_MOST = 200, 20
# What is raised for a certificate that breaks the rules; not all of it is a ValueError.
UNREADABLE = (
    ValueError,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
LINE_MAX, LINES_MOST = 1_000, 100
# The words that ask for TLS: IMAP (RFC 9051 §6.2.1), and SMTP after its EHLO.
ASKS = {
    "imap": (b"A STARTTLS\r\n",),
    "smtp": (b"EHLO localhost\r\n", b"STARTTLS\r\n"),
}


@dataclass(frozen=True, slots=True)
class Certificate:
    """Whom a certificate is of, who signed it, and from when to when; UTC."""

    subject: str
    names: tuple[str, ...]
    issuer: str
    begins_at: datetime
    expires_at: datetime

    def days_left(self, now: datetime) -> int:
        """Give whole days until it expires; negative when it has."""
        return (self.expires_at - now).days


def parsed(der: bytes | None) -> Certificate | None:
    """Read a certificate; nothing, if it is none that can be read."""
    if not der:
        return None
    try:
        found = x509.load_der_x509_certificate(der)
        return Certificate(
            _name(found.subject),
            _names(found),
            _name(found.issuer),
            found.not_valid_before_utc,
            found.not_valid_after_utc,
        )
    except UNREADABLE:
        return None


def shown_by(
    server: Server, side: str, addresses: list[str], policy: Policy
) -> Certificate | None:
    """Read the certificate that a server shows, trusted or not; nothing if it fails.

    `addresses` are those that were checked before: no name is asked for again.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with suppress(MailError, OSError, ValueError):
        sock = network.reach(server, addresses, policy)
        with sock, cut_off(sock, server, policy.connect_timeout_s):
            if server.security is Security.STARTTLS:
                _ask_for_tls(sock, side)
            return _peek(sock, server, context, policy)
    return None


def _peek(
    sock: socket.socket, server: Server, context: ssl.SSLContext, policy: Policy
) -> Certificate | None:
    sock.settimeout(policy.connect_timeout_s)
    tls = context.wrap_socket(
        sock, server_hostname=server.host, do_handshake_on_connect=False
    )
    with tls:
        tls.do_handshake()
        return parsed(tls.getpeercert(binary_form=True))


def _ask_for_tls(sock: socket.socket, side: str) -> None:
    lines = sock.makefile("rb", buffering=0)  # not a byte more than these lines
    _answer(lines, b"")
    for words in ASKS[side]:
        sock.sendall(words)
        _answer(lines, b"A " if side == "imap" else b"")


def _answer(lines: socket.SocketIO, tag: bytes) -> None:
    """Read up to the last line of an answer; of IMAP, the one that has the tag."""
    for _ in range(LINES_MOST):
        line = lines.readline(LINE_MAX)
        if not line:
            raise ConnectionError
        if line.startswith(tag) and line[3:4] != b"-":  # RFC 5321 §4.2.1
            return
    raise ValueError("too many lines")


def _name(name: x509.Name) -> str:
    """Write a name shortly: its common name, and the organisation if there is one."""
    oids = (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    words = [str(a.value) for oid in oids for a in name.get_attributes_for_oid(oid)[:1]]
    text = ", ".join(words) or name.rfc4514_string()
    return harmless(text)[:NAME_MAX]


def _names(found: x509.Certificate) -> tuple[str, ...]:
    try:
        kind = x509.SubjectAlternativeName
        told = found.extensions.get_extension_for_class(kind).value
    except x509.ExtensionNotFound:
        return ()
    names = (
        *told.get_values_for_type(x509.DNSName),
        *map(str, told.get_values_for_type(x509.IPAddress)),
    )
    return tuple(harmless(name)[:NAME_MAX] for name in names[:NAMES_MOST])
