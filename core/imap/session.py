"""One logged-in connection; every failure leaves it as one of our errors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from imapclient import exceptions

from core import refusals
from core.errors import (
    FolderRefused,
    LimitExceeded,
    MailError,
    ProtocolBroken,
    Throttled,
)
from core.imap import avoided, greeting, login as letting_in
from core.imap.features import Features
from core.imap.foreign import shown, translated
from core.imap.profiles import USUAL, Profile, choose
from core.imap.responses import Part, Reader
from core.imap.wire import Client
from core.model import Security, Server
from core.network import Policy
from core.secret import Secret

LOGOUT_S = 3.0
CLIENT_ID = 'ID ("name" "malote" "version" "0.1")'
ALERTS_MOST = 20
ALERT = b"[ALERT]"


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to one of several commands; `refusal` when it said no."""

    command: str
    responses: list[list[Part]]
    refusal: MailError | None = None


@dataclass(slots=True)
class Session:
    """A live connection, logged in, and what its server can do.

    `features` are those to be used: offered, not denied by the profile, enabled where
    that is needed, and not yet found broken. `greeting` is empty where it came before
    TLS; `alerts` are what the server wants a person to read (RFC 9051 §7.1).
    """

    client: Client
    server: Server
    features: Features
    identified_as: str = ""  # the server's own name and version (RFC 2971)
    profile: Profile = USUAL
    greeting: str = ""
    alerts: list[str] = field(default_factory=list)

    def without(self, *names: str) -> None:
        """Use capabilities no more that the server offers and answers with BAD."""
        avoided.remember(self.server, names)
        self.features = self.features.without(names)

    def exchange(self, command: str) -> Iterator[list[Part]]:
        """Send a command and yield its untagged responses.

        Raises:
            FolderRefused, Throttled, ServerUnavailable, ProtocolBroken: the server
                said NO or BAD.
            ConnectionLost, NoAnswer, LimitExceeded.

        """
        tag = self.begin(command)
        with translated(self.server):
            yield from self._answer(command, tag)

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
                self._listen([line])
            self._listen([reader.tagged])
            self._check(command, [reader.tagged])
        return shown(reader.tagged)

    def pipelined(self, commands: Iterable[str], ahead: int = 64) -> Iterator[Answer]:
        """Send commands without waiting for each; yield their answers in order.

        A NO or BAD is told with its answer and does not end the others. Not more than
        `ahead` are under way, so that neither side waits with full buffers.

        Raises:
            ConnectionLost, NoAnswer, LimitExceeded: as of `exchange`.

        """
        waiting: deque[tuple[str, bytes]] = deque()
        for command in commands:
            waiting.append((command, self.begin(command)))
            if len(waiting) > ahead:
                yield self._whole(*waiting.popleft())
        while waiting:
            yield self._whole(*waiting.popleft())

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
                self._listen(parts)
                yield parts
            elif word == tag:
                self._listen(parts)
                self._check(command, parts)
            elif word != b"+":
                raise self._nobodys(parts)

    def _nobodys(self, parts: list[Part]) -> MailError:
        line = parts[0][0] if isinstance(parts[0], tuple) else parts[0]
        return refusals.out_of_protocol(shown(line), self.server.host)

    def _listen(self, parts: list[Part]) -> None:
        """Note an alert, and end with a BYE, whatever was asked."""
        first = parts[0]
        if not isinstance(first, bytes):
            return
        if ALERT in first[:40].upper():
            self._alert(first)
        if first[:6].upper() == b"* BYE ":
            raise refusals.goodbye(shown(first[6:]), self.server.host)

    def _alert(self, line: bytes) -> None:
        words = line.split(b" ", 2)
        if words[1].upper() not in {b"OK", b"NO", b"BAD", b"BYE"}:
            return
        _, _, text = shown(words[-1]).partition("]")
        text = text.strip()[: refusals.SHOWN_MAX]
        # Said without TLS, it may be anybody's (THREATS, fault 17).
        new = text and text not in self.alerts and len(self.alerts) < ALERTS_MOST
        if new and self.server.security is not Security.NONE:
            self.alerts.append(text)

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


