"""What the receiving server says of who sent a message (RFC 8601). Pure; never raises.

Anybody can write such a field into a mail. Counted is only what stands on top, in the
name of a server that is the mailbox's own (RFC 8601 §5): of the domain of its address,
of its IMAP server, or of the server that says it received the message last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from core.mime.fields import Field
from core.text import harmless

FIELD, RECEIVED = "authentication-results", "received"
METHODS = ("spf", "dkim", "dmarc")
# RFC 8601 §2.7: the results of these methods.
RESULTS = frozenset(
    "none pass fail softfail neutral policy temperror permerror".split()
)
# What names the domain that a result is about (RFC 8601 §2.7.1, §2.7.2; RFC 7489 §11).
ABOUT = {
    "spf": ("smtp.mailfrom", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
}
RESULTS_MOST, FIELDS_MOST, CHARS_MOST, DOMAIN_CHARS = 20, 10, 8_000, 253
STATEMENT = re.compile(
    r"([a-z0-9-]{1,40})(?:\s*/\s*\d{1,5})?\s*=\s*([a-z]{1,20})", re.IGNORECASE
)
PROPERTY = re.compile(
    r"([a-z]{1,20})\s*\.\s*([a-z0-9-]{1,40})\s*=\s*(\S{1,400})", re.IGNORECASE
)
BY = re.compile(
    r"\bby\s+([a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?)(?=[\s;(]|\Z)", re.IGNORECASE
)
HOST = re.compile(r"[a-z0-9_-]+(?:\.[a-z0-9_-]+)+\Z", re.IGNORECASE)
# Microsoft 365 names no server in the field; its Received fields do.
NAMELESS = "outlook.com"
# Second-level names under which names are given away: "com.br" is nobody's own.
SHARED = frozenset("ac co com edu gob gov gouv ltd mil ne net nom or org plc".split())


@dataclass(frozen=True, slots=True)
class Result:
    """What was found by one method; `domain` is whom it is about, or empty."""

    method: str
    result: str
    domain: str


@dataclass(frozen=True, slots=True)
class Authentication:
    """Whose statement it is, and what it says; without a server nothing is stated.

    `others`: servers in whose name there are such fields that were not counted.
    """

    server: str = ""
    results: tuple[Result, ...] = ()
    others: tuple[str, ...] = ()

    def of(self, method: str) -> tuple[Result, ...]:
        """Give what was found by a method; nothing where it is not stated."""
        return tuple(one for one in self.results if one.method == method)


@dataclass(frozen=True, slots=True)
class _Told:
    """One field as it stands: the server it names, and its statements."""

    server: str
    results: tuple[Result, ...]


def stated(found: list[Field], own: Iterable[str]) -> Authentication:
    """Read what the receiving server states; `own` are the mailbox's domains."""
    trusted = {_organisation(host) for host in own if host}
    receivers = _receivers(found)
    trusted |= {_organisation(host) for host in receivers[:1]}
    results: list[Result] = []
    others: list[str] = []
    server, closed = "", False
    for one in found:
        if one.name == RECEIVED:
            closed = bool(server)  # what is below was there before the server came
        if one.name != FIELD:
            continue
        told = _told(one.value, receivers)
        name = told.server
        if (
            not closed
            and name
            and _organisation(name) in trusted
            and server in {"", name}
        ):
            server = name
            results.extend(told.results)
        elif len(others) < FIELDS_MOST and name not in {*others, server}:
            others.append(name)
    return Authentication(server, tuple(results[:RESULTS_MOST]), tuple(others))


def _told(value: str, receivers: list[str]) -> _Told:
    pieces = list(_pieces(value[:CHARS_MOST]))
    head = pieces[0].split() if pieces else []
    if head and "=" not in pieces[0]:
        return _Told(_host(head[0]), tuple(_results(pieces[1:])))
    last = receivers[0] if receivers else ""
    is_known = _organisation(last) == NAMELESS
    return _Told(last if is_known else "", tuple(_results(pieces)))


def _results(pieces: list[str]) -> Iterator[Result]:
    for piece in pieces:
        found = STATEMENT.match(piece)
        if not found or (method := found[1].lower()) not in METHODS:
            continue
        given = {f"{a}.{b}".lower(): c for a, b, c in PROPERTY.findall(piece)}
        named = (given[name] for name in ABOUT[method] if name in given)
        result = found[2].lower()
        yield Result(
            method,
            result if result in RESULTS else "unknown",
            _domain(next(named, "")),
        )


def _pieces(value: str) -> Iterator[str]:  # noqa: C901 - a scanner, flat
    """Cut at semicolons, without comments (RFC 8601 §2.2 allows them everywhere)."""
    out: list[str] = []
    depth, quoted, escaped = 0, False, False
    for char in value:
        if escaped:
            escaped = False
            if not depth:
                out.append(char)
        elif char == "\\" and (quoted or depth):
            escaped = True
        elif quoted:
            quoted = char != '"'
            out.append(char if quoted else "")
        elif char == '"' and not depth:
            quoted = True
        elif char == "(":
            depth += 1
        elif char == ")":
            depth = max(0, depth - 1)
            out.append(" ")
        elif char == ";" and not depth:
            yield "".join(out).strip()
            out.clear()
        elif not depth:
            out.append(char)
    yield "".join(out).strip()


def _receivers(found: list[Field]) -> list[str]:
    """Name the servers that say they received it, the last one first."""
    named = (BY.search(f.value[:2_000]) for f in found if f.name == RECEIVED)
    hosts = (by[1].lower() for by in named if by)
    return [host for host in hosts if HOST.match(host) and not _is_number(host)]


def _is_number(host: str) -> bool:
    return host.rpartition(".")[2].isdigit()


def _host(text: str) -> str:
    return harmless(text[:DOMAIN_CHARS]).lower().rstrip(".")


def _domain(text: str) -> str:
    return _host(text.rpartition("@")[2].strip("<>"))


def _organisation(host: str) -> str:
    """Give the name that an organisation holds, as well as can be without a list."""
    labels = host.lower().rstrip(".").split(".")
    three = len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in SHARED  # noqa: PLR2004 - country codes
    return ".".join(labels[-3:] if three else labels[-2:])
