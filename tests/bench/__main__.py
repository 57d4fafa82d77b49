"""Measure a first sync beside the wire limit, in one run: `make bench`.

A Dovecot on loopback holds the mail. Each round drains the same answer from a raw
socket (nothing parsed) and lets the product sync it into a new store; the medians of
three rounds are printed with their ratio. Only ratios of one run mean anything.
"""

from __future__ import annotations

import platform
import socket
import ssl
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core import log
from core.imap.fetch import FIELDS
from tests.certificates import Certificates
from tests.servers import smtp
from tests.servers.dovecot import Account, Dovecot, running
from tests.servers.installation import installed

MESSAGES = 20_000
ROUNDS = 3
ITEMS = (
    "UID FLAGS INTERNALDATE RFC822.SIZE BODYSTRUCTURE "
    f"BODY.PEEK[HEADER.FIELDS ({FIELDS})]"
)


def main() -> None:
    """Fill a mailbox, measure, print a table."""
    with tempfile.TemporaryDirectory(prefix="malote-bench-") as folder:
        here = Path(folder)
        certificates = Certificates(here)
        with smtp.running(certificates.good) as submission:
            ports = (submission.port, submission.starttls_port)
            with running(certificates, ports) as dovecot:
                measure(here, dovecot, certificates)


def measure(here: Path, dovecot: Dovecot, certificates: Certificates) -> None:
    """Take the rounds, one side after the other, and print the medians."""
    account = dovecot.mailbox()
    dovecot.fill(account, {"INBOX": MESSAGES})
    drain(account, certificates)  # fill the server's caches
    wire, first, again = [], [], []
    for number in range(ROUNDS):
        wire.append(timed(partial(drain, account, certificates)))
        with installed(here / f"data{number}", certificates.ca_file) as installation:
            log.set_up("console", "error")
            one = installation.connect(account)
            first.append(timed(partial(installation.sync, one)))
            again.append(timed(partial(installation.sync, one)))
            installation.check(one, account)
    show({"wire": wire, "first sync": first, "nothing changed": again})


def drain(account: Account, certificates: Certificates) -> None:
    """Read the answer to one FETCH of everything and throw it away."""
    context = certificates.client_context()
    with (
        socket.create_connection((account.host, account.imap_port), 60) as plain,
        context.wrap_socket(plain, server_hostname=account.host) as sock,
    ):
        lines = f'a LOGIN "{account.user}" "{account.password}"\r\nb EXAMINE INBOX\r\n'
        sock.sendall(f"{lines}c UID FETCH 1:* ({ITEMS})\r\n".encode())
        tail = b""
        while b"\r\nc OK" not in tail:
            data = sock.recv(1 << 18)
            if not data:
                raise ssl.SSLEOFError
            tail = tail[-8:] + data


def timed(work: Callable[[], object]) -> float:
    """Give how long it took, in seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def show(taken: dict[str, list[float]]) -> None:
    """Print medians, rates and ratios."""
    limit = statistics.median(taken["wire"])
    out = [
        f"{MESSAGES} messages, {ROUNDS} rounds, {platform.machine()}, TLS, SQLite",
        "",
    ]
    for name, seconds in taken.items():
        median = statistics.median(seconds)
        rate = f"{MESSAGES / median:>10,.0f}/s"
        out.append(f"{name:<16} {median:>8.3f} s {rate} {median / limit:>6.1f} x wire")
    sys.stdout.write("\n".join(out) + "\n")


if __name__ == "__main__":
    main()
