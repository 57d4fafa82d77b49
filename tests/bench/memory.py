"""How much memory a first sync takes, over the process that waits for one."""

from __future__ import annotations

import json
import subprocess
import sys

from tests.bench.product import install
from tests.bench.rounds import Figure
from tests.bench.site import Link, Site, server
from tests.servers.dovecot import Account

CHILD_S = 1800.0


def of_a_first_sync(site: Site, account: Account, messages: int) -> Figure:
    """Connect in this process, sync in a child, and give its peak over idle."""
    installation = install(site)
    one = installation.connect(account, imap=server(account, Link.TLS))
    installation.runtime.engine.dispose()
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.alone", str(one)],
        env=installation.environment | {"MALOTE_LOG_LEVEL": "error"},
        stdout=subprocess.PIPE,
        timeout=CHILD_S,
        check=True,
    )
    said = json.loads(told.stdout)
    over = said["peak_mb"] - said["idle_mb"]
    notes = f"{said['idle_mb']:.0f} MB idle, {said['peak_mb']:.0f} MB at the peak; TLS"
    return Figure(f"memory, first sync of {messages:,}", over, "MB", notes)
