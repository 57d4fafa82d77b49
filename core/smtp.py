"""Talk SMTP submission: connect, secure, log in. Sending comes on top of it.

Credentials never travel before TLS, and there is no fallback (RFC 8314 §3.3,
THREATS T18).
"""

from __future__ import annotations

import smtplib
import socket
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from core import hiding, network, refusals, sasl
from core.errors import (
    BadInput,
    ConnectionLost,
    LoginNotPossible,
    MailError,
    NotAMailServer,
    NoTls,
    ProtocolBroken,
    ServerUnavailable,
)
from core.hiding import Hidden
from core.model import Security, Server
from core.network import Policy
from core.secret import AccessToken, Secret
from core.text import harmless
from core.time_limit import cut_off

READY, GO_ON, ACCEPTED = 220, 334, 235  # RFC 5321 §4.2.3, RFC 4954 §6
TEMPORARY = range(400, 500)
KEYWORDS_MOST = 100
COMMAND_MOST = 512  # octets with CR LF (RFC 5321 §4.5.3.1.4)


class Conversation(smtplib.SMTP):
    """smtplib on a connection that we opened and checked."""

    sock: socket.socket  # never None: it is given

    def __init__(self, sock: socket.socket, server: Server) -> None:
        """Take the socket; nothing is read yet."""
        super().__init__(local_hostname="localhost")
        self.sock = sock
        self.server = server
        self._host = server.host
        self.greeting = self.said = ""  # harmless as text

    def getreply(self) -> tuple[int, bytes]:
        """Read a reply; the last line of the newest is kept."""
        code, words = super().getreply()
        self.said = f"{code} {_whole(words.splitlines()[-1] if words else b'')}"
        return code, words


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
    with _or_closed(smtp), _bounded(smtp, policy), translated(server):
        code, words = smtp.getreply()
        _check_greeting(server, code, words)
        smtp.greeting = _text(words)
        smtp.ehlo_or_helo_if_needed()
    return smtp


def start_tls(smtp: Conversation, policy: Policy) -> None:
    """Start TLS by command; the connection is closed if it fails.

    Raises:
        NoTls: STARTTLS is not offered or refused.

    """
    with _or_closed(smtp), _bounded(smtp, policy), translated(smtp.server):
        _start_tls(smtp, policy)


def log_in(smtp: Conversation, login: str, password: Secret, policy: Policy) -> None:
    """Authenticate with PLAIN (RFC 4616), or LOGIN where that is all there is.

    An access token goes by OAUTHBEARER or XOAUTH2, and by nothing else.

    Raises:
        NeedsPermission: an access token was refused.
        WrongPassword, AppPasswordNeeded, LoginNotPossible, ServerUnavailable, …

    """
    if any(ord(c) < 32 or ord(c) == 127 for c in login + password.reveal()):  # noqa: PLR2004 - controls
        raise BadInput("password", "control")
    with _bounded(smtp, policy), translated(smtp.server):
        offered = smtp.esmtp_features.get("auth", "").upper().split()
        if isinstance(password, AccessToken):
            _auth_token(smtp, offered, login, password)
            return
        hidden = hiding.of_login(login, password, smtp.server)
        if "PLAIN" in offered:
            secret = _coded(f"\0{login}\0{password.reveal()}")
            code, words = smtp.docmd("AUTH", f"PLAIN {secret}")
        elif "LOGIN" in offered:
            code, words = _auth_login(smtp, login, password)
        else:
            raise LoginNotPossible("no AUTH PLAIN or LOGIN", **_facts(smtp.server))
        if code != ACCEPTED:
            raise _login_refused(smtp.server, code, _whole(words), hidden)


def close(smtp: Conversation) -> None:
    """Say goodbye and close; a lost connection is no matter."""
    # AttributeError: smtplib has dropped a connection that it found lost.
    with suppress(smtplib.SMTPException, OSError, MailError, AttributeError):
        smtp.sock.settimeout(3.0)
        smtp.docmd("QUIT")
    with suppress(OSError):
        smtp.close()


@contextmanager
def _or_closed(smtp: Conversation) -> Iterator[None]:
    try:
        yield
    except BaseException:
        smtp.close()
        raise


@contextmanager
def translated(server: Server) -> Iterator[None]:
    """Turn what smtplib, TLS and sockets raise into our errors."""
    try:
        with network.translated(server), _smtplib_translated(server):
            yield
    except ValueError as error:
        raise ProtocolBroken(type(error).__name__, **_facts(server)) from error


