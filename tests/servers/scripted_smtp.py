"""A submission server whose behaviour at every stage is set.

    be = Behaviour(rcpt=[b"450 4.2.1 later"])
    with submission_at(certificates.good, be=be) as server:
        ...                          # server.contents: the mails that have come whole

Each stage is a list of lines and steps (steps.py): what is sent when the client has
said its part; `final` follows a whole mail. `rcpt_of` goes before `rcpt`: {beginning of
the address: list}.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.model import Security
from tests.certificates import Pair
from tests.servers.scripted import ScriptedServer, serve
from tests.servers.steps import (
    Answer,
    Close,
    Content,
    Lines,
    Send,
    StartTls,
    Step,
    Table,
)

OFFERS = (b"SIZE 20000000", b"8BITMIME", b"AUTH PLAIN LOGIN")


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server says at each stage; `final` follows the final dot."""

    greeting: Lines = (b"220 mail.example.org ESMTP",)
    offers: Sequence[bytes] = OFFERS
    offers_in_clear: Sequence[bytes] = (b"STARTTLS",)
    ehlo: Lines | None = None  # in place of what is offered
    starttls: Lines | None = None  # before TLS begins; None: 220, and it begins
    auth: Lines = (b"235 2.7.0 Welcome",)
    ehlo_after: Lines | None = None  # the login; None: as before
    mail: Lines = (b"250 2.1.0 Ok",)
    rcpt: Lines = (b"250 2.1.5 Ok",)
    rcpt_of: Mapping[bytes, Lines] = field(default_factory=dict)
    data: Lines = (b"354 Go on", Content())
    final: Lines = (b"250 2.0.0 Ok: queued as 4Fx1",)
    quit: Lines = (b"221 2.0.0 Bye", Close())


def script(be: Behaviour, pair: Pair, security: Security) -> list[Step]:
    """Write it as steps for `serve`."""
    hello = be.ehlo or offering(be.offers)
    before: Table = {rb"EHLO": hello, rb"AUTH": be.auth, rb"QUIT": be.quit}
    final = be.final if Content() in be.data else []
    talk: Table = {rb"EHLO": be.ehlo_after or hello, rb"QUIT": be.quit}
    talk |= {rb"MAIL FROM:": be.mail, rb"DATA": [*be.data, *final]}
    talk |= {rb"RCPT TO:<" + who: lines for who, lines in be.rcpt_of.items()}
    talk |= {rb"RCPT TO:": be.rcpt}
    steps: list[Step] = [*map(_step, be.greeting)]
    if security is Security.STARTTLS:
        begin: Lines = be.starttls or (b"220 2.0.0 Go on", StartTls(pair))
        clear: Table = {rb"EHLO": offering(be.offers_in_clear), rb"STARTTLS": begin}
        clear |= {rb"QUIT": be.quit}
        steps.append(answer(clear, until=rb"STARTTLS"))
    return [*steps, answer(before, until=rb"AUTH"), answer(talk)]


@contextmanager
def submission_at(
    pair: Pair, security: Security = Security.TLS, be: Behaviour | None = None
) -> Iterator[ScriptedServer]:
    """Serve it; `Security.NONE` is a server that never speaks TLS."""
    steps = script(be or Behaviour(), pair, security)
    tls = pair if security is Security.TLS else None
    with serve(*steps, tls=tls) as server:
        yield server


def offering(words: Sequence[bytes]) -> Lines:
    """Write the answer to EHLO."""
    every = [b"mail.example.org", *words]
    return [b"250-" + word for word in every[:-1]] + [b"250 " + every[-1]]


def answer(table: Table, until: bytes = b"") -> Answer:
    """Answer commands of SMTP."""
    return Answer(table, b"502 5.5.1 not in the script", until, tagged=False)


def _step(line: bytes | Step) -> Step:
    return Send(line + b"\r\n") if isinstance(line, bytes) else line
