"""`malote worker` as a process of its own, with what it logs and serves."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError

from tests.servers.dovecot import free_ports
from tests.servers.installation import Installation
from tests.servers.queries import samples
from tests.servers.scraping import get

WAIT_S = 30.0
LOOK_S = 0.1


@dataclass
class WorkerProcess:
    """A running worker: its process id, its port, and the file that it logs to."""

    pid: int
    port: int
    logged: Path

    def lines(self) -> list[dict[str, Any]]:
        """Give what it logged; every line must be JSON."""
        said = self.logged.read_text("utf-8").split("\n")
        return [json.loads(line) for line in said if line]

    def value(self, name: str, **labels: str) -> float:
        """Give the sum of the series of a name that have these labels."""
        with suppress(URLError, ConnectionError):
            status, text = get(self.port, "/metrics")
            assert status == 200
            return sum(
                one.value
                for one in samples(text)
                if one.name == name and labels.items() <= one.labels.items()
            )
        return 0.0  # it does not listen yet

    def until(self, reached: Callable[[], bool]) -> None:
        """Wait until something holds."""
        end = time.monotonic() + WAIT_S
        while not reached():
            assert time.monotonic() < end, self.logged.read_text("utf-8")
            time.sleep(LOOK_S)


@contextmanager
def worker_process(
    installation: Installation, logged: Path, **more: str
) -> Iterator[WorkerProcess]:
    """Start a worker that logs all it can in JSON; end it as a service manager does."""
    port = free_ports(1)[0]
    environment = {
        **installation.environment,
        "MALOTE_LOG_FORMAT": "json",
        "MALOTE_LOG_LEVEL": "debug",
        "MALOTE_METRICS_PORT": str(port),
        **more,
    }
    with logged.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "core.cli", "worker"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
        )
        try:
            running = WorkerProcess(process.pid, port, logged)
            running.until(lambda: running.value("malote_store_up") == 1)
            yield running
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(WAIT_S) == 0
