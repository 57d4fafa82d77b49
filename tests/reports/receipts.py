"""Samples of read receipts (RFC 8098): programs, languages, dispositions, damage."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from core.outgoing import Source, Step
from tests.reports import made
from tests.reports.made import Expected, Piece, Sample, Story


class Program(NamedTuple):
    """What a mail program writes: its name, the subject, its text, and its mode."""

    name: str
    agent: str
    subject: str
    text: str
    mode: str
    original: bool = True  # it names the original recipient, too


SOURCE = Path(__file__).with_suffix(".toml")
PROGRAMS = [
    Program(**one) for one in tomllib.loads(SOURCE.read_text("utf-8"))["program"]
]
UNSEEN = ("deleted", "dispatched", "processed", "denied", "failed", "displayed/error")


def samples() -> Iterator[Sample]:
    """Write all of them."""
    for number, program in enumerate(PROGRAMS):
        first = 40_000 + 100 * number
        for n, disposition in enumerate(("displayed", *UNSEEN)):
            story = made.story(first + n)
            told = _expected(program, story) if not n else ()
            text = receipt(program, story, disposition)
            yield _sample(f"{program.name}: {disposition}", story, text, *told)
        yield from _damaged(program, first + 20)


def receipt(
    program: Program,
    story: Story,
    disposition: str = "displayed",
    *,
    returned: bool = True,
) -> str:
    """Write a receipt."""
    head = made.fields(
        ("From", f"{story.to.partition('@')[0]} <{story.to}>"),
        ("To", made.SENDER),
        ("Subject", program.subject.encode("ascii", "replace").decode()),
        ("Message-ID", f"<mdn.{story.number}@{story.to.rpartition('@')[2]}>"),
        ("References", story.message_id),
    )
    agent = made.fields(("Reporting-UA", program.agent))
    if program.original:
        agent += made.fields(("Original-Recipient", f"rfc822;{story.to}"))
    block = agent + made.fields(
        ("Final-Recipient", f"rfc822;{story.to}"),
        ("Original-Message-ID", story.message_id),
        ("Disposition", f"{program.mode}; {disposition}"),
    )
    pieces = [
        Piece("text/plain; charset=utf-8", program.text, "quoted-printable"),
        Piece("message/disposition-notification", block),
    ]
    if returned:
        pieces.append(Piece("text/rfc822-headers", story.header))
    kind = "multipart/report; report-type=disposition-notification"
    return made.multipart(head, kind, pieces)


def _expected(program: Program, story: Story) -> tuple[Expected, ...]:
    automatic = "automatic" in program.mode
    return (Expected(story.to.lower(), Step.DISPLAYED, automatic=automatic),)


def _sample(name: str, story: Story, text: str, *told: Expected) -> Sample:
    return Sample(
        f"receipt of {name}", made.wire(text), Source.MDN, story.message_id, told
    )


def _damaged(program: Program, first: int) -> Iterator[Sample]:
    for number, (name, damage) in enumerate(DAMAGES.items()):
        story = made.story(first + number)
        text = damage(receipt(program, story, returned=bool(number % 2)))
        told = _expected(program, story)
        yield _sample(f"{program.name}: {name}", story, text, *told)
    story = made.story(first + len(DAMAGES))
    text = receipt(program, story)
    one = _sample(
        f"{program.name}: line feeds", story, text, *_expected(program, story)
    )
    yield replace(one, raw=text.encode())


def _signed(text: str) -> str:
    """Put it into a signed message, as S/MIME does (RFC 1847)."""
    head, _, body = text.partition("MIME-Version: 1.0\n")
    signature = "--sig\nContent-Type: application/pkcs7-signature\n\nMIIB\n--sig--\n"
    kind = "multipart/signed; protocol=x; boundary=sig"
    return f"{head}Content-Type: {kind}\n\n--sig\n{body}\n{signature}"


DAMAGES: dict[str, Callable[[str], str]] = {
    "only named by answers": lambda text: text.replace(
        "Original-Message-ID", "X-Original"
    ),
    "nothing returned": lambda text: text,
    "folded": lambda text: text.replace("Disposition: ", "Disposition:\n ", 1),
    "upper case": lambda text: text.replace("; displayed", "; DISPLAYED"),
    "no space": lambda text: text.replace("; displayed", ";displayed"),
    "blank lines too many": lambda text: text.replace(
        "\nDisposition:", "\n\nDisposition:"
    ),
    "no closing boundary": lambda text: text.replace(f"\n--{made.BOUNDARY}--\n", "\n"),
    "signed": _signed,
}
