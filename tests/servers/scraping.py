"""A worker that is scraped: a free port for it, and what its port says."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from urllib.error import HTTPError

from tests.servers.dovecot import free_ports
from tests.servers.installation import Installation
from tests.servers.listening import Observed, working
from tests.servers.queries import samples

WAIT_S = 10.0


@dataclass
class Scraped:
    """A running worker and its port."""

    worker: Observed
    port: int

    def get(self, path: str) -> tuple[int, str]:
        """Ask for a path; give status and body."""
        return get(self.port, path)

    def json(self, path: str) -> tuple[int, Any]:
        """Ask for a path that answers in JSON."""
        status, body = self.get(path)
        return status, json.loads(body)

    def metrics(self) -> str:
        """Scrape."""
        status, text = self.get("/metrics")
        assert status == 200
        return text

    def value(self, name: str, /, **labels: str) -> float:
        """Give the sum of the series of a name that have these labels."""
        return sum(
            one.value
            for one in samples(self.metrics())
            if one.name == name and labels.items() <= one.labels.items()
        )


def get(port: int, path: str) -> tuple[int, str]:
    """Ask a port of this machine for a path; give status and body."""
    try:
        with urllib.request.urlopen(
            f"http://127.0.0.1:{port}{path}", timeout=WAIT_S
        ) as r:
            return r.status, r.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def with_port(installation: Installation, port: int) -> Installation:
    """Give the installation with a port for machines."""
    runtime = installation.runtime
    settings = runtime.settings.model_copy(update={"metrics_port": port})
    return Installation(replace(runtime, settings=settings), installation.ca_file)


@contextmanager
def scraping(installation: Installation) -> Iterator[Scraped]:
    """Run a worker with a port."""
    port = free_ports(1)[0]
    with working(with_port(installation, port).runtime) as worker:
        worker.until(lambda: worker.machines.port == port)
        yield Scraped(worker, port)
