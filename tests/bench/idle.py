"""Measure a worker that watches thousands of mailboxes: memory, rest, and delay.

    python -m tests.bench.idle --connections 2000

A Dovecot on loopback holds the mailboxes. One worker process syncs them all without
watching and is measured; another one watches them all, and the difference is what a
connection costs. Then it is left alone for four minutes, and then mail is delivered by
LMTP to some of them, with a raw socket that idles on the same mailbox beside us: what
the server itself takes is not ours.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import socket
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from core.clock import now
from core.model import Acknowledgement, Integration, Method, Security, Server
from core.runtime import Runtime
from core.secret import Secret
from core.store import credentials, integrations
from core.store.engine import writing
from core.store.instants import to_ms
from tests.bench.idle_worker import Watched
from tests.certificates import Certificates
from tests.servers.device import compose, deliver_by_lmtp
from tests.servers.dovecot import Account, Dovecot, running
from tests.servers.installation import Installation, installed

CONNECTIONS, DELIVERIES = 2000, 200
REST_S = 240.0  # two rounds of Dovecot's "Still here" to all of them
BARS = {"plain_kib": 25.0, "tls_kib": 60.0, "cpu_percent": 2.0, "table_ms": 1000.0}
NOTICE_MS = 20.0
PATIENCE_S = 1200.0
# The kernel has 128 instances of inotify for a user: many clients in a process. Not too
# many: of two in one process that listen to the same folder, only the second is told.
PROCESSES = 60
MANY = """
mail_max_userip_connections = 100000
service imap-login {
  client_limit = 15000
  process_limit = 4
}
service imap {
  client_limit = %d
  process_limit = 1000
  service_count = 0
}
service anvil {
  client_limit = 15000
}
service auth {
  client_limit = 15000
}
service stats {
  client_limit = 15000
}
"""


def main() -> None:
    """Measure plain and TLS, and print the result as JSON."""
    wanted = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    wanted.add_argument("--connections", type=int, default=CONNECTIONS)
    wanted.add_argument("--deliveries", type=int, default=DELIVERIES)
    wanted.add_argument("--rest", type=float, default=REST_S, help="seconds")
    asked = wanted.parse_args()
    with tempfile.TemporaryDirectory(prefix="malote-bench-") as folder:
        certificates = Certificates(Path(folder))
        with running(certificates, more_config=many(asked.connections)) as dovecot:
            found = measure(
                Path(folder), dovecot, asked.connections, asked.deliveries, asked.rest
            )
    sys.stdout.write(json.dumps(found, indent=1) + "\n")


def many(connections: int) -> str:
    """Give what the configuration of a Dovecot for so many connections adds."""
    return MANY % max(1, math.ceil(connections / PROCESSES))


def measure(
    here: Path,
    dovecot: Dovecot,
    connections: int = CONNECTIONS,
    deliveries: int = DELIVERIES,
    rest_s: float = REST_S,
) -> dict[str, object]:
    """Measure on a server that stands so many; give figures, bars and what failed.

    Memory in KiB per connection, times in ms. `plain` and `tls` hold the same figures.
    """
    found: dict[str, object] = {"connections": connections, "bars": BARS}
    failed: list[str] = []
    for security in (Security.NONE, Security.TLS):
        name = "plain" if security is Security.NONE else "tls"
        took = _measure_one(
            here / name, dovecot, security, connections, deliveries, rest_s
        )
        found[name] = took
        failed += _failures(name, took)
    found["failed"] = failed
    return found


def _measure_one(
    data: Path,
    dovecot: Dovecot,
    security: Security,
    connections: int,
    deliveries: int,
    rest_s: float,
) -> dict[str, float]:
    accounts = [dovecot.mailbox(f"box{n}") for n in range(connections)]
    for one in accounts:  # Dovecot cannot listen to a folder that has no files yet
        dovecot.fill(one, {"INBOX": 3})
    with installed(data, dovecot.certificates.ca_file) as installation:
        ids = _store(installation.runtime, accounts, security)
        with _watched(installation, connections=0) as worker:
            worker.until(lambda _: _synced(installation) >= connections, PATIENCE_S)
        with _watched(installation, connections=0) as worker:
            # The same syncs as a watcher asks for when it begins, and no connections.
            asked_at = _ask_for_syncs(installation.runtime)
            worker.until(
                lambda _: _synced(installation, asked_at) >= connections, PATIENCE_S
            )
            without = worker.quiet_rss_kib()
        with _watched(installation, connections=1) as worker:
            began = time.monotonic()
            worker.until(
                lambda s: s["watched"] >= connections and not s["busy"], PATIENCE_S
            )
            watched_s = time.monotonic() - began
            within = worker.quiet_rss_kib()
            kib = (within - without) / connections
            cpu = worker.cpu_percent(rest_s)
            some = random.Random(1).choices(range(connections), k=deliveries)
            pairs = [(accounts[n], ids[n]) for n in some]
            delays = _deliver(installation, worker, pairs)
    return {
        "kib": round(kib, 1),
        "cpu_percent": round(cpu, 2),
        "watched_s": round(watched_s, 1),
        "rss_mib": round(within / 1024, 1),
        **delays,
    }


def _failures(name: str, took: dict[str, float]) -> list[str]:
    checks = {
        f"{name}: memory": took["kib"] <= BARS[f"{name}_kib"],
        f"{name}: cpu": took["cpu_percent"] <= BARS["cpu_percent"],
        f"{name}: in the table": took["table_p95_ms"] <= BARS["table_ms"],
        f"{name}: notice": took["notice_p50_ms"] <= NOTICE_MS,
    }
    return [what for what, good in checks.items() if not good]


def _store(runtime: Runtime, accounts: list[Account], security: Security) -> list[int]:
    """Insert integrations as the dialog would, without its checks."""
    at = now()
    ack = Acknowledgement("1", "bench", at)
    ids = []
    with writing(runtime.engine) as conn:
        for number, one in enumerate(accounts):
            port = one.imap_port if security is Security.TLS else one.plain_port
            imap = Server(one.host, port, security)
            new = Integration(
                0, f"Owner {number}", one.address, one.user, Method.IMAP, imap, one.smtp
            )
            made = integrations.create(conn, new, ack, at)
            sealed = runtime.vault.seal(Secret(one.password), made, "password")
            credentials.put_credential(
                conn, made, "password", runtime.vault.key_id, sealed
            )
            ids.append(made)
    return ids


@contextmanager
def _watched(installation: Installation, connections: int) -> Iterator[Watched]:
    settings = {
        "MALOTE_IDLE_CONNECTIONS": str(connections),
        "MALOTE_SYNC_EVERY_S": "86400",
        "MALOTE_WATCHED_EVERY_S": "86400",
        "MALOTE_PROBE_EVERY_S": "0",
        "MALOTE_PLAINTEXT_HOSTS": "127.0.0.1",
        "MALOTE_LOG_LEVEL": "warning",
    }
    worker = Watched({**installation.environment, **settings})
    try:
        yield worker
    finally:
        worker.stop()


def _ask_for_syncs(runtime: Runtime) -> int:
    """Make every mailbox due; give when, in ms since 1970."""
    at = runtime.clock()
    with writing(runtime.engine) as conn:
        for one in integrations.live(conn):
            integrations.change(conn, one.id, next_at=at)
    return to_ms(at)


def _synced(installation: Installation, since_ms: int = 1) -> int:
    query = "SELECT count(*) FROM integration WHERE seen_at >= ?"
    return _ask(installation, query, since_ms)


def _ask(installation: Installation, query: str, *values: object) -> int:
    path = installation.runtime.settings.data / "malote.db"
    with sqlite3.connect(path, timeout=30) as conn:
        row = conn.execute(query, values).fetchone()
    conn.close()
    return int(row[0])


def _deliver(
    installation: Installation, worker: Watched, pairs: list[tuple[Account, int]]
) -> dict[str, float]:
    """Deliver one mail after another; give delays beyond the server's own, in ms."""
    table, notice, server = [], [], []
    path = installation.runtime.settings.data / "malote.db"
    conn = sqlite3.connect(path, timeout=30)
    for account, one in pairs:
        with idling(account) as raw:
            before = _held(conn, one)
            deliver_by_lmtp(account, compose(subject="How long?"))
            began = time.monotonic()
            told_at, stored_at = _both(raw, conn, one, before)
        noticed_at = worker.noticed(one, began)
        server.append(1000 * (told_at - began))
        table.append(1000 * (stored_at - told_at))
        notice.append(1000 * (noticed_at - told_at))
    conn.close()
    return {
        **_shares("server", server),
        **_shares("notice", notice),
        **_shares("table", table),
    }


