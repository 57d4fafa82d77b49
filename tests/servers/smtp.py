"""A real submission server on loopback that keeps what it is given.

    def test_sending(submission):
        ...                                   # send as ana@example.org, password "pw"
        assert submission.sent_by("ana@example.org")[0].to == ("bruno@example.net",)

One port speaks TLS from the first byte, the other STARTTLS (RFC 6409, RFC 8314). A
login whose name begins with "deny" is refused, like in dovecot.conf.
"""

from __future__ import annotations

import asyncio
import email
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.certificates import Pair
from tests.servers.dovecot import PASSWORD, free_ports

HOST = "127.0.0.1"
ARRIVES_S = 10.0


@dataclass(frozen=True, slots=True)
class Sent:
    """A mail that was accepted: who logged in, its envelope and its bytes."""

    login: str
    sender: str
    to: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        """The mail, parsed."""
        return email.message_from_bytes(self.raw, policy=default)


@dataclass(slots=True)
class Submission:
    """The server's two ports, what it received, and how it is told to answer.

    `answers` maps an address to the answer to its RCPT; `answer_to_data` replaces the
    answer to every mail ("451 4.3.0 Try later"). `hand_on` is given each mail that is
    accepted. `forget` clears all four.
    """

    port: int = 0
    starttls_port: int = 0
    received: list[Sent] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    answer_to_data: str = ""
    hand_on: Callable[[Sent], None] | None = None
    _arrived: threading.Condition = field(default_factory=threading.Condition)

    def sent_by(self, login: str, count: int = 1) -> list[Sent]:
        """Wait for that many mails of a login, and give all there are by then."""

        def found() -> list[Sent]:
            return [sent for sent in self.received if sent.login == login]

        with self._arrived:
            self._arrived.wait_for(lambda: len(found()) >= count, ARRIVES_S)
            return found()

    def forget(self) -> None:
        """Begin anew: no mails, no special answers."""
        self.received.clear()
        self.answers.clear()
        self.answer_to_data = ""
        self.hand_on = None

    async def handle_MAIL(  # noqa: N802 - aiosmtpd looks for this name
        self,
        server: SMTP,  # noqa: ARG002 - part of its interface
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take mail only from who has logged in (RFC 4954 section 6)."""
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd looks for this name
        self,
        server: SMTP,  # noqa: ARG002 - part of its interface
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Accept a recipient, or answer as told."""
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd looks for this name
        self,
        server: SMTP,  # noqa: ARG002 - part of its interface
        session: Session,
        envelope: Envelope,
    ) -> str:
        """Keep a mail, or answer as told."""
        if self.answer_to_data:
            return self.answer_to_data
        sent = Sent(
            login=str(session.auth_data),
            sender=envelope.mail_from or "",
            to=tuple(envelope.rcpt_tos),
            raw=envelope.original_content or b"",
        )
        if self.hand_on:
            await asyncio.to_thread(self.hand_on, sent)
        with self._arrived:
            self.received.append(sent)
            self._arrived.notify_all()
        return "250 OK: kept"


@contextmanager
def running(pair: Pair) -> Iterator[Submission]:
    """Start a submission server that shows this certificate."""
    submission = Submission()
    context = pair.server_context()
    submission.port, submission.starttls_port = free_ports(2)
    implicit = Controller(
        submission,
        HOST,
        submission.port,
        ssl_context=context,
        authenticator=_check,
        auth_require_tls=False,  # it is TLS already; aiosmtpd knows only STARTTLS
    )
    starttls = Controller(
        submission,
        HOST,
        submission.starttls_port,
        tls_context=context,
        require_starttls=True,
        authenticator=_check,
    )
    implicit.start()
    starttls.start()
    try:
        yield submission
    finally:
        implicit.stop()
        starttls.stop()


def _check(
    server: SMTP,  # noqa: ARG001 - the interface of aiosmtpd
    session: Session,  # noqa: ARG001
    envelope: Envelope,  # noqa: ARG001
    mechanism: str,  # noqa: ARG001
    login: LoginPassword,
) -> AuthResult:
    """Accept the password of the tests; remember the login in the session."""
    name = login.login.decode()
    right = login.password == PASSWORD.encode() and not name.startswith("deny")
    return AuthResult(success=right, handled=False, auth_data=name)
