"""The demo's SMTP server: it takes mail after login, and lets its people answer."""

from __future__ import annotations

import asyncio
import hmac
import logging
import ssl
from collections import deque
from datetime import UTC, datetime
from socket import socket
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.demo.answering import Answering, Deliver
from core.demo.folders import INBOX, DemoMail
from core.demo.habits import USUAL, Habit, habit
from core.demo.kept import Kept
from core.demo.talk import DemoTalk

KEPT = 200
MESSAGE_BYTES = 25 << 20
# aiosmtpd 1.4.6 logs a deprecation of its own at each login.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Submission:
    """An aiosmtpd handler: mail for the demo's own address reaches its inbox.

    `elsewhere` holds the last mails that went to others; they go nowhere.
    """

    def __init__(self, kept: Kept, deliver: Deliver, answering: Answering) -> None:
        """Accept logins of one user; hand what is for them to `deliver`."""
        self._address, self._password = kept.address, kept.password
        self._deliver, self._answering = deliver, answering
        self._talks: WeakSet[SMTP] = WeakSet()
        self._deferred: set[str] = set()
        self.elsewhere: deque[Envelope] = deque(maxlen=KEPT)

    async def handle_EHLO(  # noqa: N802 - aiosmtpd's name
        self,
        server: DemoTalk,
        session: Session,
        _envelope: Envelope,
        hostname: str,
        responses: list[str],
    ) -> list[str]:
        """Say that reports can be asked for (RFC 3461 §4)."""
        session.host_name = hostname
        server.allow_longer()
        return [*responses[:-1], "250-DSN", responses[-1]]

    def authenticate(
        self,
        _server: SMTP,
        _session: Session,
        _envelope: Envelope,
        _mechanism: str,
        data: Any,
    ) -> AuthResult:
        """Check user name and password."""
        if not isinstance(data, LoginPassword):
            return AuthResult(success=False, handled=False)
        ours = (self._address.encode(), self._password.reveal().encode())
        theirs = (data.login, data.password)
        good = hmac.compare_digest(b"\0".join(theirs), b"\0".join(ours))
        return AuthResult(success=good, handled=False, auth_data=self._address)

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self,
        _server: SMTP,
        session: Session,
        envelope: Envelope,
        address: str,
        options: list[str],
    ) -> str:
        """Take mail only after a login (RFC 4954 §6).

        aiosmtpd 1.4's `auth_required` says the same, and logs a warning for every
        connection unless TLS began with STARTTLS.
        """
        if not session.authenticated:
            return "530 5.7.0 Authentication required"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self,
        server: DemoTalk,
        _session: Session,
        envelope: Envelope,
        address: str,
        _options: list[str],
    ) -> str:
        """Take a recipient, or say why not."""
        kind, known = habit(address), address.lower()
        if kind is Habit.REFUSED:
            return f"550 5.1.1 <{address}>: Recipient address rejected: User unknown"
        if kind is Habit.GREYLISTS and known not in self._deferred:
            self._deferred.add(known)
            return f"451 4.7.1 <{address}>: Greylisted, please try again later"
        envelope.rcpt_tos.append(address)
        notify = USUAL if server.notify is None else server.notify
        envelope.rcpt_options.append(",".join(sorted(notify)))
        return "250 2.1.5 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: DemoTalk, _session: Session, envelope: Envelope
    ) -> str:
        """Accept a message: what is for the demo's own address arrives at once."""
        raw = envelope.original_content or b""
        asked = dict(zip(envelope.rcpt_tos, envelope.rcpt_options, strict=True))
        to = {address.lower(): words for address, words in asked.items()}
        if self._address in to:
            now = datetime.now(UTC).replace(microsecond=0)
            await self._deliver(DemoMail(INBOX, frozenset(), now, raw))
        if others := to.keys() - {self._address}:
            self.elsewhere.append(envelope)
            for address in sorted(others):
                notify = to[address].split(",")
                self._answering.arrived(raw, address, notify, server.envelope_id)
        return "250 2.0.0 accepted"

    async def serve(self, sock: socket, context: ssl.SSLContext) -> asyncio.Server:
        """Listen on a bound socket, TLS from the first byte."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._talk, sock=sock, ssl=context)

    def hang_up(self) -> None:
        """End every conversation; nobody answers any more."""
        self._answering.stop()
        for talk in tuple(self._talks):
            if isinstance(talk.transport, asyncio.WriteTransport):
                talk.transport.abort()

    def _talk(self) -> SMTP:
        talk = DemoTalk(
            self,
            data_size_limit=MESSAGE_BYTES,
            hostname="localhost",
            ident="Malote demo",
            authenticator=self.authenticate,
            auth_require_tls=False,  # TLS has begun before the first byte
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._talks.add(talk)
        return talk
