"""Run the demo's servers until standard input ends or a signal comes.

Ports, password, the day of the contents and what became of them are written down in
the folder, so that a later start shows the same mailbox at the same place.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.demo import certificates, kept
from core.demo.answering import Answering
from core.demo.imap import DemoImap
from core.demo.journal import Journal
from core.demo.mail import arrival, mailbox
from core.demo.submission import Submission

HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says; a port of 0 is chosen, and the same next time."""

    directory: Path
    imap_port: int = 0
    smtp_port: int = 0
    arrival_every_s: float = 240.0
    answer_after_s: float = 8.0  # what people write back; below 0: nothing


async def run(options: Options) -> None:
    """Serve until told to stop; one line of JSON on standard output when ready.

    Raises:
        kept.InUse: another demo runs in the same folder.
        OSError: a port that was asked for is taken.

    """
    directory = options.directory.absolute()
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = await asyncio.to_thread(kept.lock, directory)
    try:
        await _serve(directory, options)
    finally:
        os.close(handle)


async def _serve(directory: Path, options: Options) -> None:
    context = certificates.server_context(directory)
    known = kept.load(directory, directory / certificates.CA)
    mails = list(mailbox(known.day))
    known = known.holding(mails)
    imap_socket = _bound(options.imap_port, known.imap_port)
    smtp_socket = _bound(options.smtp_port, known.smtp_port)
    imap = DemoImap(known, context)
    await imap.fill(mails, Journal(directory, known.contents))
    answering = Answering(imap.deliver, options.answer_after_s)
    smtp = Submission(known, imap.deliver, answering)
    servers = (await imap.serve(imap_socket), await smtp.serve(smtp_socket, context))
    known = replace(
        known,
        imap_port=imap_socket.getsockname()[1],
        smtp_port=smtp_socket.getsockname()[1],
    )
    kept.save(directory, known)
    arriving = asyncio.create_task(_arrivals(imap, options.arrival_every_s))
    _say_ready(known)
    await _told_to_stop()
    arriving.cancel()
    for server in servers:
        server.close()
    smtp.hang_up()
    await imap.hang_up()


def _bound(asked: int, before: int) -> socket.socket:
    """Take the port that was asked for, else the one from before, else any."""
    if asked:
        return socket.create_server((HOST, asked))
    with suppress(OSError):
        return socket.create_server((HOST, before))
    return socket.create_server((HOST, 0))


def _say_ready(known: kept.Kept) -> None:
    told = ("host", "imap_port", "smtp_port", "address", "owner", "ca_file", "today")
    print(json.dumps({name: getattr(known, name) for name in told}), flush=True)  # noqa: T201 - for whoever started us


async def _arrivals(imap: DemoImap, every_s: float) -> None:
    """Let a new message arrive now and then."""
    while every_s > 0:
        await asyncio.sleep(every_s)
        await imap.deliver(arrival(imap.arrived(), datetime.now(UTC)))


async def _told_to_stop() -> None:
    """Wait for the end of standard input, SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def read() -> None:
        if not os.read(0, 4096):
            stop.set()

    with suppress(OSError):  # closed, or a file, for which nobody can wait
        loop.add_reader(0, read)
    await stop.wait()
    loop.remove_reader(0)
