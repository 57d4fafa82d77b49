"""The wire limit: how fast this server's answer can be read, if nobody parses it."""

from __future__ import annotations

import socket

from tests.bench.site import INBOX, Link, Site, server
from tests.servers.dovecot import Account

FIELDS = "FROM TO CC SUBJECT DATE MESSAGE-ID IN-REPLY-TO REFERENCES"
ITEMS = (
    "UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE "
    f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"
)
RECEIVE_BYTES = 1 << 18
TIMEOUT_S = 60.0
LAST_LINE = 512  # bytes, more than the end of an answer has


def drain(site: Site, account: Account, link: Link) -> int:
    """Log in, ask for everything in one FETCH, and throw the answer away.

    Gives how many bytes came.
    """
    lines = f'a LOGIN "{account.user}" "{account.password}"\r\nb EXAMINE {INBOX}\r\n'
    with _connected(site, account, link) as sock:
        sock.sendall(f"{lines}c UID FETCH 1:* ({ITEMS})\r\n".encode())
        return _read_up_to(sock, b"\r\nc OK")


def _connected(site: Site, account: Account, link: Link) -> socket.socket:
    where, context = server(account, link), site.context(link)
    sock = socket.create_connection((where.host, where.port), TIMEOUT_S)
    if context is None:
        return sock
    return context.wrap_socket(sock, server_hostname=where.host)


def _read_up_to(sock: socket.socket, end: bytes) -> int:
    buffer = bytearray(RECEIVE_BYTES)
    view, tail, total = memoryview(buffer), b"", 0
    while end not in tail:
        size = sock.recv_into(view)
        if not size:
            raise ConnectionError
        total += size
        tail = (tail + view[max(0, size - LAST_LINE) : size])[-LAST_LINE:]
    return total