def log_in(client: Client, server: Server, login: str, password: Secret) -> Session:
    """Authenticate, say who we are, choose a profile, enable what it allows.

    Raises:
        WrongPassword, AppPasswordNeeded, ImapDisabled, PasswordsNotAccepted,
        LoginNotPossible, Throttled, ServerUnavailable, ConnectionLost.
        SessionRefused: the password is right, and nothing more is to be had now.

    """
    letting_in.check_credentials(login, password)
    with translated(server):
        before = Features.of(client.capabilities())
        session = Session(
            client, server, before, greeting=greeting.words(client, server)
        )
        lines = letting_in.authenticate(client, server, before, login, password)
        client._imap.state = "AUTH"  # noqa: SLF001 - imaplib did not see the login
        for line in lines:
            session._listen([line])  # noqa: SLF001 - its own maker
    _introduce(session, letting_in.capabilities(lines))
    if session.profile.probe or session.alerts:
        _probe(session)
    _enable(session)
    return session


@contextmanager
def open_session(
    server: Server, login: str, password: Secret, policy: Policy
) -> Iterator[Session]:
    """Connect, secure, log in; log out at the end, whatever happens."""
    session = start_session(server, login, password, policy)
    try:
        yield session
    finally:
        close(session.client)


def start_session(
    server: Server, login: str, password: Secret, policy: Policy
) -> Session:
    """Connect, secure, log in; whoever holds the session closes its client."""
    client = greeting.connected(server, policy)
    try:
        return log_in(client, server, login, password)
    except BaseException:
        close(client)
        raise


def close(client: Client) -> None:
    """Log out, within a short time, and close; a lost connection is no matter."""
    with suppress(exceptions.IMAPClientError, OSError, MailError):
        client.socket().settimeout(LOGOUT_S)
        client.connection.sock.sendall(b"Z LOGOUT\r\n")  # RFC 9051 §6.1.3
    with suppress(OSError):
        client.connection.sock.close()


def _introduce(session: Session, told: tuple[bytes, ...]) -> None:
    """Exchange names, read what the server can do now, and choose a profile.

    `told`: capabilities that came with the login; asked for if there were none
    (RFC 9051 §6.1.1, THREATS, fault 38).
    """
    server, before = session.server, session.features
    offered = before.id or Features.of(told).id
    identify = offered or choose(server.host, session.greeting).identify
    commands = ([] if told else ["CAPABILITY"]) + ([CLIENT_ID] if identify else [])
    for answer in session.pipelined(commands):
        if answer.command == CLIENT_ID:
            session.identified_as = letting_in.name_and_version(answer.responses)
        else:
            lines = [p[0] for p in answer.responses if isinstance(p[0], bytes)]
            told = letting_in.capabilities(lines)
    if Features.of(told).id and not identify:  # INTEROP 22: always, where offered
        said = next(session.pipelined([CLIENT_ID])).responses
        session.identified_as = letting_in.name_and_version(said)
    session.client._cached_capabilities = told  # noqa: SLF001 - imapclient asks it
    name = session.identified_as
    session.profile = choose(server.host, session.greeting, name, told)
    session.features = Features.of(told).without(
        {*session.profile.deny, *avoided.of(server)}
    )


def _probe(session: Session) -> None:
    """See whether the mailbox opens: some servers say OK to a login and stop there.

    Raises:
        SessionRefused, ImapDisabled: it does not (INTEROP 17, 25).

    """
    (answer,) = session.pipelined(['LIST "" INBOX'])
    if answer.refusal is not None:
        host = session.server.host
        raise refusals.mailbox_refused(session.alerts, answer.refusal, host)


def _enable(session: Session) -> None:
    """Switch on what must be; what the server does not confirm is not used.

    RFC 7162 §3.2.3, RFC 9586 §3. iCloud offers QRESYNC and never says so (INTEROP 9).
    """
    able = session.features
    wanted = ["QRESYNC"] if able.qresync else []
    wanted += ["UIDONLY"] if able.uidonly and session.profile.uidonly else []
    enabled: set[bytes] = set()
    if wanted and able.enable:
        (answer,) = session.pipelined([f"ENABLE {' '.join(wanted)}"])
        for parts in answer.responses:
            if isinstance(parts[0], bytes) and parts[0][:10].upper() == b"* ENABLED ":
                enabled.update(parts[0][10:].upper().split())
    off = [n for n in ("QRESYNC", "UIDONLY") if n.encode() not in enabled]
    session.features = able.without(off)
