"""imapflow storing into better-sqlite3: the quickest client of another ecosystem.

peers/imapflow.mjs does the work and measures itself, without the start of node. What it
needs is installed by npm into .tools/bench, as package-lock.json says.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.bench.rounds import say
from tests.bench.site import CHANGES, Link, Site, server
from tests.servers.dovecot import Account

PEERS = Path(__file__).with_name("peers")
INSTALLED = Path(__file__).parents[2] / ".tools" / "bench"
LOCK = "package-lock.json"
FILES = ("package.json", "imapflow.mjs", LOCK)
NODE_MIN = 20
RUN_S = 1800.0


def set_up() -> None:
    """Install what the lock file names, unless it is installed."""
    there = INSTALLED / LOCK
    fresh = there.is_file() and there.read_bytes() == (PEERS / LOCK).read_bytes()
    INSTALLED.mkdir(parents=True, exist_ok=True)
    for name in FILES[:2]:
        shutil.copy(PEERS / name, INSTALLED)
    if not fresh:
        _install()


def _install() -> None:
    version = node_version()
    if int(version.lstrip("v").split(".")[0]) < NODE_MIN:
        raise RuntimeError(f"imapflow needs Node {NODE_MIN} or newer, not {version}")
    say("Installing imapflow and better-sqlite3 (npm ci) ...")
    (INSTALLED / LOCK).unlink(missing_ok=True)
    with_lock = INSTALLED / "npm-shrinkwrap.json"  # npm ci takes either
    shutil.copy(PEERS / LOCK, with_lock)
    subprocess.run(
        ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=INSTALLED,
        stdout=subprocess.DEVNULL,
        check=True,
    )
    with_lock.rename(INSTALLED / LOCK)  # only now: it says that all is installed


def node_version() -> str:
    """Give the version of node, as "v20.1.0"."""
    said = subprocess.run(
        ["node", "--version"], stdout=subprocess.PIPE, text=True, check=True
    )
    return said.stdout.strip()


class Imapflow:
    """A store of imapflow's, for the inbox of one account; or a sweep of many."""

    def __init__(
        self, site: Site, accounts: Sequence[Account], link: Link, at_once: int = 1
    ) -> None:
        self._site, self._accounts, self._link = site, list(accounts), link
        self._at_once = at_once
        self._here: Path | None = None

    @property
    def holds(self) -> bool:
        """Tell whether a first sync was done."""
        return self._here is not None

    def first(self) -> float:
        """Fetch everything into a new store."""
        self.close()
        self._here = self._site.folder()
        return float(self._run("first")["seconds"])

    def again(self) -> float:
        """Bring the store up to date."""
        did = self._run("again")
        # All of a delta, or nothing.
        for what in ("added", "flagged", "gone"):
            assert did.get(what, CHANGES) == CHANGES, did
        return float(did["seconds"])

    def sweep(self) -> float:
        """Log in to every account, ask for the numbers of all folders, log out."""
        return float(self._run("sweep")["seconds"])

    def use(self, link: Link) -> None:
        """Reach the server in another way from now on."""
        self._link = link

    def check(self) -> None:
        """See that as many messages are held as the server has."""
        with sqlite3.connect(self._file) as conn:
            (found,) = conn.execute("SELECT count(*) FROM placement").fetchone()
            (joined,) = conn.execute("SELECT count(*) FROM message").fetchone()
        assert found == joined == self._site.messages, (found, joined)

    def close(self) -> None:
        """Remove the store."""
        if self._here is not None:
            shutil.rmtree(self._here)
            self._here = None

    @property
    def _file(self) -> Path:
        return (self._here or self._site.here) / "imapflow.db"

    def _run(self, act: str) -> dict[str, float]:
        tls = self._link is Link.TLS
        task = {
            "act": act,
            "file": str(self._file),
            "ca": str(self._site.ca_file) if tls else None,
            "atOnce": self._at_once,
            "accounts": [self._reached(account) for account in self._accounts],
        }
        done = subprocess.run(
            ["node", "imapflow.mjs", json.dumps(task)],
            cwd=INSTALLED,
            capture_output=True,
            text=True,
            timeout=RUN_S,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(f"imapflow: {done.stderr[-800:]}")
        told: dict[str, float] = json.loads(done.stdout)
        return told

    def _reached(self, account: Account) -> dict[str, object]:
        where = server(account, self._link)
        return {
            "host": where.host,
            "port": where.port,
            "tls": self._link is Link.TLS,
            "user": account.user,
            "pass": account.password,
        }