def _both(
    raw: socket.socket, conn: sqlite3.Connection, one: int, before: int
) -> tuple[float, float]:
    """Wait for the raw socket and for the row; give when each came."""
    told_at = stored_at = 0.0
    raw.setblocking(False)
    until = time.monotonic() + 30
    while not (told_at and stored_at) and time.monotonic() < until:
        with suppress(BlockingIOError):
            if not told_at and b"EXISTS" in raw.recv(4096):
                told_at = time.monotonic()
        if not stored_at and _held(conn, one) > before:
            stored_at = time.monotonic()
        time.sleep(0.001)
    return told_at or until, stored_at or until


def _held(conn: sqlite3.Connection, one: int) -> int:
    query = "SELECT count(*) FROM message WHERE integration_id = ?"
    return int(conn.execute(query, (one,)).fetchone()[0])


def _shares(name: str, values: list[float]) -> dict[str, float]:
    ordered = sorted(values)
    return {
        f"{name}_p50_ms": round(statistics.median(ordered), 1),
        f"{name}_p95_ms": round(ordered[int(0.95 * (len(ordered) - 1))], 1),
    }


@contextmanager
def idling(account: Account) -> Iterator[socket.socket]:
    """Give a raw socket that idles on an inbox."""
    with socket.create_connection((account.host, account.plain_port), 30) as raw:
        lines = raw.makefile("rb")
        lines.readline()
        login = f'a LOGIN "{account.user}" "{account.password}"\r\nb EXAMINE INBOX\r\n'
        raw.sendall(f"{login}c IDLE\r\n".encode())
        while not lines.readline().startswith(b"+"):
            pass
        yield raw
        lines.close()


if __name__ == "__main__":
    main()
