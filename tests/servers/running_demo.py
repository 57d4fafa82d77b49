"""The demo's own servers as a child process, the way everybody starts them."""

from __future__ import annotations

import json
import selectors
import smtplib
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from core.demo import endpoint
from core.demo.endpoint import Endpoint

QUIET = ("--arrival-every", "0")
READY_S, STOP_S, ANSWER_S = 30.0, 10.0, 20.0


def trusting(where: Endpoint) -> ssl.SSLContext:
    """Trust a demo's authority and no other."""
    return ssl.create_default_context(cafile=str(where.ca_file))


def submission_of(where: Endpoint) -> smtplib.SMTP_SSL:
    """Connect to a demo's SMTP server, without a login."""
    context = trusting(where)
    host, port = where.host, where.smtp_port
    return smtplib.SMTP_SSL(host, port, timeout=ANSWER_S, context=context)


def send(where: Endpoint, message: EmailMessage) -> None:
    """Send a message as the owner of a demo's mailbox."""
    with submission_of(where) as client:
        client.login(where.address, where.password.reveal())
        client.send_message(message)


@dataclass(frozen=True, slots=True)
class RunningDemo:
    """The process, what it said when it was ready, and where it listens."""

    process: subprocess.Popen[bytes]
    said: dict[str, Any]
    where: Endpoint

    @property
    def context(self) -> ssl.SSLContext:
        """Trust the demo's authority and no other."""
        return trusting(self.where)

    def client(self) -> IMAPClient:
        """Connect to the IMAP server, without a login."""
        return IMAPClient(
            self.where.host,
            self.where.imap_port,
            ssl_context=self.context,
            timeout=ANSWER_S,
        )

    @contextmanager
    def mailbox(self) -> Iterator[IMAPClient]:
        """Log in to the mailbox."""
        with self.client() as client:
            client.login(self.where.address, self.where.password.reveal())
            yield client

    @contextmanager
    def submission(self) -> Iterator[smtplib.SMTP_SSL]:
        """Connect to the SMTP server, without a login."""
        with submission_of(self.where) as client:
            yield client

    def send(self, message: EmailMessage) -> None:
        """Send a message as the owner of the mailbox."""
        send(self.where, message)

    def numbers(self) -> dict[str, dict[bytes, int]]:
        """Ask for the numbers of every folder that can be opened."""
        with self.mailbox() as client:
            return {
                name: client.folder_status(name, ["MESSAGES", "UIDNEXT", "UIDVALIDITY"])
                for flags, _, name in client.list_folders()
                if b"\\Noselect" not in flags
            }

    def stop(self) -> int:
        """End its standard input; give the exit code."""
        with suppress(BrokenPipeError):
            self.process.communicate(timeout=STOP_S)
        return self.process.wait(STOP_S)


def letter(to: str, subject: str = "Hello") -> EmailMessage:
    """Write a short message to and from an address."""
    message = EmailMessage()
    message["From"] = message["To"] = to
    message["Subject"] = subject
    message["Message-ID"] = make_msgid(domain="test.example")
    message.set_content("Até já.")
    return message


@contextmanager
def running(directory: Path, *options: str) -> Iterator[RunningDemo]:
    """Start the demo; wait for its line; kill it if the test has not stopped it."""
    process = start(directory, *options)
    try:
        said = json.loads(_line(process))
        where = endpoint.read(directory)
        assert where is not None
        yield RunningDemo(process, said, where)
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def start(directory: Path, *options: str) -> subprocess.Popen[bytes]:
    """Start the demo without waiting."""
    command = [sys.executable, "-W", "error", "-m", "core.demo"]
    return subprocess.Popen(
        [*command, "--directory", str(directory), *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def _line(process: subprocess.Popen[bytes]) -> bytes:
    assert process.stdout is not None
    assert process.stderr is not None
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        assert ready.select(READY_S), "the demo is not ready"
    line = process.stdout.readline()
    assert line, process.stderr.read().decode()
    return line
