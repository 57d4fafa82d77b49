"""Fill folders quickly: one APPEND for hundreds of messages (RFC 3502)."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple, Self

if TYPE_CHECKING:
    from tests.servers.dovecot import Account

AT_ONCE = 500
FIRST = datetime(2026, 1, 5, 8, tzinfo=UTC)
APART = timedelta(minutes=47)
PEOPLE = ("ana", "bruno", "carla", "davi", "elisa", "fábio", "gabi")
SUBJECTS = ("Orçamento", "Meeting on Monday", "Re: contract", "Nota fiscal", "Thanks!")


class Mail(NamedTuple):
    """A message to be filled in, with its flags and its INTERNALDATE."""

    raw: bytes
    flags: str
    at: datetime


def mails(folder: str, count: int) -> Iterator[Mail]:
    """Make messages with their flags and dates: the same ones for the same folder."""
    chance = random.Random(folder)
    for number in range(1, count + 1):
        at = FIRST + number * APART
        flags = r"\Seen" if chance.random() < 0.7 else ""
        yield Mail(_mail(f"{folder}/{number}", at, chance), flags, at)


def _mail(name: str, at: datetime, chance: random.Random) -> bytes:
    sender, to = chance.sample(PEOPLE, 2)
    lines = [
        f"Date: {format_datetime(at)}",
        f"From: {sender.title()} <{sender.replace('á', 'a')}@example.org>",
        f"To: {to.title()} <{to.replace('á', 'a')}@example.net>",
        f"Subject: {chance.choice(SUBJECTS)}",
        f"Message-ID: <{name.replace('/', '.')}@example.org>",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        *["A line of text, neither long nor short."] * chance.randint(1, 12),
        "",
    ]
    return "\r\n".join(lines).encode()


class Filler:
    """A connection in clear, on loopback: imapclient sends one literal at a time."""

    def __init__(self, account: Account) -> None:
        self._sock = socket.create_connection(("127.0.0.1", account.plain_port), 60)
        self._lines = self._sock.makefile("rb")
        self._lines.readline()
        self._command(f'LOGIN "{account.user}" "{account.password}"')

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._command("LOGOUT")
        self._lines.close()
        self._sock.close()

    def fill(self, folder: str, count: int) -> None:
        """Append `count` messages to a folder, which is made if it is missing."""
        if self._command(f'STATUS "{folder}" (MESSAGES)', may_fail=True) == b"NO":
            self._command(f'CREATE "{folder}"')
        self.put(folder, mails(folder, count))

    def put(self, folder: str, made: Iterable[Mail]) -> None:
        """Append messages to a folder."""
        rest = iter(made)
        while some := list(islice(rest, AT_ONCE)):
            literals = b" ".join(_literal(*mail) for mail in some)
            self._send(b'a APPEND "%s" ' % folder.encode() + literals)
            self._answer(f"APPEND {folder}")

    def _command(self, text: str, *, may_fail: bool = False) -> bytes:
        self._send(b"a " + text.encode())
        return self._answer(text, may_fail=may_fail)

    def _send(self, line: bytes) -> None:
        self._sock.sendall(line + b"\r\n")

    def _answer(self, command: str, *, may_fail: bool = False) -> bytes:
        """Read up to the tagged answer, and give its word: OK or NO."""
        for line in self._lines:
            if line.startswith(b"a "):
                word = line.split()[1]
                if word != b"OK" and not may_fail:
                    break
                return word
        raise RuntimeError(f"{command}: the server did not say OK")


def _literal(raw: bytes, flags: str, at: datetime) -> bytes:
    """Write a message as an argument of APPEND, without waiting (RFC 7888)."""
    date = at.strftime("%d-%b-%Y %H:%M:%S +0000")
    return b'(%s) "%s" {%d+}\r\n%s' % (flags.encode(), date.encode(), len(raw), raw)
