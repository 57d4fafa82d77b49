"""Two clients that only look: log in, ask for the numbers of all folders, log out.

The raw one is the least that a client can do: asyncio, no parsing; it still waits for
each answer before it goes on.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from imapclient import IMAPClient

from tests.bench.site import Link, Site, server
from tests.servers.dovecot import Account

ITEMS = ("MESSAGES", "UIDNEXT", "UIDVALIDITY", "UNSEEN", "HIGHESTMODSEQ")
NUMBERS = f'LIST "" "*" RETURN (STATUS ({" ".join(ITEMS)}))'  # RFC 5819
READ_BYTES = 1 << 16


def raw(site: Site, accounts: Sequence[Account], link: Link, at_once: int) -> None:
    """Sweep with asyncio streams, one LIST-STATUS for each account."""
    asyncio.run(_raw(site, accounts, link, at_once))


async def _raw(
    site: Site, accounts: Sequence[Account], link: Link, at_once: int
) -> None:
    context = site.context(link)
    waiting = iter(accounts)

    async def work() -> None:
        for account in waiting:
            await _look(account, link, context)

    await asyncio.gather(*(work() for _ in range(at_once)))


async def _look(account: Account, link: Link, context: ssl.SSLContext | None) -> None:
    where = server(account, link)
    reader, writer = await asyncio.open_connection(where.host, where.port, ssl=context)
    await reader.readuntil(b"\r\n")
    login = f'LOGIN "{account.user}" "{account.password}"'
    for tag, command in (("a", login), ("b", NUMBERS), ("c", "LOGOUT")):
        writer.write(f"{tag} {command}\r\n".encode())
        await _ok(reader, tag.encode())
    writer.close()


async def _ok(reader: asyncio.StreamReader, tag: bytes) -> None:
    answer = b""
    while not (end := b"\r\n" + answer).rpartition(b"\r\n" + tag + b" ")[1] or (
        not end.endswith(b"\r\n")
    ):
        data = await reader.read(READ_BYTES)
        if not data:
            raise ConnectionError
        answer += data
    if tag + b" OK" not in answer:
        raise RuntimeError(answer)


def with_imapclient(
    site: Site, accounts: Sequence[Account], link: Link, at_once: int
) -> None:
    """Sweep with imapclient in threads, one STATUS for each folder."""
    context = site.context(link)
    with ThreadPoolExecutor(at_once) as pool:
        works = [pool.submit(_ask, one, link, context) for one in accounts]
        for work in works:
            work.result()


def _ask(account: Account, link: Link, context: ssl.SSLContext | None) -> None:
    where = server(account, link)
    client = IMAPClient(
        where.host, where.port, ssl=context is not None, ssl_context=context
    )
    with client:
        client.login(account.user, account.password)
        for _, _, name in client.list_folders():
            client.folder_status(name, ITEMS)
