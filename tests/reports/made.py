"""What reports in the tests are made of: stories, and messages as bytes.

Texts are written here from the formats that servers use; nothing is anybody's mail.
"""

from __future__ import annotations

import base64
import quopri
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.outgoing import Source, Step

SENDER = "ana.lima@malote.example"
BOUNDARY = "=_5f1c.8842/malote"
DATE = "Tue, 24 Nov 2026 10:12:07 -0300"


class Expected(NamedTuple):
    """What is to be read for one recipient."""

    recipient: str
    step: Step
    status: str = ""
    permanent: bool = False
    automatic: bool = False


@dataclass(frozen=True, slots=True)
class Sample:
    """A message, and what is to be read in it; `kind` None: it is no report."""

    name: str
    raw: bytes
    kind: Source | None = None
    message_id: str = ""
    expected: tuple[Expected, ...] = ()
    envelope_id: str = ""


class Reason(NamedTuple):
    """Why a message does not arrive, and what the server of the recipient says."""

    name: str
    status: str
    said: str


UNKNOWN = Reason("unknown user", "5.1.1", "550 5.1.1 <{to}>: Recipient unknown here")
REASONS = (
    UNKNOWN,
    Reason("full mailbox", "5.2.2", "552 5.2.2 Caixa postal de {to} lotada"),
    Reason("full for now", "4.2.2", "452 4.2.2 The mailbox of {to} is over its quota"),
    Reason("spam", "5.7.1", "554 5.7.1 Message looks like spam, see our rules"),
    Reason("no such domain", "5.4.4", "550 5.4.4 No address record for the domain"),
    Reason("too large", "5.3.4", "552 5.3.4 Message size is above the limit of 10 MB"),
    Reason("policy", "5.7.26", "550 5.7.26 Refused by the DMARC policy of the sender"),
    Reason("switched off", "5.2.1", "550 5.2.1 Conta desativada por falta de uso"),
)
GREYLIST = Reason("greylist", "4.7.1", "451 4.7.1 Greylisted, try again in 300 seconds")
TIMEOUT = Reason("no answer", "4.4.1", "421 4.4.1 No answer from the server so far")
RECIPIENTS = (
    "bruno@destino.example",
    "carla.souza@empresa.com.br.example",
    "d_alves+nf@loja.example",
    "eduardo-99@escola.edu.example",
    "FINANCEIRO@Cliente.example",
)


class Story(NamedTuple):
    """One message that was sent, to whom, and why it did not arrive."""

    number: int
    to: str
    reason: Reason = UNKNOWN

    @property
    def message_id(self) -> str:
        return f"<{self.number}.a7f0@malote.example>"

    @property
    def said(self) -> str:
        return self.reason.said.format(to=self.to)

    @property
    def facts(self) -> dict[str, str]:
        """What the templates of servers may name."""
        return {
            "to": self.to,
            "user": self.to.partition("@")[0],
            "domain": self.to.rpartition("@")[2],
            "sender": SENDER,
            "id": self.message_id,
            "bare_id": self.message_id.strip("<>"),
            "said": self.said,
            "status": self.reason.status,
            "code": self.said[:3],
            "words": self.said.partition(self.reason.status)[2].strip(),
            "date": DATE,
            "number": str(self.number),
            "original": self.header,
        }

    @property
    def header(self) -> str:
        return (
            f"Received: from [10.0.0.{self.number % 250}] by mx.malote.example\n"
            f"\twith ESMTPSA id q{self.number}; {DATE}\n"
            f"From: Ana Lima <{SENDER}>\nTo: {self.to}\n"
            f"Subject: =?utf-8?Q?Reuni=C3=A3o_{self.number}?=\nDate: {DATE}\n"
            f"Message-ID: {self.message_id}\nMIME-Version: 1.0\n"
            "Content-Type: text/plain; charset=utf-8\n"
        )

    @property
    def message(self) -> str:
        body = "Bom dia,\n\nsegue a proposta.\n\n-- \nAna\n"
        return f"{self.header}\n{body}"


def story(number: int, reason: Reason = UNKNOWN) -> Story:
    """Give a story of its own for each number."""
    return Story(number, RECIPIENTS[number % len(RECIPIENTS)], reason)


class Piece(NamedTuple):
    """A part: its type, its text, and how that is encoded."""

    kind: str
    text: str
    encoding: str = ""


def fields(*pairs: tuple[str, str]) -> str:
    """Write header fields."""
    return "".join(f"{name}: {value}\n" for name, value in pairs)


def part(piece: Piece) -> str:
    """Write a part of a multipart."""
    data = piece.text.encode()
    head = f"Content-Type: {piece.kind}\n"
    if piece.encoding:
        head += f"Content-Transfer-Encoding: {piece.encoding}\n"
    match piece.encoding:
        case "base64":
            return f"{head}\n{base64.encodebytes(data).decode()}"
        case "quoted-printable":
            return f"{head}\n{quopri.encodestring(data).decode()}"
    return f"{head}\n{piece.text}"


def multipart(
    head: str, kind: str, pieces: Sequence[Piece], boundary: str = BOUNDARY
) -> str:
    """Write a message of several parts."""
    body = "".join(f"--{boundary}\n{part(piece)}\n" for piece in pieces)
    return (
        f'{head}MIME-Version: 1.0\nContent-Type: {kind};\n\tboundary="{boundary}"\n\n'
        f"This is a message in MIME format.\n\n{body}--{boundary}--\n"
    )


def wire(text: str) -> bytes:
    """Give a text as it comes over the wire."""
    return text.replace("\n", "\r\n").encode()
