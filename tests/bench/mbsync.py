"""mbsync (isync): the usual synchroniser; full bodies into Maildir.

It is told not to wait for the disk (FSync no), as the server does. It runs as a
process, whose start alone is measured too and taken off.
"""

from __future__ import annotations

import math
import shutil
import statistics
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from tests.bench.rounds import timed
from tests.bench.site import Link, Site, server, shares
from tests.servers.dovecot import Account

RUN_S = 1800.0
STARTS = 9
TLS_LINES = """\
SSLType IMAPS
CertificateFile {ca_file}
SystemCertificates no
"""
ACCOUNT = """\
IMAPAccount {user}
Host {host}
Port {port}
User {user}
Pass {password}
AuthMechs LOGIN
Timeout 120
{tls}
IMAPStore {user}-far
Account {user}

MaildirStore {user}-near
Path {mail}/{user}/
Inbox {mail}/{user}/INBOX
SubFolders Verbatim

Channel {user}
Far :{user}-far:
Near :{user}-near:
Patterns *
Sync Pull
Create Near
Expunge Near
SyncState *

"""


class Mbsync:
    """Copies of accounts in Maildir, brought up to date by so many processes."""

    def __init__(
        self, site: Site, accounts: Sequence[Account], link: Link, at_once: int = 1
    ) -> None:
        self._site, self._accounts, self._at_once = site, list(accounts), at_once
        self._here: Path | None = None
        self.use(link)

    @property
    def holds(self) -> bool:
        """Tell whether a first sync was done."""
        return self._here is not None

    def use(self, link: Link) -> None:
        """Reach the server in another way from now on."""
        self._link = link
        if self._here is not None:
            self._write_config(self._here)

    def first(self) -> float:
        """Fetch everything into new, empty folders."""
        self.close()
        self._here = self._site.folder()
        for account in self._accounts:
            (self._here / "mail" / account.user).mkdir(parents=True)
        self._write_config(self._here)
        return self.again()

    def again(self) -> float:
        """Bring the copies up to date; starting the processes does not count."""
        self._settle()
        return max(0.0, timed(self._run_all) - start_s())

    def check(self) -> None:
        """See that as many messages are held as the server has."""
        for account in self._accounts:
            found = sum(1 for _ in self._inbox(account).glob("[cn]*/*"))
            status = ("-f", "tab", "mailbox", "status", "-u", account.user)
            said = self._site.dovecot.doveadm(*status, "messages", "INBOX")
            assert found == int(said.split()[-1]), (account.user, found, said)

    def close(self) -> None:
        """Remove the copies."""
        if self._here is not None:
            shutil.rmtree(self._here)
            self._here = None

    def _settle(self) -> None:
        """Let a second pass since the last change: else mbsync itself sleeps one."""
        assert self._here is not None
        folders = (self._here / "mail").glob("*/*/[cn]*")
        newest = max((folder.stat().st_mtime for folder in folders), default=0.0)
        time.sleep(max(0.0, math.floor(newest) + 2 - time.time()))

    def _inbox(self, account: Account) -> Path:
        assert self._here is not None
        return self._here / "mail" / account.user / "INBOX"

    def _write_config(self, here: Path) -> None:
        text = "FSync no\n\n" + "".join(
            self._account(one, here) for one in self._accounts
        )
        (here / "mbsyncrc").write_text(text)

    def _account(self, account: Account, here: Path) -> str:
        where = server(account, self._link)
        tls = TLS_LINES.format(ca_file=self._site.ca_file)
        return ACCOUNT.format(
            user=account.user,
            password=account.password,
            # isync 1.4 compares certificates with names, not with addresses.
            host="localhost" if self._link is Link.TLS else where.host,
            port=where.port,
            tls=tls if self._link is Link.TLS else "SSLType None\n",
            mail=here / "mail",
        )

    def _run_all(self) -> None:
        with ThreadPoolExecutor(self._at_once) as pool:
            for _ in pool.map(self._run, shares(self._accounts, self._at_once)):
                pass

    def _run(self, accounts: Sequence[Account]) -> None:
        assert self._here is not None
        names = [account.user for account in accounts]
        command = ["mbsync", "-q", "-c", str(self._here / "mbsyncrc"), *names]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=RUN_S, check=False
        )
        if done.returncode:
            raise RuntimeError(f"mbsync: {done.stderr[-500:]}")


@cache
def start_s() -> float:
    """Give how long the process takes to start and end, without any work."""
    command = ["mbsync", "--version"]
    starts = [
        timed(lambda: subprocess.run(command, stdout=subprocess.DEVNULL, check=True))
        for _ in range(STARTS)
    ]
    return statistics.median(starts)
