"""The demo's IMAP server: pymap with the made-up mail in memory, over TLS."""

from __future__ import annotations

import asyncio
import gc
import ssl
from argparse import Namespace
from asyncio import StreamReader, StreamWriter
from collections.abc import Iterable
from socket import socket
from typing import Any, cast
from uuid import uuid4

from proxyprotocol.sock import SocketInfoLocal
from pymap.backend.dict import Config, Login
from pymap.backend.dict.filter import FilterSet
from pymap.concurrent import Subsystem
from pymap.config import BackendCapability
from pymap.imap import IMAPServer
from pymap.user import UserMetadata
from pysasl.hashing import Cleartext

from core.demo.boxes import Boxes
from core.demo.folders import INBOX, DemoMail
from core.demo.journal import Journal
from core.demo.kept import Kept

APPEND_BYTES = 64 << 20


class DemoConfig(Config):
    """pymap's settings."""

    @property
    def backend_capability(self) -> BackendCapability:
        """Say what the folders can do."""
        return BackendCapability(
            idle=True, object_id=True, multi_append=True, custom=[b"SPECIAL-USE"]
        )

    @property
    def greeting(self) -> bytes:
        """Greet without asking DNS for our own name, as pymap 0.36 does."""
        return b"Malote demo ready"


class WholeWriter:
    """Send what belongs together in one piece.

    pymap 0.36 writes a response word by word, each a TLS record of its own, and
    imapclient 4.1 breaks off in IDLE where a record ends within a line.
    """

    def __init__(self, writer: StreamWriter) -> None:
        """Write to `writer`, at the latest when told to drain."""
        self._writer, self._held = writer, bytearray()

    def write(self, data: bytes) -> None:
        """Keep it for now."""
        self._held += data

    async def drain(self) -> None:
        """Send what was kept, and wait until there is room for more."""
        self._writer.write(bytes(self._held))
        self._held.clear()
        await self._writer.drain()

    def close(self) -> None:
        """Close the connection."""
        self._writer.close()


class DemoImap:
    """An IMAP server with one user."""

    def __init__(self, kept: Kept, context: ssl.SSLContext) -> None:
        """Prepare; nothing is served yet."""
        self._config = _config(kept, context)
        self._config.apply_context()
        self._login, self._context = Login(self._config), context
        self._boxes = Boxes(kept.uidvalidity)
        self._config.set_cache[kept.address] = (self._boxes, FilterSet())
        self._talks: set[asyncio.Task[Any]] = set()

    async def fill(self, mails: Iterable[DemoMail], journal: Journal) -> None:
        """Put the mail into its folders, and make the changes of the journal again."""
        config = self._config
        user = UserMetadata(config, config.demo_user, password=config.demo_password)
        await self._login.demo_user_identity.set(user)
        gc.disable()  # it would look at every message again and again: half the time
        for mail in mails:
            await self.deliver(mail)
        for change in journal.changes():
            if box := self._boxes.ours.get(change.folder):
                await box.restore(change)
        gc.freeze()
        gc.enable()
        for box in self._boxes.ours.values():
            box.follow(journal)

    async def deliver(self, mail: DemoMail) -> None:
        """Put a message into its folder."""
        await self._boxes.ours[mail.folder].put(mail)

    def arrived(self) -> int:
        """Give how many messages have ever come into the inbox."""
        return self._boxes.ours[INBOX].last_uid

    async def serve(self, sock: socket) -> asyncio.Server:
        """Listen on a bound socket, TLS from the first byte."""
        return await asyncio.start_server(self._talk, sock=sock, ssl=self._context)

    async def hang_up(self) -> None:
        """Say BYE to everybody (RFC 9051 §7.1.5)."""
        talks = tuple(self._talks)
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks, return_exceptions=True)

    async def _talk(self, reader: StreamReader, writer: StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            return
        self._talks.add(task)
        caller = SocketInfoLocal(writer, unique_id=uuid4().bytes)
        whole = cast("StreamWriter", WholeWriter(writer))
        try:
            await IMAPServer(self._login, self._config)(reader, whole, caller)
        finally:
            self._talks.discard(task)
            writer.transport.abort()


def _config(kept: Kept, context: ssl.SSLContext) -> DemoConfig:
    return DemoConfig(
        Namespace(passlib_cfg=None, proxy_protocol=None),
        host=None,
        port=0,
        ssl_context=context,
        tls_enabled=False,  # no STARTTLS: TLS has begun before the first byte
        hash_context=Cleartext(),  # the password lies beside us in endpoint.json
        cpu_subsystem=Subsystem.for_asyncio(),
        max_append_len=APPEND_BYTES,
        demo_data=False,
        demo_user=kept.address,
        demo_password=kept.password.reveal(),
    )
