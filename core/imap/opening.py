"""Open sessions: connect, secure, log in, and find out who is on the other side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from imapclient import exceptions

from core import hiding, refusals
from core.errors import MailError
from core.imap import greeting, login as letting_in, remembered
from core.imap.features import features_of
from core.imap.foreign import shown, translated
from core.imap.profiles import choose
from core.imap.recording import Recorder
from core.imap.session import Session
from core.imap.wire import Client
from core.model import Server
from core.network import Policy
from core.secret import Secret

LOGOUT_S = 3.0
CLIENT_ID = 'ID ("name" "malote" "version" "0.1")'


def log_in(client: Client, server: Server, login: str, password: Secret) -> Session:
    """Authenticate, say who we are, choose a profile, enable what it allows.

    Raises:
        WrongPassword, AppPasswordNeeded, ImapDisabled, PasswordsNotAccepted,
        LoginNotPossible, Throttled, ServerUnavailable, ConnectionLost.
        SessionRefused: the password is right, and nothing more is to be had now.

    """
    letting_in.check_credentials(login, password)
    with translated(server):
        before = features_of(client.capabilities())
        session = Session(
            client,
            server,
            before,
            greeting=greeting.words(client, server),
            hidden=hiding.of_login(login, password, server),
        )
        lines = letting_in.authenticate(client, server, before, login, password)
        client._imap.state = "AUTH"  # noqa: SLF001 - imaplib did not see the login
        for line in lines:
            session.listen([line])
        said = shown(lines[-1].partition(b" ")[2])
        session.welcome = session.hidden.out_of(said)
    _introduce(session, letting_in.capabilities(lines))
    if session.profile.probe or session.alerts:
        _probe(session)
    return session


@contextmanager
def open_session(
    server: Server, login: str, password: Secret, policy: Policy
) -> Iterator[Session]:
    """Connect, secure, log in; log out at the end, whatever happens."""
    with held(start_session(server, login, password, policy), policy) as session:
        yield session


@contextmanager
def held(session: Session, policy: Policy) -> Iterator[Session]:
    """Give a session that was started; log out at the end, whatever happens."""
    server = session.server
    slow = server.host in policy.compress_hosts
    session.compresses = slow or session.profile.compress
    try:
        yield session
    finally:
        close(session.client)


def start_session(
    server: Server,
    login: str,
    password: Secret,
    policy: Policy,
    recorder: Recorder | None = None,
) -> Session:
    """Connect, secure, log in; whoever holds the session closes its client.

    Not compressed: its socket may be used by itself, and 256 KiB of tables are much for
    a connection that mostly waits. A `recorder` takes down all that is said.
    """
    if recorder is not None:
        recorder.hide(hiding.thoroughly(login, password, server), login)
    client = greeting.connected(server, policy, recorder)
    try:
        session = log_in(client, server, login, password)
    except BaseException:
        close(client)
        raise
    return session


def close(client: Client) -> None:
    """Log out, within a short time, and close; a lost connection is no matter."""
    with suppress(exceptions.IMAPClientError, OSError, MailError):
        client.socket().settimeout(LOGOUT_S)
        client.connection.sock.sendall(b"Z LOGOUT\r\n")  # RFC 9051 §6.1.3
        if client.connection.recorder is not None:
            client.connection.recorder.sent(b"Z LOGOUT\r\n")
    with suppress(OSError):
        client.connection.sock.close()


def _introduce(session: Session, told: tuple[bytes, ...]) -> None:
    """Exchange names, read what the server can do now, and choose a profile.

    `told`: capabilities that came with the login; asked for if there were none
    (RFC 9051 §6.1.1, THREATS, fault 38).
    """
    server = session.server
    identify = session.features.id or choose(server.host, session.greeting).identify
    if not told:
        for answer in session.pipelined(["CAPABILITY"]):
            lines = [p[0] for p in answer.responses if isinstance(p[0], bytes)]
            told = letting_in.capabilities(lines)
    session.client._cached_capabilities = told  # noqa: SLF001 - imapclient asks it
    if identify or b"ID" in told:  # INTEROP 22: always, where offered
        _say_who_we_are(session)
    name = session.identified_as
    session.profile = choose(server.host, session.greeting, name, told)
    denied = {*session.profile.deny, *remembered.avoided(server)}
    session.features = features_of(told, frozenset(denied))


def _say_who_we_are(session: Session) -> None:
    """Send ID; wait for the answer only where it was not heard before (RFC 2971)."""
    name = remembered.name_of(session.server)
    if name is not None:
        session.owe(CLIENT_ID)
        session.identified_as = name
        return
    said = next(session.pipelined([CLIENT_ID])).responses
    session.identified_as = letting_in.name_and_version(said)
    remembered.remember_name(session.server, session.identified_as)


def _probe(session: Session) -> None:
    """See whether the mailbox opens: some servers say OK to a login and stop there.

    Raises:
        SessionRefused, ImapDisabled: it does not (INTEROP 17, 25).

    """
    (answer,) = session.pipelined(['LIST "" INBOX'])
    if answer.refusal is not None:
        host = session.server.host
        raise refusals.mailbox_refused(session.alerts, answer.refusal, host)
