"""One logged-in connection; every failure leaves it as one of our errors."""

from __future__ import annotations

import imaplib
import re
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from imapclient import exceptions

from core import network, refusals
from core.errors import (
    BadInput,
    ConnectionLost,
    FolderRefused,
    LimitExceeded,
    LoginNotPossible,
    MailError,
    NotAMailServer,
    NoTls,
    ProtocolBroken,
    Throttled,
)
from core.imap.bulk import Part, Reader
from core.imap.features import Features
from core.imap.wire import Client, Limits
from core.model import Security, Server
from core.network import Policy
from core.secret import Secret

LOGOUT_S = 3.0
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
CLIENT_ID = {"name": "malote", "version": "0.1"}


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one of several commands; `refusal` when it said no."""

    command: str
    responses: list[list[Part]]
    refusal: MailError | None = None


@dataclass(slots=True)
class Session:
    """A live connection, logged in, and what its server can do."""

    client: Client
    server: Server
    features: Features
    identified_as: str = ""  # the server's own name and version (RFC 2971)

    def exchange(self, command: str) -> Iterator[list[Part]]:
        """Send a command and yield its untagged responses.

        Raises:
            FolderRefused, Throttled, ServerUnavailable, ProtocolBroken: the server
                said NO or BAD.
            ConnectionLost, NoAnswer, LimitExceeded.

        """
        with translated(self.server):
            tag = self.client.begin(command.encode("latin-1"))
            yield from self._answer(command, tag)

    def pipelined(self, commands: Iterable[str], ahead: int = 64) -> Iterator[Answer]:
        """Send commands without waiting for each; yield their answers in order.

        A NO or BAD is told with its answer and does not end the others. Not more than
        `ahead` are under way, so that neither side waits with full buffers.

        Raises:
            ConnectionLost, NoAnswer, LimitExceeded: as of `exchange`.

        """
        waiting: deque[tuple[str, bytes]] = deque()
        for command in commands:
            with translated(self.server):
                tag = self.client.begin(command.encode("latin-1"))
            waiting.append((command, tag))
            if len(waiting) > ahead:
                yield self._whole(*waiting.popleft())
        while waiting:
            yield self._whole(*waiting.popleft())

    def begin(self, command: str) -> bytes:
        """Send a command whose answer `read` will read; give its tag."""
        with translated(self.server):
            return self.client.begin(command.encode("latin-1"))

    def read(self, reader: Reader, command: str) -> str:
        """Feed a reader with the answer to its command; give the text of the OK.

        Raises:
            FolderRefused, Throttled, ServerUnavailable, ProtocolBroken: NO or BAD.
            ConnectionLost, NoAnswer, LimitExceeded.

        """
        file = self.client.connection.file
        with translated(self.server):
            file.arm()
            while not reader.tagged and not reader.feed(file.some()):
                pass
            file.put_back(reader.rest)
            for line in reader.said:
                self._listen_for_bye([line])
            self._check(command, [reader.tagged])
        return shown(reader.tagged)

    def _whole(self, command: str, tag: bytes) -> Answer:
        said: list[list[Part]] = []
        try:
            with translated(self.server):
                said.extend(self._answer(command, tag))
        except (FolderRefused, Throttled, ProtocolBroken) as refusal:
            if isinstance(refusal, LimitExceeded) or not refusal.facts.get("command"):
                raise  # the connection is no good any more
            return Answer(command, said, refusal)
        return Answer(command, said)

    def _answer(self, command: str, tag: bytes) -> Iterator[list[Part]]:
        for word, parts in self.client.responses(tag):
            if word == b"*":
                self._listen_for_bye(parts)
                yield parts
            elif word == tag:
                self._check(command, parts)
            elif word != b"+":
                raise ProtocolBroken("a tag of nobody", **_facts(self.server))

    def _listen_for_bye(self, parts: list[Part]) -> None:
        first = parts[0]
        if isinstance(first, bytes) and first[:6].upper() == b"* BYE ":
            raise refusals.goodbye(shown(first[6:]), self.server.host)

    def _check(self, command: str, parts: list[Part]) -> None:
        line = parts[0] if isinstance(parts[0], bytes) else parts[0][0]
        _, _, rest = line.partition(b" ")
        typ, _, text = rest.partition(b" ")
        word = typ.decode("latin-1").upper()
        if word in {"NO", "BAD"}:
            name = " ".join(command.split()[:2])
            host = self.server.host
            raise refusals.command_refused(name, word, shown(text), host)
        if word != "OK":
            raise ProtocolBroken(shown(line), host=self.server.host)


def greet(server: Server, sock: socket.socket, policy: Policy) -> Client:
    """Read the greeting over a connection; start TLS where it is asked for.

    Raises:
        NotAMailServer: what answered does not speak IMAP; its words are not kept.
        NoTls: STARTTLS is not offered or refused; nothing was sent in clear.

    """
    limits = Limits(command_s=policy.command_timeout_s)
    try:
        with translated(server, greeting=True):
            client = Client(sock, server, limits)
            if server.security is Security.STARTTLS:
                _start_tls(client, server, policy)
            return client
    except BaseException:
        sock.close()
        raise


def log_in(client: Client, server: Server, login: str, password: Secret) -> Session:
    """Authenticate, then read what the server can do once it knows us.

    AUTHENTICATE PLAIN carries UTF-8 (RFC 4616); LOGIN is for servers without it.

    Raises:
        WrongPassword, AppPasswordNeeded, ImapDisabled, PasswordsNotAccepted,
        LoginNotPossible, Throttled, ServerUnavailable, ConnectionLost.

    """
    _check_credentials(login, password)
    with translated(server):
        before = Features.of(client.capabilities())
        if before.login_disabled and not before.auth_plain:
            raise LoginNotPossible("LOGINDISABLED", host=server.host)
        _authenticate(client, server, before, login, password)
        client._cached_capabilities = None  # noqa: SLF001 - RFC 9051 §6.1.1: re-read
        features = Features.of(client.capabilities())
        session = Session(client, server, features, _identify(client, features))
    if features.qresync:
        list(session.exchange("ENABLE QRESYNC"))
    return session


@contextmanager
def open_session(
    server: Server, login: str, password: Secret, policy: Policy
) -> Iterator[Session]:
    """Connect, secure, log in; log out at the end, whatever happens."""
    network.check_plain(server, policy)
    sock = network.reach(server, network.resolve(server, policy), policy)
    if server.security is Security.TLS:
        sock = network.secure(sock, server, policy)
    client = greet(server, sock, policy)
    try:
        yield log_in(client, server, login, password)
    finally:
        close(client)


def close(client: Client) -> None:
    """Log out, within a short time, and close; a lost connection is no matter."""
    with suppress(exceptions.IMAPClientError, OSError, MailError):
        client.socket().settimeout(LOGOUT_S)
        client.connection.sock.sendall(b"Z LOGOUT\r\n")  # RFC 9051 §6.1.3
    with suppress(OSError):
        client.connection.sock.close()


@contextmanager
def translated(server: Server, *, greeting: bool = False) -> Iterator[None]:
    """Turn what imapclient, imaplib, TLS and sockets raise into our errors."""
    try:
        with network.translated(server):
            yield
    except MailError:
        raise
    except imaplib.IMAP4.abort as error:
        raise _ended(error, server, greeting=greeting) from error
    except imaplib.IMAP4.error as error:
        words = error.args[0] if error.args else b""
        if greeting and isinstance(words, bytes) and words[:5].upper() == b"* BYE":
            raise refusals.goodbye(shown(words[5:]), server.host) from error
        if greeting:
            raise NotAMailServer(
                "greeting", expected="IMAP", **_facts(server)
            ) from error
        raise ProtocolBroken(str(error), **_facts(server)) from error
    except exceptions.ProtocolError as error:
        raise ProtocolBroken(str(error), **_facts(server)) from error
    except (ValueError, TypeError, LookupError, RecursionError) as error:
        raise ProtocolBroken(type(error).__name__, **_facts(server)) from error


def shown(raw: bytes) -> str:
    """Give a server's words as harmless text."""
    text = raw.decode("utf-8", "replace").strip()
    return CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)


