"""A real PostgreSQL on loopback, with as many databases as tests ask for.

    def test_something(postgresql):
        url = postgresql.database()                 # new, empty, its own
        url = postgresql.database(ready=True)       # with our tables in it

Runs as root and as an ordinary user; leaves the system's own clusters alone. Nothing is
flushed to the disk: what it holds is gone at its end anyway.
"""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from core.store import migrate
from core.store.engine import open_engine
from tests.servers.dovecot import free_ports

PROGRAMS = Path("/usr/lib/postgresql")  # Debian: a folder for each version
USER, PASSWORD = "malote", "pw"
READY = "ready"  # the template with our tables
START_S = 20.0
ATTEMPTS = 3  # somebody else may take a free port before we do
IN_HASTE = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


class Postgresql:
    """One running server. Use `running`, or the fixture `postgresql`."""

    def __init__(self, here: Path) -> None:
        self.here = here
        self.port = 0
        self._numbers = itertools.count(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._has_template = False

    def start(self) -> None:
        """Start on a free port, and return when it answers."""
        for _ in range(ATTEMPTS):
            (self.port,) = free_ports(1)
            self._process = self._postgres()
            if self._answers():
                return
            self.stop()
        raise RuntimeError(f"PostgreSQL did not start:\n{self.log()}")

    def stop(self) -> None:
        """Stop the server, and every connection to it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)  # nothing is to be kept
            self._process.wait(START_S)
            self._process = None

    def log(self) -> str:
        """Give what the server said."""
        path = self.here / "output"
        return path.read_text(errors="replace") if path.exists() else "(no output)"

    def database(self, *, ready: bool = False) -> str:
        """Make a database that nobody has used; give its URL."""
        if ready and not self._has_template:
            self._make_template()
        name = f"malote_{next(self._numbers)}"
        self._make(name, READY if ready else "template0")
        return self.url(name)

    def drop(self, url: str) -> None:
        """Drop a database, and whoever is connected to it."""
        name = sql.Identifier(url.rpartition("/")[2])
        self.run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))

    def hang_up(self, url: str) -> None:
        """End every connection to a database, as an administrator would."""
        self.run(
            sql.SQL(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = {}"
            ).format(url.rpartition("/")[2])
        )

    def run(self, statement: sql.Composed) -> None:
        """Run a statement as an administrator."""
        with psycopg.connect(self._dsn(), autocommit=True) as conn:
            conn.execute(statement)

    def url(self, name: str, password: str = PASSWORD) -> str:
        """Give the URL of a database, as MALOTE_DATABASE_URL has it."""
        return f"postgresql://{USER}:{password}@127.0.0.1:{self.port}/{name}"

    def _make(self, name: str, template: str) -> None:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        self.run(made.format(sql.Identifier(name), sql.Identifier(template)))

    def _make_template(self) -> None:
        self._make(READY, "template0")
        engine = open_engine(self.url(READY))
        migrate.upgrade(engine)
        engine.dispose()
        self._has_template = True

    def _postgres(self) -> subprocess.Popen[bytes]:
        # setpriv: it ends with us, even if we are killed.
        here, options = self.here, [f"--{option}" for option in IN_HASTE]
        where = ["-D", here / "data", "-k", here, "-h", "127.0.0.1", "-p", self.port]
        command = [_programs() / "postgres", *where, *options]
        with (here / "output").open("ab") as output:
            return subprocess.Popen(
                ["setpriv", *_as_owner(), "--pdeathsig", "QUIT", *map(str, command)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd=here,
            )

    def _answers(self) -> bool:
        """Wait until it lets us in; False if it ended or took too long."""
        assert self._process is not None
        until = time.monotonic() + START_S
        while time.monotonic() < until and self._process.poll() is None:
            try:
                psycopg.connect(self._dsn()).close()
            except psycopg.OperationalError:
                time.sleep(0.02)  # not listening yet
            else:
                return True
        return False

    def _dsn(self) -> str:
        return self.url("postgres")


@contextmanager
def running() -> Iterator[Postgresql]:
    """Start a PostgreSQL in a folder of its own; at the end nothing is left of it."""
    here = Path(tempfile.mkdtemp(prefix="malote-postgresql-"))
    server = Postgresql(here)
    try:
        _make_cluster(here)
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(here, ignore_errors=True)


def _make_cluster(here: Path) -> None:
    """Make the files of a server; they are its owner's."""
    (here / "password").write_text(PASSWORD)
    if os.geteuid() == 0:
        for path in (here, here / "password"):
            os.chown(path, _owner().pw_uid, _owner().pw_gid)
    who = ["-U", USER, "--auth=scram-sha-256", "--pwfile", here / "password"]
    texts = ["--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
    command = [_programs() / "initdb", "-D", here / "data", *who, *texts]
    done = subprocess.run(
        ["setpriv", *_as_owner(), *map(str, command)],
        cwd=here,
        capture_output=True,
        text=True,
        timeout=START_S,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"initdb: {done.stderr.strip()}")


def _programs() -> Path:
    """Find the programs of the newest version; they are on nobody's path."""
    found = [path.parent for path in PROGRAMS.glob("*/bin/postgres")]
    if not found:
        raise RuntimeError("PostgreSQL is not installed: run tools/system-packages")
    return max(found, key=lambda path: int(path.parent.name))


def _owner() -> pwd.struct_passwd:
    """Give who runs everything: PostgreSQL does not serve as root."""
    return pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())


def _as_owner() -> list[str]:
    """Give the words for setpriv; before --pdeathsig, which a change of user clears."""
    if os.geteuid() != 0:
        return []
    uid, gid = _owner().pw_uid, _owner().pw_gid
    return [f"--reuid={uid}", f"--regid={gid}", "--clear-groups"]
