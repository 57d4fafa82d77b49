"""Read a letter that was sent to the demo's people, and answer it. Pure.

Only the beginning of a message is looked at: reading it costs the same, however large
its attachments are.
"""

from __future__ import annotations

import email
import random
import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from email.message import EmailMessage
from email.policy import default
from email.utils import parseaddr

from core.demo import mime
from core.demo.cast import ME, Contact
from core.demo.letters import Desk, Letter
from core.demo.texts import CLOSINGS, OPENINGS, REPLIES
from core.text import harmless

READ_BYTES = 256 << 10
LINES, LINE_CHARS, NAME_CHARS, REFERENCES = 60, 400, 200, 20
ID = re.compile(r"<[^<>\s]{1,250}>")
WROTE = {
    "pt": ("Em {at:%d/%m/%Y} às {at:%H:%M}, {name} escreveu:", "Re: "),
    "en": ("On {at:%Y-%m-%d} at {at:%H:%M}, {name} wrote:", "Re: "),
}


def received(raw: bytes, to: Contact, at: datetime) -> Letter:
    """Read a message that has come to somebody; `at`: when it did."""
    said = _parsed(raw)
    name, address = parseaddr(_field(said, "From"))
    sender = Contact(_line(name) or ME.name, address or ME.address, ME.company)
    return Letter(
        sender=sender,
        to=replace(to, charset="utf-8"),
        at=at,
        subject=_line(_field(said, "Subject")),
        message_id=(*ID.findall(_field(said, "Message-ID")), "")[0],
        references=tuple(ID.findall(_field(said, "References"))[-REFERENCES:]),
        first_words=_text(said),
        raw=raw,
    )


def is_automatic(raw: bytes) -> bool:
    """Tell whether a program wrote a message, and not a person (RFC 3834 §5)."""
    said = _field(_parsed(raw), "Auto-Submitted").strip().lower()
    return said.partition(";")[0] not in {"", "no"}


def answer(desk: Desk, letter: Letter, at: datetime) -> bytes:
    """Answer a letter, with what it said below (RFC 5322 §3.6.4)."""
    who, to = letter.to, letter.sender
    chance = random.Random(letter.message_id)  # noqa: S311 - made-up mail
    wrote, prefix = WROTE[who.language]
    subject = letter.subject
    if not subject.lower().startswith("re:"):
        subject = prefix + subject
    fields = desk.head(who, to, at, subject, desk.message_id(who.domain))
    if letter.message_id:
        references = (*letter.references, letter.message_id)
        fields.append(("In-Reply-To", letter.message_id))
        fields.append(("References", mime.folded(references)))
    there = letter.at.astimezone(timezone(timedelta(hours=who.utc_offset)))
    words = (
        f"{chance.choice(OPENINGS[who.language])}, {to.name.split(maxsplit=1)[0]},",
        chance.choice(REPLIES[who.language]),
        f"{chance.choice(CLOSINGS[who.language])},\n{who.name}",
        f"{wrote.format(at=there, name=to.name)}\n{_quoted(letter.first_words)}",
    )
    return mime.message(fields, mime.text("\n\n".join(words) + "\n", who.charset))


def _parsed(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw[:READ_BYTES], policy=default)


def _field(said: EmailMessage, name: str) -> str:
    try:
        return str(said.get(name, ""))
    except (ValueError, LookupError, IndexError, AttributeError):
        return ""  # email of Python 3.11 stumbles over some that are malformed


def _text(said: EmailMessage) -> str:
    try:
        body = said.get_body(("plain",))
        return str(body.get_content()) if body else ""
    except (ValueError, LookupError, AttributeError):  # an unknown character set
        return ""


def _line(text: str) -> str:
    return harmless(" ".join(text.split()))[:NAME_CHARS]


def _quoted(text: str) -> str:
    lines = text.strip().splitlines()[:LINES]
    return "\n".join(f"> {harmless(line)[:LINE_CHARS]}".rstrip() for line in lines)
