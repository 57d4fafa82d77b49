"""The product at work: its whole path, from login to rows in its store on disk.

`core.sync.look` and `core.sync.run` on an installation of its own, in this process:
every folder, all indexes, rollups, limits, the lease and the record of each run.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from core.jobs.embedded import syncer
from core.model import Outcome, Trigger
from core.runtime import open_runtime
from core.settings import Settings
from core.store import integrations
from core.store.engine import writing
from core.sync.look import Looks
from core.sync.syncer import Report
from tests.bench.rounds import timed
from tests.bench.site import Link, Site, server
from tests.servers.dovecot import Account
from tests.servers.installation import HOSTS, Installation

CHECKED = 20  # accounts


def settings(data: Path, ca_file: Path) -> Settings:
    """Give the product's own settings, but that it may reach loopback, and in clear."""
    hosts = frozenset(HOSTS.split(","))
    return Settings(
        data=data,
        allow_hosts=hosts,
        plaintext_hosts=hosts,
        ca_file=ca_file,
        log_level="error",
    )


def install(site: Site) -> Installation:
    """Make a new installation, with nothing connected."""
    data = site.folder()
    return Installation(open_runtime(settings(data, site.ca_file)), site.ca_file)


class Product:
    """An installation that syncs one account or many, so many at a time."""

    def __init__(
        self, site: Site, accounts: Iterable[Account], link: Link, at_once: int = 1
    ) -> None:
        self._site, self._accounts, self._link = site, list(accounts), link
        self._at_once = at_once
        self._installation: Installation | None = None
        self._ids: list[int] = []

    @property
    def holds(self) -> bool:
        """Tell whether a first sync was done."""
        return self._installation is not None

    def first(self) -> float:
        """Sync into a new store; connecting beforehand does not count."""
        self._connect_all()
        return self.again()

    def again(self) -> float:
        """Sync once more what is held."""
        return timed(self._sync_all)

    def use(self, link: Link) -> None:
        """Reach the server in another way from now on."""
        with writing(self._opened.runtime.engine) as conn:
            for one, account in zip(self._ids, self._accounts, strict=True):
                where = server(account, link)
                integrations.change(
                    conn, one, imap_port=where.port, imap_security=str(where.security)
                )

    def check(self) -> None:
        """Compare what is held with the server, message by message; of many, some."""
        some = list(zip(self._ids, self._accounts, strict=True))[:CHECKED]
        for one, account in some:
            self._opened.check(one, account)

    def close(self) -> None:
        """Close the installation and remove it."""
        if self._installation is not None:
            runtime = self._installation.runtime
            runtime.engine.dispose()
            shutil.rmtree(runtime.settings.data)
            self._installation = None

    @property
    def _opened(self) -> Installation:
        assert self._installation is not None
        return self._installation

    def _connect_all(self) -> None:
        self.close()
        self._installation = install(self._site)
        with ThreadPoolExecutor(self._at_once) as pool:
            self._ids = list(pool.map(self._connect, self._accounts))

    def _connect(self, account: Account) -> int:
        return self._opened.connect(account, imap=server(account, self._link))

    def _sync_all(self) -> None:
        looks = Looks(syncer(self._opened.runtime, "bench:0:0"))
        looks.prepare(self._ids)
        with ThreadPoolExecutor(self._at_once) as pool:
            works = [pool.submit(looks.sync, i, Trigger.COMMAND) for i in self._ids]
            for work in works:
                expect_ok(work.result())
        looks.write()


def expect_ok(report: Report) -> None:
    """Fail unless the run did all its work: what failed is quick."""
    if report.outcome is not Outcome.OK or report.changes.poisoned:
        raise RuntimeError(f"the sync did not work: {report}") from report.error
    refused = [folder for folder in report.folders if folder.problem]
    if refused:
        raise RuntimeError(f"the sync left folders out: {refused}")
