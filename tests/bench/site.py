"""What is measured against: one Dovecot on loopback with its mail, and its accounts."""

from __future__ import annotations

import random
import ssl
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from core.model import Security, Server
from tests.bench.mail import mails
from tests.certificates import Certificates
from tests.servers import smtp
from tests.servers.device import Device
from tests.servers.dovecot import Account, Dovecot, Kind, running
from tests.servers.filling import Filler

CONFIG = Path(__file__).with_name("dovecot.conf")
INBOX = "INBOX"
SMALL = 20  # messages in each of many accounts
FILLERS = 4
CHANGES = 100  # of each kind, in a delta


class Link(StrEnum):
    """How clients speak to the server."""

    PLAIN = "plain"
    TLS = "TLS"


@dataclass(frozen=True, slots=True)
class Site:
    """A running server, a folder to work in, and how much of everything there is."""

    here: Path
    dovecot: Dovecot
    certificates: Certificates
    messages: int
    accounts: int
    rounds: int

    @property
    def ca_file(self) -> Path:
        """The certificate to trust."""
        return self.certificates.ca_file

    def folder(self) -> Path:
        """Make a new, empty folder."""
        return Path(tempfile.mkdtemp(dir=self.here))

    def context(self, link: Link) -> ssl.SSLContext | None:
        """Give the TLS settings of a client, None in clear."""
        return self.certificates.client_context() if link is Link.TLS else None

    def mailbox(self, count: int) -> Account:
        """Make an account with so many messages in its inbox."""
        account = self.dovecot.mailbox("box")
        with Filler(account) as filler:
            filler.put(INBOX, mails(account.user, count))
        return account

    def mailboxes(self) -> list[Account]:
        """Make the many accounts, with little mail in each."""
        with ThreadPoolExecutor(FILLERS) as pool:
            return list(pool.map(self.mailbox, [SMALL] * self.accounts))


def server(account: Account, link: Link) -> Server:
    """Give where a client reaches the account by IMAP."""
    if link is Link.TLS:
        return account.imap
    return Server(account.host, account.plain_port, Security.NONE)


def without_condstore(account: Account) -> Account:
    """Give the same mailbox where its server offers neither CONDSTORE nor QRESYNC."""
    return replace(account, host=Kind.NO_CONDSTORE.value)


def change(account: Account, number: int) -> None:
    """Put new messages in, flag others, delete others: as many of each."""
    with Device(account) as device:
        device.client.select_folder(INBOX)
        there = sorted(device.client.search("UNFLAGGED"))
        chosen = random.Random(number).sample(there, 2 * CHANGES)
        device.flag(INBOX, chosen[:CHANGES], r"\Flagged")
        device.delete(INBOX, chosen[CHANGES:])
    with Filler(account) as filler:
        filler.put(INBOX, mails(f"{account.user}/{number}", CHANGES))


def shares(accounts: list[Account], count: int) -> list[list[Account]]:
    """Cut accounts into so many lists of nearly the same length."""
    return [part for part in (accounts[i::count] for i in range(count)) if part]


@contextmanager
def opened(messages: int, accounts: int, rounds: int) -> Iterator[Site]:
    """Start the servers; at the end nothing is left of them, nor of their mail."""
    with tempfile.TemporaryDirectory(prefix="malote-bench-") as name:
        here = Path(name)
        certificates = Certificates(here)
        with smtp.running(certificates.good) as submission:
            ports = (submission.port, submission.starttls_port)
            with running(certificates, ports, CONFIG.read_text()) as dovecot:
                yield Site(here, dovecot, certificates, messages, accounts, rounds)
