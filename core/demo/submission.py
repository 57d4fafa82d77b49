"""The demo's SMTP server: it accepts mail after login and delivers it at home."""

from __future__ import annotations

import asyncio
import hmac
import logging
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from socket import socket
from typing import Any
from weakref import WeakSet

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.demo.folders import INBOX, DemoMail
from core.demo.kept import Kept

Deliver = Callable[[DemoMail], Awaitable[None]]
KEPT = 200
# aiosmtpd 1.4.6 logs a deprecation of its own at each login.
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Submission:
    """An aiosmtpd handler: mail for the demo's own address reaches its inbox.

    `elsewhere` holds the last mails that went to others; they go nowhere.
    """

    def __init__(self, kept: Kept, deliver: Deliver) -> None:
        """Accept logins of one user; hand what is for them to `deliver`."""
        self._address, self._password = kept.address, kept.password
        self._deliver = deliver
        self._talks: WeakSet[SMTP] = WeakSet()
        self.elsewhere: deque[Envelope] = deque(maxlen=KEPT)

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

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Accept a message."""
        to = {address.lower() for address in envelope.rcpt_tos}
        if self._address in to:
            now = datetime.now(UTC).replace(microsecond=0)
            raw = envelope.original_content or b""
            await self._deliver(DemoMail(INBOX, frozenset(), now, raw))
        if to - {self._address}:
            self.elsewhere.append(envelope)
        return "250 2.0.0 accepted"

    async def serve(self, sock: socket, context: ssl.SSLContext) -> asyncio.Server:
        """Listen on a bound socket, TLS from the first byte."""
        loop = asyncio.get_running_loop()
        return await loop.create_server(self._talk, sock=sock, ssl=context)

    def hang_up(self) -> None:
        """End every conversation."""
        for talk in tuple(self._talks):
            if isinstance(talk.transport, asyncio.WriteTransport):
                talk.transport.abort()

    def _talk(self) -> SMTP:
        talk = SMTP(
            self,
            hostname="localhost",
            ident="Malote demo",
            authenticator=self.authenticate,
            auth_require_tls=False,  # TLS has begun before the first byte
            enable_SMTPUTF8=True,
            loop=asyncio.get_running_loop(),
        )
        self._talks.add(talk)
        return talk