def _facts(server: Server) -> dict[str, object]:
    return {"host": server.host, "port": server.port}


def _ended(error: Exception, server: Server, *, greeting: bool) -> MailError:
    words = str(error)
    if greeting and "unexpected response" in words:
        return NotAMailServer("greeting", expected="IMAP", **_facts(server))
    if re.search(r"EOF|unterminated|socket error", words):
        return ConnectionLost(words, **_facts(server))
    return refusals.goodbye(shown(words.encode()), server.host)


def _start_tls(client: Client, server: Server, policy: Policy) -> None:
    if b"STARTTLS" not in client.capabilities():
        raise NoTls("STARTTLS not offered", **_facts(server))
    connection = client.connection
    typ, _ = connection._simple_command("STARTTLS")  # noqa: SLF001 - no public way
    if typ != "OK" or connection.file.pending():  # THREATS 2: injected before TLS
        raise NoTls("STARTTLS refused", **_facts(server))
    connection.upgrade(network.secure(connection.sock, server, policy))
    client._starttls_done = True  # noqa: SLF001 - capabilities are read anew
    client._cached_capabilities = None  # noqa: SLF001


def _check_credentials(login: str, password: Secret) -> None:
    if CONTROL.search(login):
        raise BadInput("login", "control")
    if CONTROL.search(password.reveal()):
        raise BadInput("password", "control")


def _authenticate(
    client: Client, server: Server, features: Features, login: str, password: Secret
) -> None:
    try:
        if features.auth_plain:
            client.plain_login(login, password.reveal())
        else:
            client.login(login, password.reveal())
    except exceptions.LoginError as error:
        cause = error.__context__
        if isinstance(cause, imaplib.IMAP4.abort):  # a drop, not a bad password
            raise _ended(cause, server, greeting=False) from None
        words = shown(str(error).encode())
        raise refusals.login_refused(words, server.host) from None


def _identify(client: Client, features: Features) -> str:
    """Say who we are; some servers refuse SELECT until then (INTEROP 22)."""
    if not features.id:
        return ""
    try:
        answer = client.id_(CLIENT_ID)
    except (exceptions.IMAPClientError, ValueError, TypeError, IndexError):
        return ""
    pairs = answer if isinstance(answer, tuple) else ()
    if len(pairs) == 1 and isinstance(pairs[0], tuple):
        pairs = pairs[0]
    known = dict(zip(pairs[::2], pairs[1::2], strict=False))
    words = [known.get(key) or b"" for key in (b"name", b"version")]
    return shown(b" ".join(w for w in words if isinstance(w, bytes)))[:120]
