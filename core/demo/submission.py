"""The demo's SMTP server: it accepts mail after login and delivers it at home."""

from __future__ import annotations

import asyncio
import hmac
import logging
import ssl
import warnings
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from core.demo.mail import INBOX, DemoMail
from core.secret import Secret

Deliver = Callable[[DemoMail], Awaitable[None]]


# aiosmtpd 1.4 warns that AUTH comes before STARTTLS: here TLS comes before the
# first byte; and that it will drop an attribute which it uses itself.
warnings.filterwarnings("ignore", module="aiosmtpd")
logging.getLogger("mail.log").setLevel(logging.ERROR)


class Submission:
    """An aiosmtpd handler: mail for the demo's own address reaches its inbox."""

    def __init__(self, address: str, password: Secret, deliver: Deliver) -> None:
        """Accept logins of one user; hand what is for them to `deliver`."""
        self._address, self._password, self._deliver = address, password, deliver

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
        good = hmac.compare_digest(data.password, self._password.reveal().encode())
        return AuthResult(success=good and data.login.decode() == self._address)

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Accept a message."""
        raw = envelope.original_content or b""
        if self._address in {to.lower() for to in envelope.rcpt_tos}:
            now = datetime.now(UTC).replace(microsecond=0)
            await self._deliver(DemoMail(INBOX, frozenset(), now, raw))
        return "250 2.0.0 accepted"

    async def serve(self, port: int, context: ssl.SSLContext) -> asyncio.Server:
        """Listen on loopback, TLS from the first byte."""
        loop = asyncio.get_running_loop()

        def protocol() -> SMTP:
            return SMTP(
                self,
                hostname="localhost",
                authenticator=self.authenticate,
                auth_required=True,
                auth_require_tls=False,  # TLS has begun before the first byte
                enable_SMTPUTF8=True,
                loop=loop,
            )

        return await loop.create_server(protocol, "127.0.0.1", port, ssl=context)
