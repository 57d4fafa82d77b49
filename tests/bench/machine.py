"""Where figures were taken: machine and versions."""

from __future__ import annotations

import json
import os
import platform
import re
import sqlite3
import subprocess
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from tests.bench import imapflow


def described() -> dict[str, str]:
    """Say what a reader has to know before comparing."""
    return {
        "taken": f"{datetime.now(UTC):%Y-%m-%d}",
        "commit": _said("git", "describe", "--always", "--dirty"),
        "processor": _processor(),
        "cores": str(os.cpu_count()),
        "load before": f"{os.getloadavg()[0]:.1f}",
        "memory": f"{_memory_gib():.0f} GiB",
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "Python": platform.python_version(),
        "SQLite": sqlite3.sqlite_version,
        "SQLAlchemy": version("sqlalchemy"),
        "imapclient": version("imapclient"),
        "Dovecot": _said("/usr/sbin/dovecot", "--version"),
        "mbsync": _said("mbsync", "--version").removeprefix("isync "),
        "Node": imapflow.node_version(),
        **_node_packages(),
    }


def _said(*command: str) -> str:
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    return done.stdout.strip()


def _processor() -> str:
    path = Path("/proc/cpuinfo")
    text = path.read_text() if path.is_file() else ""
    found = re.search(r"model name\s*: (.+)", text)
    return found[1] if found else platform.processor()


def _memory_gib() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30


def _node_packages() -> dict[str, str]:
    locked = json.loads((imapflow.PEERS / imapflow.LOCK).read_text())["packages"]
    names = ("imapflow", "better-sqlite3")
    return {name: locked[f"node_modules/{name}"]["version"] for name in names}
