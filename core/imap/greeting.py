"""Reach a server and hear its greeting: all that comes before the login."""

from __future__ import annotations

import socket

from core import network, refusals
from core.errors import NoAnswer, NoTls
from core.imap.bounded import Limits
from core.imap.foreign import facts, shown, translated
from core.imap.recording import Recorder
from core.imap.wire import Client
from core.model import Security, Server
from core.network import Policy


def connected(
    server: Server, policy: Policy, recorder: Recorder | None = None
) -> Client:
    """Reach a server and read its greeting, over TLS; IPv4 is a second chance.

    Raises:
        Unreachable, NotTrusted, NoTls, NotAMailServer, AddressNotAllowed.

    """
    network.check_plain(server, policy)
    addresses = network.resolve(server, policy)
    try:
        return _greeted(server, addresses, policy, recorder)
    except NoAnswer:
        if not (others := network.by_ipv4(addresses)):
            raise
        return _greeted(server, others, policy, recorder)


def greet(
    server: Server,
    sock: socket.socket,
    policy: Policy,
    recorder: Recorder | None = None,
) -> Client:
    """Read the greeting over a connection; start TLS where it is asked for.

    Raises:
        NotAMailServer: what answered does not speak IMAP; its words are not kept.
        NoTls: STARTTLS is not offered or refused; nothing was sent in clear.

    """
    client = hear(server, sock, policy, recorder)
    if server.security is Security.STARTTLS:
        start_tls(client, server, policy)
    return client


def hear(
    server: Server,
    sock: socket.socket,
    policy: Policy,
    recorder: Recorder | None = None,
) -> Client:
    """Read the greeting over a connection, which is closed if there is none.

    Raises:
        NotAMailServer: what answered does not speak IMAP; its words are not kept.

    """
    limits = Limits(command_s=policy.command_timeout_s)
    try:
        with translated(server, greeting=True):
            return Client(sock, server, limits, recorder)
    except BaseException:
        sock.close()
        raise


def start_tls(client: Client, server: Server, policy: Policy) -> None:
    """Start TLS by command (RFC 9051 §6.2.1); the connection is closed if it fails.

    Raises:
        NoTls: STARTTLS is not offered or refused; nothing was sent in clear.

    """
    try:
        with translated(server, greeting=True):
            _start_tls(client, server, policy)
    except BaseException:
        client.connection.sock.close()
        raise


def words(client: Client, server: Server) -> str:
    """Give the greeting, or nothing where it came before TLS (THREATS 2)."""
    if server.security is Security.STARTTLS:
        return ""
    return shown(client.welcome or b"")[: refusals.SHOWN_MAX]


def _greeted(
    server: Server,
    addresses: list[str],
    policy: Policy,
    recorder: Recorder | None,
) -> Client:
    sock = network.reach(server, addresses, policy)
    if server.security is Security.TLS:
        sock = network.secure(sock, server, policy)
    return greet(server, sock, policy, recorder)


def _start_tls(client: Client, server: Server, policy: Policy) -> None:
    if b"STARTTLS" not in client.capabilities():
        raise NoTls("STARTTLS not offered", **facts(server))
    connection = client.connection
    typ, _ = connection._simple_command("STARTTLS")  # noqa: SLF001 - no public way
    if typ != "OK" or connection.file.pending():  # THREATS 2: injected before TLS
        raise NoTls("STARTTLS refused", **facts(server))
    connection.upgrade(network.secure(connection.sock, server, policy))
    client._starttls_done = True  # noqa: SLF001 - capabilities are read anew
    client._cached_capabilities = None  # noqa: SLF001
