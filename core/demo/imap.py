"""The demo's IMAP server: pymap with the made-up mail in memory, over TLS."""

from __future__ import annotations

import asyncio
import ssl
from argparse import Namespace
from collections.abc import Iterable
from datetime import date
from typing import Any
from zlib import crc32

from proxyprotocol.reader import ProxyProtocolReader
from pymap.backend.dict import Config, DictBackend, Login
from pymap.backend.dict.filter import FilterSet
from pymap.backend.dict.mailbox import MailboxSet
from pymap.config import BackendCapability
from pymap.imap import IMAPServer
from pymap.parsing.message import AppendMessage
from pymap.parsing.specials.flag import Flag
from pymap.user import Passwords, UserMetadata

from core.demo.mail import FOLDERS, DemoMail
from core.secret import Secret

INBOX = "INBOX"


class DemoConfig(Config):
    """pymap's settings, without the object ids, which change at each start."""

    @property
    def backend_capability(self) -> BackendCapability:
        """Say what the store can do; pymap 0.36 makes its EMAILIDs at random."""
        return BackendCapability(idle=True, object_id=False, multi_append=True)


class DemoImap:
    """An IMAP server with one user."""

    def __init__(self, address: str, password: Secret, today: date) -> None:
        """Prepare; nothing is served yet. `today` names the contents (UIDVALIDITY)."""
        args = Namespace(
            host=None, port=None, cert=None, key=None, tls=False, debug=False,
            proxy_protocol=None, inherited_sockets=None, passlib_cfg=None,
            demo_data=False, demo_user=address, demo_password=password.reveal(),
        )  # fmt: skip
        self._address, self._password, self._today = address, password, today
        self._config: Any = DemoConfig.from_args(args)
        self._login = Login(self._config)
        self._backend = DictBackend(self._login, self._config)
        self._mailboxes = MailboxSet()

    async def fill(self, mails: Iterable[DemoMail]) -> None:
        """Make the folders and put the mail into them."""
        self._config.apply_context()
        hashed = await Passwords(self._config).hash_password(self._password.reveal())
        user = UserMetadata(self._config, self._address, password=hashed)
        await self._login.demo_user_identity.set(user)
        for name in FOLDERS:
            if name != INBOX:
                await self._mailboxes.add_mailbox(name)
            box: Any = await self._mailboxes.get_mailbox(name)
            # The same contents, the same UIDs: so the same UIDVALIDITY, too.
            box._uid_validity = crc32(f"{self._today} {name}".encode()) or 1  # noqa: SLF001 - pymap 0.36 has no way
        self._config.set_cache[self._address] = (self._mailboxes, FilterSet())
        for mail in mails:
            await self.deliver(mail)

    async def deliver(self, mail: DemoMail) -> None:
        """Put a message into its folder."""
        box = await self._mailboxes.get_mailbox(mail.folder)
        flags = frozenset(Flag(f.encode()) for f in mail.flags)
        await box.append(AppendMessage(mail.raw, mail.received_at, flags))

    async def serve(self, port: int, context: ssl.SSLContext) -> asyncio.Server:
        """Listen on loopback, TLS from the first byte."""
        server = IMAPServer(self._login, self._config)
        answer = ProxyProtocolReader(self._config.proxy_protocol).get_callback(server)
        return await asyncio.start_server(
            answer, host="127.0.0.1", port=port, ssl=context
        )
