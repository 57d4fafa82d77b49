"""An installation of Malote for tests: connect, sync, and compare with the server."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from core import browse
from core.connect import Form, Step, connect
from core.jobs.embedded import free_the_dead, syncer
from core.model import Integration, Trigger
from core.runtime import Runtime, open_runtime
from core.secret import Secret
from core.settings import Settings
from core.store import integrations, rollups
from core.store.engine import reading, writing
from core.sync.run import sync
from core.sync.syncer import Report
from tests.servers.device import snapshot
from tests.servers.dovecot import Account

HOLDER = "test:0:0"  # of leases
HOSTS = "localhost,127.0.0.1,127.0.0.2,127.0.0.3"


@dataclass
class Installation:
    """A store of its own, and what people do with it."""

    runtime: Runtime
    ca_file: Path

    def form(self, account: Account, **changes: object) -> Form:
        """Fill in the dialog for an account."""
        filled = Form(
            owner=f"Owner of {account.user}",
            address=account.address,
            password=Secret(account.password),
            imap=account.imap,
            smtp=account.smtp,
            acknowledged=True,
        )
        return replace(filled, **changes)  # type: ignore[arg-type]  # fields by name

    def connect(self, account: Account, **changes: object) -> int:
        """Connect an account, every step of it."""
        return connect(self.runtime, self.form(account, **changes), "test")

    def steps(self, form: Form) -> list[Step]:
        """Try to connect; give the steps as a person saw them."""
        seen: list[Step] = []
        try:
            connect(self.runtime, form, "test", seen.append)
        finally:
            self.last_steps = seen
        return seen

    def sync(self, integration_id: int) -> Report:
        """Sync once, in this process."""
        free_the_dead(self.runtime)
        return sync(syncer(self.runtime, HOLDER), integration_id, Trigger.COMMAND)

    def use_port(self, integration_id: int, port: int) -> None:
        """Lead an integration through another port."""
        with writing(self.runtime.engine) as conn:
            integrations.change(conn, integration_id, imap_port=port)

    def integration(self, integration_id: int) -> Integration:
        """Give an integration."""
        with reading(self.runtime.engine) as conn:
            return integrations.get(conn, integration_id)

    def held(
        self, integration_id: int
    ) -> dict[str, dict[int, tuple[frozenset[str], str, int]]]:
        """Give what we hold, as `snapshot` gives what the server holds."""
        out: dict[str, dict[int, tuple[frozenset[str], str, int]]] = {}
        for rows in browse.everything(self.runtime, integration_id):
            for r in rows.to_dict("records"):
                flags = frozenset(str(r["flags"]).split())
                one = (flags, str(r["message_id"]), int(r["size_bytes"]))
                out.setdefault(str(r["folder"]), {})[int(r["uid"])] = one
        return out

    def check(self, integration_id: int, account: Account) -> None:
        """Say that we and the server agree on every message; and the totals do."""
        there = {
            folder: {uid: tuple(held) for uid, held in uids.items()}
            for folder, uids in snapshot(account).items()
            if uids
        }
        assert self.held(integration_id) == there
        with reading(self.runtime.engine) as conn:
            kept = rollups.held(conn, integration_id)
            assert kept == rollups.counted(conn, integration_id)

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment of a command on this installation."""
        return {
            **os.environ,
            "MALOTE_DATA": str(self.runtime.settings.data),
            "MALOTE_DATABASE_URL": self.runtime.settings.database_url,
            "MALOTE_ALLOW_HOSTS": HOSTS,
            "MALOTE_CA_FILE": str(self.ca_file),
            "LC_ALL": "C.UTF-8",
        }

    def command(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run `malote` and give what it said."""
        return subprocess.run(
            [sys.executable, "-m", "core.cli", *words],
            env=self.environment | more,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )


@contextmanager
def installed(
    data: Path, ca_file: Path, database_url: str = ""
) -> Iterator[Installation]:
    """Open a new installation in a folder; close it at the end."""
    settings = Settings(
        data=data,
        database_url=database_url,
        allow_hosts=frozenset(HOSTS.split(",")),
        plaintext_hosts=frozenset(),
        ca_file=ca_file,
        connect_timeout_s=3,
        command_timeout_s=5,
        log_level="error",
    )
    opened = Installation(open_runtime(settings), ca_file)
    yield opened
    opened.runtime.engine.dispose()
