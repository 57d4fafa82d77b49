"""Samples of delivery status notifications: servers, steps, reasons, and damage."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from core.outgoing import Source, Step
from tests.reports import made
from tests.reports.made import Expected, Piece, Sample, Story
from tests.reports.servers import SERVERS, Server

STATUS_PART = "message/delivery-status"
RETURNED = ("message/rfc822", "text/rfc822-headers", "answers", "envelope id")
ACTIONS = (
    ("delayed", Step.DELAYED),
    ("relayed", Step.RELAYED),
    ("delivered", Step.DELIVERED),
    ("expanded", Step.RELAYED),
    ("failed", Step.FAILED),
)
GREETING = made.Reason("arrived", "2.0.0", "250 2.0.0 OK taken as 88F2")


def samples() -> Iterator[Sample]:
    """Write all of them."""
    for number, server in enumerate(SERVERS):
        first = 1_000 + 100 * number
        yield from _reasons(server, first)
        yield from _steps(server, first + 20)
        yield from _returned(server, first + 40)
        yield from _damaged(server, first + 60)


def notification(
    server: Server, stories: list[Story], *, action: str = "failed",
    returned: str = "message/rfc822", final: str = "", encoding: str = "",
) -> str:  # fmt: skip
    """Write a notification; `final`: where the mail was forwarded to."""
    story = stories[0]
    facts = story.facts | {
        "host": f"mx{story.number % 7}.{server.name.split()[0]}.example"
    }
    blocks = [server.about_message.format(**facts)]
    for one in stories:
        given = facts | one.facts | {"action": action, "final": final or one.to}
        blocks.append(server.about_recipient.format(**given))
    head = made.fields(
        ("Return-Path", "<>"),
        ("From", server.sender.format(**facts)),
        ("To", made.SENDER),
        ("Subject", server.subject.format(**facts).encode("ascii", "replace").decode()),
        ("Date", made.DATE),
        ("Message-ID", f"<report.{story.number}@{facts['host']}>"),
        ("Auto-Submitted", "auto-replied"),
    )
    if returned == "answers":
        head += f"In-Reply-To: {story.message_id}\nReferences: <0@malote.example>\n"
        head += f"\t{story.message_id}\n"
    if returned == "envelope id":
        blocks[0] += f"Original-Envelope-Id: <{facts['bare_id']}+3E\n".replace(
            "+3E", ">"
        )
    pieces = [
        Piece("text/plain; charset=utf-8", server.text.format(**facts), encoding),
        Piece(STATUS_PART, "\n".join(blocks), encoding),
    ]
    if "/" in returned:
        whole = returned == "message/rfc822"
        pieces.append(Piece(returned, story.message if whole else story.header))
    return made.multipart(head, "multipart/report; report-type=delivery-status", pieces)


def expected(story: Story, step: Step = Step.FAILED) -> Expected:
    """Give what is to be read of a story."""
    permanent = step is Step.FAILED and story.reason.status.startswith("5")
    return Expected(story.to.lower(), step, story.reason.status, permanent)


def sample(name: str, story: Story, text: str, *told: Expected) -> Sample:
    """Give a sample that reports on one message."""
    raw = made.wire(text)
    envelope = text.partition("Original-Envelope-Id: ")[2].partition("\n")[0]
    envelope = (
        envelope or text.partition("Original-envelope-id: ")[2].partition("\n")[0]
    )
    return Sample(name, raw, Source.DSN, story.message_id, told, envelope)


def _reasons(server: Server, first: int) -> Iterator[Sample]:
    for number, reason in enumerate(made.REASONS):
        story = made.story(first + number, reason)
        text = notification(server, [story])
        yield sample(f"{server.name}: {reason.name}", story, text, expected(story))


def _steps(server: Server, first: int) -> Iterator[Sample]:
    for number, (action, step) in enumerate(ACTIONS):
        early = step in {Step.RELAYED, Step.DELIVERED}
        reason = GREETING if early else (made.GREYLIST, made.TIMEOUT)[number % 2]
        story = made.story(first + number, reason)
        text = notification(server, [story], action=action)
        yield sample(f"{server.name}: {action}", story, text, expected(story, step))


def _returned(server: Server, first: int) -> Iterator[Sample]:
    for number, how in enumerate(RETURNED):
        story = made.story(first + number, made.REASONS[number])
        text = notification(server, [story], returned=how)
        text = text.replace("Original-envelope-id: 0R", "X-Envelope: 0R")
        # What icloud's text repeats is what is left to find it by.
        yield sample(f"{server.name}: returned {how}", story, text, expected(story))


def _damaged(server: Server, first: int) -> Iterator[Sample]:
    """Write what gateways and careless software do to notifications."""
    for number, (name, damage) in enumerate(DAMAGES.items()):
        story = made.story(first + number, made.REASONS[number % len(made.REASONS)])
        text = damage(notification(server, [story]))
        yield sample(f"{server.name}: {name}", story, text, expected(story))
    number = len(DAMAGES)
    story = made.story(first + number)
    text = notification(server, [story])
    one = sample(f"{server.name}: line feeds alone", story, text, expected(story))
    yield replace(one, raw=text.encode())
    for encoding in ("base64", "quoted-printable"):
        number += 1
        story = made.story(first + number)
        text = notification(server, [story], encoding=encoding)
        one = sample(f"{server.name}: {encoding}", story, text, expected(story))
        plain = sample("", story, notification(server, [story]))
        yield replace(one, envelope_id=plain.envelope_id)
    several = [made.story(first + 20 + n, made.REASONS[n]) for n in range(4)]
    several = [one._replace(number=several[0].number) for one in several]
    text = notification(server, several)
    told = [expected(one) for one in several]
    yield sample(f"{server.name}: several recipients", several[0], text, *told)
    text = text.replace("\n\nFinal-", "\nFinal-").replace(
        "\n\nOriginal-r", "\nOriginal-r"
    )
    text = text.replace("\n\nOriginal-R", "\nOriginal-R").replace(
        "\n\nAction", "\nAction"
    )
    one = sample(f"{server.name}: several, no blank lines", several[0], text, *told)
    yield replace(one, raw=one.raw.replace(b"report.", b"again."))
    if "{final}" in server.about_recipient:
        story = made.story(first + 30)
        text = notification(server, [story], final="caixa@outro.example")
        yield sample(f"{server.name}: forwarded", story, text, expected(story))


def _folded(text: str) -> str:
    return text.replace("rfc822;", "rfc822;\n\t").replace("smtp; ", "smtp;\n  ")


def _upper(text: str) -> str:
    for name in (
        "Final-Recipient",
        "Action",
        "Status",
        "Diagnostic-Code",
        "Content-Type",
    ):
        text = text.replace(f"\n{name}:", f"\n{name.upper()}:")
    return text.replace("failed", "FAILED").replace(
        "delivery-status", "Delivery-Status"
    )


def _in_lower_case(text: str) -> str:
    for name in ("Final-Recipient", "Original-Recipient", "Action", "Status", "MIME"):
        text = text.replace(f"\n{name}", f"\n{name.lower()}")
    return text.replace("Message-ID:", "message-id:")


def _bracketed(text: str) -> str:
    lines = text.split("\n")
    for at, line in enumerate(lines):
        name, _, value = line.partition("822;")
        if "ecipient:" in name:
            lines[at] = f"{name}822; <{value.strip()}>"
    return "\n".join(lines)


DAMAGES: dict[str, Callable[[str], str]] = {
    "folded fields": _folded,
    "upper case": _upper,
    "lower case": _in_lower_case,
    "no closing boundary": lambda text: text.replace(f"\n--{made.BOUNDARY}--\n", "\n"),
    "a comment in Action": lambda text: text.replace(
        "Action: failed", "Action: Failed (x)"
    ),
    "no Status": lambda text: text.replace("\nStatus: ", "\nX-Status: "),
    "no report-type": lambda text: text.replace("; report-type=delivery-status", ""),
    "multipart/mixed": lambda text: text.replace(
        "multipart/report;", "multipart/mixed;"
    ),
    "no address type": lambda text: text.replace("rfc822;", ""),
    "angle brackets": _bracketed,
    "blank lines too many": lambda text: text.replace("\nAction:", "\n\nAction:"),
    "global": lambda text: text.replace(STATUS_PART, "message/global-delivery-status"),
    "the action is error": lambda text: text.replace("Action: failed", "Action: error"),
    "an answer's subject": lambda text: text.replace("Subject: ", "Subject: Re: ", 1),
}
