"""Samples of bounces in prose: formats, reasons, and how the text is carried."""

from __future__ import annotations

import html
from collections.abc import Iterator

from core.outgoing import Source, Step
from tests.reports import made
from tests.reports.letters import LETTERS, Letter
from tests.reports.made import Expected, Piece, Sample, Story

TEXT = "text/plain; charset=utf-8"


def samples() -> Iterator[Sample]:
    """Write all of them."""
    for number, letter in enumerate(LETTERS):
        first = 10_000 + 100 * number
        yield from _reasons(letter, first)
        yield from _carried(letter, first + 20)
        if "{original}" in letter.text:
            yield from _attached(letter, first + 40)


def head(letter: Letter, story: Story) -> str:
    """Write the header that all of a letter's messages have."""
    facts = _facts(letter, story)
    return letter.head.format(**facts) + made.fields(
        ("From", letter.sender.format(**facts)),
        ("To", made.SENDER),
        ("Subject", letter.subject.format(**facts).encode("ascii", "replace").decode()),
        ("Date", made.DATE),
        ("Message-ID", f"<prose.{story.number}@{facts['host']}>"),
    )


def text(letter: Letter, story: Story, *, returned: bool = True) -> str:
    """Write the text; `returned`: with the header of the message where it has one."""
    facts = _facts(letter, story)
    return letter.text.format(**facts | ({} if returned else {"original": ""}))


def sample(name: str, letter: Letter, story: Story, raw: str) -> Sample:
    """Give a sample of a letter."""
    step = Step.DELAYED if letter.delayed else Step.FAILED
    permanent = step is Step.FAILED and story.reason.status.startswith("5")
    told = Expected(story.to.lower(), step, story.reason.status, permanent)
    name = f"{letter.name}: {name}"
    return Sample(name, made.wire(raw), Source.DSN, story.message_id, (told,))


def _facts(letter: Letter, story: Story) -> dict[str, str]:
    host = f"mail{story.number % 5}.{letter.name.split()[0]}.example"
    return story.facts | {"host": host}


def _reasons(letter: Letter, first: int) -> Iterator[Sample]:
    late = (made.GREYLIST, made.TIMEOUT, made.REASONS[2])
    for number, reason in enumerate(late if letter.delayed else made.REASONS):
        story = made.story(first + number, reason)
        raw = f"{head(letter, story)}\n{text(letter, story)}"
        yield sample(reason.name, letter, story, raw)


def _carried(letter: Letter, first: int) -> Iterator[Sample]:
    """Write the same text encoded, as HTML, in capitals, and with line feeds alone."""
    reason = made.GREYLIST if letter.delayed else made.UNKNOWN
    for number, encoding in enumerate(("base64", "quoted-printable")):
        story = made.story(first + number, reason)
        body = made.part(Piece(TEXT, text(letter, story), encoding))
        yield sample(encoding, letter, story, head(letter, story) + body)
    story = made.story(first + 2, reason)
    pieces = [Piece(TEXT, text(letter, story)), Piece("text/html", "<p>The same</p>")]
    mixed = made.multipart(head(letter, story), "multipart/alternative", pieces)
    yield sample("alternative", letter, story, mixed)
    story = made.story(first + 3, reason)
    raw = f"{head(letter, story)}\n{text(letter, story)}"
    one = sample("line feeds alone", letter, story, raw)
    yield Sample(one.name, raw.encode(), one.kind, one.message_id, one.expected)


def _attached(letter: Letter, first: int) -> Iterator[Sample]:
    """Write it with the message attached, or named as answers name it; then as HTML."""
    story = made.story(first)
    if letter.delayed:
        story = story._replace(reason=made.GREYLIST)
    pieces = [
        Piece(TEXT, text(letter, story, returned=False)),
        Piece("message/rfc822", story.message),
    ]
    raw = made.multipart(head(letter, story), "multipart/mixed", pieces)
    yield sample("attached", letter, story, raw)
    story = story._replace(number=first + 1)
    named = f"In-Reply-To: {story.message_id}\n{head(letter, story)}"
    yield sample(
        "answers", letter, story, f"{named}\n{text(letter, story, returned=False)}"
    )
    story = story._replace(number=first + 2)
    lines = html.escape(text(letter, story, returned=False)).split("\n")
    source = "<html><head><style>p {}</style></head><body>" + "<br>\n".join(lines)
    named = f"In-Reply-To: {story.message_id}\n{head(letter, story)}"
    yield sample(
        "HTML alone", letter, story, named + made.part(Piece("text/html", source))
    )
