"""Thousands of mailboxes watched at once: tests/bench/idle.py measures, this tells.

It is a process of its own, with a Dovecot of its own that stands as many connections.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping

from tests.bench.rounds import Figure, Result, say

RUN_S = 3600.0
# In its JSON, for each link: what a connection costs, and when a delivery is noticed
# after a client that only idles beside us.
WORKS = (
    ("plain", "IDLE, memory of a connection, plain", "kib", "KiB"),
    ("tls", "IDLE, memory of a connection, TLS", "kib", "KiB"),
    (
        "plain",
        "IDLE, notice after the server's own delay, plain",
        "notice_p50_ms",
        "ms",
    ),
    ("tls", "IDLE, notice after the server's own delay, TLS", "notice_p50_ms", "ms"),
    ("plain", "delivery in the table (p95), plain", "table_p95_ms", "ms"),
    ("tls", "delivery in the table (p95), TLS", "table_p95_ms", "ms"),
    ("plain", "processor of an idle worker, plain", "cpu_percent", "%"),
    ("tls", "processor of an idle worker, TLS", "cpu_percent", "%"),
)


def watched(connections: int) -> Iterator[Result]:
    """Watch so many mailboxes in one worker."""
    say(f"Watching {connections:,} mailboxes, in clear and then over TLS ...")
    told = subprocess.run(
        [sys.executable, "-m", "tests.bench.idle", "--connections", str(connections)],
        stdout=subprocess.PIPE,
        timeout=RUN_S,
        check=True,
    )
    yield from figures(json.loads(told.stdout), connections)


def figures(
    said: Mapping[str, Mapping[str, float]], connections: int
) -> Iterator[Figure]:
    """Read what it measured."""
    notes = f"{connections:,} mailboxes, one worker process"
    for link, work, name, unit in WORKS:
        yield Figure(work, said[link][name], unit, notes)
