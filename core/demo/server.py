"""Run the demo's servers until standard input ends or a signal comes.

Ports, password and the day of the contents are written down in the folder, so that
a later start shows the same mailbox at the same place.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from core.demo import certificates, endpoint
from core.demo.cast import ADDRESS, OWNER
from core.demo.imap import DemoImap
from core.demo.mail import arrival, mailbox
from core.demo.submission import Submission
from core.secret import Secret

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Kept:
    """What is the same from start to start."""

    imap_port: int
    smtp_port: int
    password: Secret
    today: date


async def run(directory: Path, arrival_every_s: float) -> None:
    """Serve until told to stop; one line of JSON on standard output when ready."""
    context = certificates.server_context(directory)
    kept = _kept(directory)
    imap = DemoImap(ADDRESS, kept.password, kept.today)
    await imap.fill(mailbox(kept.today))
    smtp = Submission(ADDRESS, kept.password, imap.deliver)
    servers = [
        await imap.serve(kept.imap_port, context),
        await smtp.serve(kept.smtp_port, context),
    ]
    written = _write(directory, kept)
    _tell({k: v for k, v in written.items() if k != "password"})
    arriving = asyncio.create_task(_arrivals(imap, arrival_every_s))
    await _told_to_stop()
    arriving.cancel()
    for server in servers:
        server.close()


def _tell(values: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()


async def _arrivals(imap: DemoImap, every_s: float) -> None:
    """Let a new message arrive now and then."""
    number = 0
    while every_s > 0:
        await asyncio.sleep(every_s)
        number += 1
        await imap.deliver(arrival(number, datetime.now(UTC)))


async def _told_to_stop() -> None:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def ended() -> None:
        if not os.read(0, 4096):
            stop.set()

    with suppress(PermissionError):  # a plain file cannot be waited for
        loop.add_reader(sys.stdin.fileno(), ended)
    await stop.wait()


def _kept(directory: Path) -> Kept:
    try:
        stored = json.loads((directory / endpoint.FILE).read_text(encoding="utf-8"))
        today = date.fromisoformat(stored["today"])
        ports = (stored["imap_port"], stored["smtp_port"])
        return Kept(_free(ports[0]), _free(ports[1]), Secret(stored["password"]), today)
    except (FileNotFoundError, ValueError, KeyError):
        today = datetime.now(UTC).date()
        return Kept(_free(0), _free(0), Secret(secrets.token_urlsafe(18)), today)


def _free(port: int) -> int:
    """Give the port if it is free, else any that is."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return _free(0)
        return int(probe.getsockname()[1])


def _write(directory: Path, kept: Kept) -> dict[str, Any]:
    values = {
        "host": "localhost",
        "imap_port": kept.imap_port,
        "smtp_port": kept.smtp_port,
        "address": ADDRESS,
        "password": kept.password.reveal(),
        "owner": OWNER,
        "ca_file": str(directory / certificates.CA),
        "today": kept.today.isoformat(),
    }
    part = directory / f"{endpoint.FILE}.part"
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_CREAT | os.O_WRONLY | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(values, file)
    part.replace(directory / endpoint.FILE)
    return values
