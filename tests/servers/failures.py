"""Servers that fail in one way each, and what is to be said of them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.certificates import Certificates
from tests.servers.scripted import serve
from tests.servers.steps import POLITE, Answer, Close, Send, Stall, Step, Table
from tests.servers.submitting import READY_TO_SEND, greeted, sending

READY = Send(b"* OK ready\r\n")


@dataclass(frozen=True, slots=True)
class Failure:
    """A server that fails, and what doctor is to say of it."""

    error: str
    step: str
    script: Sequence[Step] = ()
    side: str = "imap"
    certificate: str = "good"
    security: str = "tls"
    code: int = 3
    says: str = ""
    shows: Sequence[str] = field(default=())  # in the output, in any language


def imap_login(*answer: bytes | Step) -> Sequence[Step]:
    table: Table = {rb"LOGIN ": list(answer), rb"AUTHENTICATE": list(answer)}
    return [READY, Answer(POLITE | table)]


WRONG = b"{tag} NO [AUTHENTICATIONFAILED] Invalid \x1b[31mcredentials"
APP = b"{tag} NO [ALERT] Application-specific password required"
CA = "Malote test CA"
FAILURES = {
    "silent": Failure("no_answer", "greeting", [Stall()]),
    "not mail": Failure(
        "not_a_mail_server",
        "greeting",
        [Send(b"HTTP/1.1 400 Bad Request\r\n"), Close()],
    ),
    "goodbye": Failure(
        "throttled",
        "greeting",
        [Send(b"* BYE too many connections\r\n"), Close()],
        says="too many connections",
    ),
    "expired": Failure(
        "certificate_expired", "tls", [READY], certificate="expired", shows=[CA]
    ),
    "of another": Failure(
        "certificate_of_another",
        "tls",
        [READY],
        certificate="wrong_host",
        shows=["mail.example.org", CA],
    ),
    "unknown": Failure(
        "certificate_unknown",
        "tls",
        [READY],
        certificate="self_signed",
        shows=["localhost"],
    ),
    "no starttls": Failure(
        "no_tls", "tls", [READY, Answer(POLITE)], certificate="", security="starttls"
    ),
    "wrong password": Failure(
        "wrong_password",
        "login",
        imap_login(WRONG),
        code=4,
        says="Invalid \N{REPLACEMENT CHARACTER}[31mcredentials",
    ),
    "switched off": Failure(
        "imap_disabled",
        "login",
        imap_login(b"{tag} NO You are yet to enable IMAP"),
        code=4,
        says="You are yet to enable IMAP",
    ),
    "app password": Failure(
        "app_password_needed",
        "login",
        imap_login(APP),
        code=4,
        says="Application-specific password required",
    ),
    "throttled": Failure(
        "throttled",
        "login",
        imap_login(b"{tag} NO [LIMIT] slow down"),
        says="[LIMIT] slow down",
    ),
    "no such command": Failure(
        "login_not_possible",
        "login",
        imap_login(b"{tag} NO [CONTACTADMIN] ask"),
        code=4,
        says="[CONTACTADMIN] ask",
    ),
    "smtp expired": Failure(
        "certificate_expired", "tls", [READY_TO_SEND], "smtp", "expired", shows=[CA]
    ),
    "smtp wrong password": Failure(
        "wrong_password",
        "login",
        sending(b"535 5.7.8 Bad credentials"),
        "smtp",
        code=4,
        says="5.7.8 Bad credentials",
    ),
    "smtp not now": Failure(
        "server_unavailable",
        "greeting",
        [Send(b"421 4.3.2 Closing\r\n"), Close()],
        "smtp",
        says="4.3.2 Closing",
    ),
    "smtp no starttls": Failure(
        "no_tls", "tls", greeted(b"250 SIZE 1"), "smtp", "", "starttls"
    ),
}


@contextmanager
def failing(wanted: Failure, certificates: Certificates) -> Iterator[int]:
    pair = getattr(certificates, wanted.certificate) if wanted.certificate else None
    with serve(*wanted.script, tls=pair) as server:
        yield server.port


def parts(text: str, side: str) -> tuple[list[str], list[str]]:
    """Split a report into the lines of one side and those of the other."""
    blocks = [block.splitlines() for block in text.split("\n\n")]
    found = [b for b in blocks if b[0].startswith(("IMAP: ", "SMTP: "))]
    imap, smtp = found
    return (imap, smtp) if side == "imap" else (smtp, imap)


def line_of(lines: list[str], label: str, colon: str = ":") -> str:
    return next(line for line in lines if f"{label}{colon}" in line)


def fits(template: str, line: str) -> bool:
    """Tell whether a line is a text with its facts filled in."""
    pattern = ".*".join(re.escape(part) for part in re.split(r"{\w+}", template))
    return re.search(pattern, line) is not None and "{" not in line