@contextmanager
def _smtplib_translated(server: Server) -> Iterator[None]:
    """Come before the translation of sockets: an SMTPException is an OSError, too."""
    try:
        yield
    except smtplib.SMTPServerDisconnected as error:
        raise ConnectionLost(str(error), **_facts(server)) from error
    except smtplib.SMTPResponseException as error:
        raise ProtocolBroken(_text(error.smtp_error), **_facts(server)) from error
    except smtplib.SMTPException as error:
        raise ProtocolBroken(type(error).__name__, **_facts(server)) from error


def _check_greeting(server: Server, code: int, words: bytes) -> None:
    if code in TEMPORARY:
        facts = {"server_says": _text(words), **_facts(server)}
        raise ServerUnavailable(_text(words), **facts)
    if code != READY:
        raise NotAMailServer("greeting", expected="SMTP", **_facts(server))


def _start_tls(smtp: Conversation, policy: Policy) -> None:
    if not smtp.has_extn("starttls") or smtp.docmd("STARTTLS")[0] != READY:
        raise NoTls("STARTTLS not offered", **_facts(smtp.server))
    smtp.sock = network.secure(smtp.sock, smtp.server, policy)
    # What was said before TLS is forgotten (THREATS 2): buffer, name, extensions.
    smtp.file = None
    smtp.helo_resp = smtp.ehlo_resp = None
    smtp.esmtp_features = {}
    smtp.ehlo_or_helo_if_needed()


def _auth_login(smtp: Conversation, login: str, password: Secret) -> tuple[int, bytes]:
    code, words = smtp.docmd("AUTH", f"LOGIN {_coded(login)}")
    if code != GO_ON:
        return code, words
    return smtp.docmd(_coded(password.reveal()))


def _auth_token(
    smtp: Conversation, offered: list[str], login: str, token: AccessToken
) -> None:
    how = sasl.token_login(offered, login, token, smtp.server)
    if how is None:
        raise LoginNotPossible("no mechanism for access tokens", **_facts(smtp.server))
    # RFC 4954 §4: a long token does not go with the command.
    short = len(f"AUTH {how.mechanism} {how.response}\r\n") <= COMMAND_MOST
    first = f"{how.mechanism} {how.response}" if short else how.mechanism
    code, words = smtp.docmd("AUTH", first)
    if code == GO_ON and not short:
        code, words = smtp.docmd(how.response)
    status = ""
    if code == GO_ON:
        status = sasl.status_of(words.decode("latin-1"))
        code, words = smtp.docmd(how.to_challenge)
    if code != ACCEPTED:
        hidden = hiding.of_login(login, token, smtp.server)
        raise _token_refused(smtp.server, code, _whole(words), status, hidden)


def _token_refused(
    server: Server, code: int, words: str, status: str, hidden: Hidden
) -> MailError:
    says = hidden.out_of(words)
    if code in TEMPORARY:
        return _unavailable(server, says)
    error = refusals.token_refused(words, server.host, status, says)
    error.facts["port"] = str(server.port)
    return error


def _unavailable(server: Server, says: str) -> MailError:
    facts = {"server_says": says[: refusals.SHOWN_MAX], **_facts(server)}
    return ServerUnavailable(says, **facts)


def _login_refused(server: Server, code: int, words: str, hidden: Hidden) -> MailError:
    says = hidden.out_of(words)
    if code in TEMPORARY:
        return _unavailable(server, says)
    # RFC 4954 §6: 534 and 5.7.9 say that the mechanism is too weak: app passwords.
    hint = " application-specific password" if code == 534 or "5.7.9" in words else ""  # noqa: PLR2004
    error = refusals.login_refused(words + hint, server.host, says)
    error.facts["port"] = str(server.port)
    return error


@contextmanager
def _bounded(smtp: Conversation, policy: Policy) -> Iterator[None]:
    """Cut the connection when the time limit has passed, drip or no drip."""
    smtp.sock.settimeout(policy.command_timeout_s)
    with cut_off(smtp.sock, smtp.server, policy.command_timeout_s):
        yield


def _coded(text: str) -> str:
    return b64encode(text.encode()).decode()


def _text(words: bytes | str) -> str:
    return _whole(words)[: refusals.SHOWN_MAX]


def _whole(words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return harmless(text)


def _facts(server: Server) -> dict[str, object]:
    return {"host": server.host, "port": server.port}


def keywords(smtp: Conversation) -> tuple[str, ...]:
    """Give what the server offers by EHLO (RFC 5321 §4.1.1.1), each with its words."""
    offered = list(smtp.esmtp_features.items())[:KEYWORDS_MOST]
    return tuple(
        _text(" ".join([name.upper(), *words.split()])) for name, words in offered
    )
