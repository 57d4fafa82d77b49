"""Where the parts meet: settings in, a working product out."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil
from sqlalchemy import Engine

from core import log
from core.clock import Clock, now as this_moment
from core.demo import endpoint
from core.errors import KeyMissing, KeyWrong
from core.network import Places, Policy
from core.secret import Secret
from core.settings import Settings
from core.store import calendars, counting, credentials, locks
from core.store.engine import open_engine, reading, writing
from core.store.migrate import upgrade
from core.sync.access import Access
from core.vault import CHECK_TEXT, Vault, make_key, read_key


@dataclass(frozen=True, slots=True)
class Runtime:
    """Everything that a page, a job or a command may need."""

    settings: Settings
    engine: Engine
    vault: Vault
    clock: Clock = this_moment

    @property
    def demo_directory(self) -> Path:
        """Give the folder of the demo's servers."""
        return self.settings.data / "demo"

    def demo(self) -> endpoint.Endpoint | None:
        """Give where the demo's servers listen, once they do."""
        return endpoint.read(self.demo_directory)

    def policy(self) -> Policy:
        """Give where connections may go now; the demo's own servers are known here."""
        ca_files = [self.settings.ca_file] if self.settings.ca_file else []
        endpoints: set[tuple[str, int]] = set()
        if found := self.demo():
            endpoints = {(found.host, found.imap_port), (found.host, found.smtp_port)}
            ca_files.append(found.ca_file)
        return Policy(
            allow_hosts=self.settings.allow_hosts,
            plaintext_hosts=self.settings.plaintext_hosts,
            compress_hosts=self.settings.compress_hosts,
            allow_endpoints=frozenset(endpoints),
            ca_files=tuple(path for path in ca_files if path.is_file()),
            connect_timeout_s=self.settings.connect_timeout_s,
            command_timeout_s=self.settings.command_timeout_s,
            dns_server=self.settings.dns_server,
            places=Places(
                https_port=self.settings.discovery_port,
                database=self.settings.discovery_database,
            ),
        )

    def access(self, policy: Callable[[], Policy] | None = None) -> Access:
        """Give the secrets of integrations; the threads of a process share one."""
        policy = policy or self.policy
        return Access(self.engine, self.vault, self.settings, policy, self.clock)


def open_runtime(settings: Settings) -> Runtime:
    """Set up logs, bring the database up to date, open the vault.

    Raises:
        KeyMissing, KeyWrong: what is stored cannot be opened; nothing is changed.
        StoreUnavailable: there is no database to be had.

    """
    log.set_up(settings.log_format, settings.log_level)
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
        return Runtime(settings, engine, open_vault(settings, engine))
    except BaseException:
        engine.dispose()
        raise


def use_calendar(runtime: Runtime) -> None:
    """Count by the calendar of the settings; at no cost if that is what is done.

    Of another one the worker counts all anew. So only workers say by which: a command
    that runs without their environment would change it back and forth.
    """
    with reading(runtime.engine) as conn:
        if calendars.kept(conn) == runtime.settings.calendar:
            return
    with writing(runtime.engine) as conn:
        counting.use_calendar(conn, runtime.settings.calendar)


def open_vault(settings: Settings, engine: Engine) -> Vault:
    """Read the key; make one only for a database in which nothing is sealed."""
    checks = _checks(engine)
    if not checks:
        if made := _first_key(settings, engine):
            return made
        checks = _checks(engine)
    try:
        vault = read_key(settings.key_file)
    except KeyMissing as error:
        raise KeyMissing(error.detail, path=settings.key_file) from None
    if vault.key_id not in checks:
        raise KeyWrong(str(settings.key_file), path=settings.key_file)
    vault.open(checks[vault.key_id], 0, "check")
    return vault


def _checks(engine: Engine) -> dict[str, bytes]:
    with reading(engine) as conn:
        return credentials.key_checks(conn)


def _first_key(settings: Settings, engine: Engine) -> Vault | None:
    """Make the key of a new database; None: another process was quicker."""
    with writing(engine) as conn:
        locks.alone(conn, "first key")
        if credentials.key_checks(conn):
            return None
        vault = make_key(settings.key_file)
        sealed = vault.seal(Secret(CHECK_TEXT), 0, "check")
        credentials.put_key_check(conn, vault.key_id, sealed)
        return vault


def holder() -> str:
    """Name this process for leases: host, process id and when it started."""
    started = psutil.Process().create_time()
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{started:.2f}"


def is_dead(name: str) -> bool:
    """Tell whether a holder was a process of this host and lives no more."""
    host, pid, started = name.rsplit(":", 2)
    if host != socket.gethostname()[:80]:
        return False
    try:
        alive = psutil.Process(int(pid)).create_time()
    except psutil.NoSuchProcess:
        return True
    return f"{alive:.2f}" != started
