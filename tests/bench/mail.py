"""The mail of the bench: about 2.4 KB each, and the same on every machine.

Like the mail of an office: threads with References, names in encoded words, several
recipients, HTML beside text, attachments, lists.
"""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.header import Header
from email.utils import format_datetime
from typing import NamedTuple

from tests.servers.filling import Mail

FIRST = datetime(2023, 1, 2, 8, tzinfo=UTC)
APART_S = 900
THREAD = 0.45  # of all messages answer an earlier one
REFERENCES = 8
SIZE = (250, 1750)  # bytes of body, before it is put into parts
CORRESPONDENTS = 3000

GIVEN = (
    "Ana Bruno Carla Davi Elisa Fábio Gabi Hélio Inês João Lívia Márcio Nina".split()
)
FAMILY = "Souza Lima Araújo Costa Moreau Schäfer Novak Ito Okafor Silva Peña".split()
DOMAINS = ("example.org", "example.net", "mail.example.com", "corp.example")
TOPICS = (
    "Orçamento do segundo trimestre",
    "Meeting on Monday",
    "Nota fiscal 4471",
    "Contract, second draft",
    "Relatório de vendas — março",
    "Invoice attached",
    "Weekly numbers",
    "Viagem a São Paulo",
    "Lunch?",
    "Besprechung für nächste Woche",
    "会議の資料",
)
WORDS = (
    "please find the numbers that we spoke of attached and tell me by Friday if the "
    "second table is right because the office in the north counts them in another way "
    "and nobody there answers before the end of the month with kind regards"
).split()
ASCII = str.maketrans("áéêíñóäüúç", "aeeinoauuc")


class Person(NamedTuple):
    """Somebody who writes or is written to."""

    name: str
    address: str


def _people() -> Iterator[Person]:
    for number in range(CORRESPONDENTS):
        given = GIVEN[number % len(GIVEN)]
        first, second = FAMILY[number % len(FAMILY)], FAMILY[number // 7 % len(FAMILY)]
        address = f"{given}.{first}{number}@{DOMAINS[number % len(DOMAINS)]}"
        yield Person(f"{given} {first} {second}", address.lower().translate(ASCII))


PEOPLE = list(_people())


def mails(seed: str, count: int) -> Iterator[Mail]:
    """Make messages with flags and dates; `seed` tells one series from another."""
    chance = random.Random(seed)
    threads: list[tuple[str, list[str]]] = []  # topic and Message-IDs, the last few
    for number in range(count):
        at = FIRST + timedelta(seconds=number * APART_S + chance.randrange(APART_S))
        name = f"<{number:06x}.{chance.getrandbits(48):012x}@{chance.choice(DOMAINS)}>"
        subject, before = _thread(chance, threads)
        people = [_somebody(chance) for _ in range(chance.choice((2, 2, 2, 3, 4)))]
        fields = [*_fields(chance, name, subject, at, people), *_answers(before)]
        flags = r"\Seen" if chance.random() < 0.7 else ""
        yield Mail(_joined(fields, _content(chance, name[1:-1])), flags, at)
        before.append(name)


def _thread(
    chance: random.Random, threads: list[tuple[str, list[str]]]
) -> tuple[str, list[str]]:
    """Go on with a thread, or begin one; only the last fifty are alive."""
    if threads and chance.random() < THREAD:
        topic, before = chance.choice(threads)
        return f"Re: {topic}", before
    topic = f"{chance.choice(TOPICS)} ({chance.randrange(10_000)})"
    threads.append((topic, []))
    del threads[:-50]
    return threads[-1]


def _fields(
    chance: random.Random, name: str, subject: str, at: datetime, people: list[Person]
) -> Iterator[str]:
    sender, *to = people
    yield from _traces(chance, name, sender, to[0], format_datetime(at))
    yield f"Date: {format_datetime(at)}"
    yield f"From: {_named(sender)}"
    yield f"To: {', '.join(map(_named, to))}"
    if chance.random() < 0.2:
        yield f"Cc: {_named(_somebody(chance))}"
    yield f"Subject: {_encoded(subject)}"
    yield f"Message-ID: {name}"
    if chance.random() < 0.1:
        yield "List-Id: Announcements <announce.lists.example.org>"
        yield "Precedence: list"


def _traces(
    chance: random.Random, name: str, sender: Person, to: Person, stamp: str
) -> Iterator[str]:
    """Write what mail servers put on top of a message."""
    yield f"Return-Path: <{sender.address}>"
    for hop in ("mx1", "relay7"):
        yield (
            f"Received: from {hop}.example.net ({hop}.example.net [192.0.2.{len(hop)}])"
            f"\r\n\tby mail.example.org (Postfix) with ESMTPS id {name[1:11]}"
            f"\r\n\tfor <{to.address}>; {stamp}"
        )
    signature = f"{chance.getrandbits(1024):0256x}"
    lines = "\r\n\t".join(signature[i : i + 64] for i in range(0, 256, 64))
    yield f"DKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=s1;\r\n\tb={lines}"


def _answers(before: list[str]) -> Iterator[str]:
    if before:
        yield f"In-Reply-To: {before[-1]}"
        yield "References: " + "\r\n\t".join(before[-REFERENCES:])


def _content(chance: random.Random, boundary: str) -> list[str]:
    """Write one of: text; text and HTML; text and an attachment."""
    text = _text(chance, chance.randint(*SIZE))
    kind = chance.random()
    if kind < 0.35:
        return _part("text/plain; charset=utf-8", text)
    if kind < 0.75:
        half = len(text) // 2
        html = f"<html><body><p>{text[half:]}</p></body></html>"
        parts = [("text/plain; charset=utf-8", text[:half])]
        return _multipart(
            "alternative", boundary, [*parts, ("text/html; charset=utf-8", html)]
        )
    raw = base64.encodebytes(chance.randbytes(len(text) // 2)).decode()
    attached = (
        'application/pdf; name="report.pdf"\r\nContent-Transfer-Encoding: base64\r\n'
        'Content-Disposition: attachment; filename="report.pdf"'
    )
    short = text[: len(text) // 4]
    return _multipart(
        "mixed", boundary, [("text/plain; charset=utf-8", short), (attached, raw)]
    )


def _multipart(subtype: str, boundary: str, parts: list[tuple[str, str]]) -> list[str]:
    lines = [f'Content-Type: multipart/{subtype}; boundary="{boundary}"', ""]
    for content_type, body in parts:
        lines += [f"--{boundary}", *_part(content_type, body)]
    return [*lines, f"--{boundary}--", ""]


def _part(content_type: str, body: str) -> list[str]:
    return [f"Content-Type: {content_type}", "", *body.split("\n")]


def _text(chance: random.Random, size: int) -> str:
    start = chance.randrange(len(WORDS))
    words = WORDS[start:] + WORDS[:start]
    line = " ".join(words[:12])
    return "\n".join([line] * (size // len(line) + 1))


def _somebody(chance: random.Random) -> Person:
    """Choose a person; a few write most of the mail."""
    return PEOPLE[int(CORRESPONDENTS * chance.random() ** 3)]


def _named(person: Person) -> str:
    return f"{_encoded(person.name)} <{person.address}>"


def _encoded(text: str) -> str:
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")


def _joined(fields: list[str], content: list[str]) -> bytes:
    return "\r\n".join([*fields, "MIME-Version: 1.0", *content, ""]).encode()
