"""Reach a submission server and hear its greeting: all that comes before the login."""

from __future__ import annotations

import socket

from core import network
from core.errors import NoAnswer, NotAMailServer, NoTls, ProtocolBroken
from core.model import Security, Server
from core.network import Policy
from core.smtp.conversation import (
    PERMANENT,
    POSITIVE,
    READY,
    TEMPORARY,
    Conversation,
    bounded,
    facts,
    or_closed,
    text,
    translated,
    unavailable,
)


def connected(server: Server, policy: Policy) -> Conversation:
    """Reach a server and read its greeting, over TLS; IPv4 is a second chance.

    Raises:
        Unreachable, NotTrusted, NoTls, NotAMailServer, AddressNotAllowed, …

    """
    network.check_plain(server, policy)
    addresses = network.resolve(server, policy)
    try:
        return _greeted(server, addresses, policy)
    except NoAnswer:
        if not (others := network.by_ipv4(addresses)):
            raise
        return _greeted(server, others, policy)


def _greeted(server: Server, addresses: list[str], policy: Policy) -> Conversation:
    sock = network.reach(server, addresses, policy)
    if server.security is Security.TLS:
        sock = network.secure(sock, server, policy)
    return greet(server, sock, policy)


def greet(server: Server, sock: socket.socket, policy: Policy) -> Conversation:
    """Read the greeting over a connection; start TLS where it is asked for.

    Raises:
        NotAMailServer: what answered does not speak SMTP.
        NoTls: STARTTLS is not offered or refused.

    """
    smtp = hear(server, sock, policy)
    if server.security is Security.STARTTLS:
        start_tls(smtp, policy)
    return smtp


def hear(server: Server, sock: socket.socket, policy: Policy) -> Conversation:
    """Read the greeting over a connection and say hello; closed if that fails.

    Raises:
        NotAMailServer: what answered does not speak SMTP.

    """
    smtp = Conversation(sock, server)
    limit = bounded(smtp, policy.command_timeout_s)
    with or_closed(smtp), limit, translated(server):
        code, words = smtp.getreply()
        _check_greeting(server, code, words)
        smtp.greeting = text(words)
        _say_hello(smtp)
    return smtp


def start_tls(smtp: Conversation, policy: Policy) -> None:
    """Start TLS by command; the connection is closed if it fails.

    Raises:
        NoTls: STARTTLS is not offered or refused.

    """
    limit = bounded(smtp, policy.command_timeout_s)
    with or_closed(smtp), limit, translated(smtp.server):
        _start_tls(smtp, policy)


def ask_again(smtp: Conversation, policy: Policy) -> None:
    """Ask after the login what the server offers; if it does not say, that stays.

    Dovecot 2.3.19's submission tells SIZE with its limit, and DSN, only then: what logs
    people in does not know what is behind it.
    """
    before = dict(smtp.esmtp_features)
    limit = bounded(smtp, policy.command_timeout_s)
    with limit, translated(smtp.server):
        code, words = smtp.ehlo()
    if code in TEMPORARY:
        raise unavailable(smtp.server, text(words))
    if code in PERMANENT:
        smtp.esmtp_features = before
    elif code not in POSITIVE:
        raise ProtocolBroken(text(words), **facts(smtp.server))


def _check_greeting(server: Server, code: int, words: bytes) -> None:
    if code in TEMPORARY:
        raise unavailable(server, text(words))
    if code != READY:
        raise NotAMailServer("greeting", expected="SMTP", **facts(server))


def _start_tls(smtp: Conversation, policy: Policy) -> None:
    if not smtp.has_extn("starttls"):
        raise NoTls("STARTTLS not offered", **facts(smtp.server))
    code, words = smtp.docmd("STARTTLS")
    if code in TEMPORARY:  # RFC 3207 §4: 454
        raise unavailable(smtp.server, text(words))
    if code != READY:
        raise NoTls("STARTTLS refused", **facts(smtp.server))
    smtp.sock = network.secure(smtp.sock, smtp.server, policy)
    # What was said before TLS is forgotten (THREATS 2): buffer and extensions.
    smtp.file = None
    smtp.esmtp_features = {}
    _say_hello(smtp)


def _say_hello(smtp: Conversation) -> None:
    code, words = smtp.ehlo()
    if code in TEMPORARY:  # 421: it is closing, and would not answer HELO
        raise unavailable(smtp.server, text(words))
    if code not in POSITIVE and smtp.helo()[0] not in POSITIVE:
        raise ProtocolBroken(text(words), **facts(smtp.server))
