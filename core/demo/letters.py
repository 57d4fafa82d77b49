"""Write the demo's messages: letters between people, newsletters, machines. Pure."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from html import escape

from core.demo import mime
from core.demo.cast import COLLEAGUES, HOME, ME, Contact, Machine, Newsletter
from core.demo.files import file
from core.demo.mime import Part
from core.demo.texts import (
    ATTACHED,
    CLOSINGS,
    HEADLINES,
    LEAVE_LIST,
    OPENINGS,
    QUOTED,
    REPLIES,
    SPAM,
)

HTML_SHARE, FILE_SHARE, COPY_SHARE, QUOTE_SHARE = 0.4, 0.11, 0.1, 0.5


@dataclass(frozen=True, slots=True)
class Letter:
    """A message as it was written, with what answers to it need."""

    sender: Contact
    to: Contact
    at: datetime
    subject: str
    message_id: str
    references: tuple[str, ...]
    first_words: str
    raw: bytes


class Desk:
    """Where letters are written: one source of chance, one count of messages."""

    def __init__(self, chance: random.Random, series: str = "") -> None:
        """Begin; `series` keeps the message ids of two desks apart."""
        self._chance, self._series, self._count = chance, series, 0

    def letter(
        self, sender: Contact, to: Contact, at: datetime, subject: str,
        words: str, answered: Letter | None = None, *, receipt: bool = False,
    ) -> Letter:  # fmt: skip
        """Write from one person to another; `receipt` asks for one (RFC 8098 §2.1)."""
        message_id = self.message_id(sender.domain)
        references = (*answered.references, answered.message_id) if answered else ()
        fields = self.head(sender, to, at, subject, message_id)
        if references:
            fields.append(("In-Reply-To", references[-1]))
            fields.append(("References", mime.folded(references)))
        if receipt:
            fields.append(("Disposition-Notification-To", mime.mailbox(sender)))
        if self._chance.random() < COPY_SHARE:
            fields.append(("Cc", self._copied_to(sender, to)))
        body = self._body(sender, to, words, answered)
        raw = mime.message(fields, body)
        return Letter(sender, to, at, subject, message_id, references, words, raw)

    def newsletter(self, sent_by: Newsletter, at: datetime) -> bytes:
        """Write an issue of a newsletter (RFC 2919)."""
        who, list_id = sent_by.sender, sent_by.list_id
        title, words = self._chance.choice(HEADLINES[who.language])
        leave = f"https://{list_id}/leave"
        fields = self.head(who, ME, at, title, self.message_id(who.domain))
        fields += [
            ("List-Id", f"{mime.encoded(who.name)} <{list_id}>"),
            ("List-Unsubscribe", f"<{leave}>, <mailto:leave@{list_id}>"),
            ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
            ("Precedence", sent_by.precedence),
        ]
        more = self._chance.sample(REPLIES[who.language], 6)
        plain = f"{title}\n\n{words}\n\n" + "\n".join(more)
        plain += f"\n\n{LEAVE_LIST[who.language]}: {leave}\n"
        return mime.message(fields, self._with_html(plain, who.charset))

    def notice(self, machine: Machine, at: datetime) -> bytes:
        """Write what a program says by itself (RFC 3834 §5)."""
        who = machine.sender
        fields = self.head(who, ME, at, machine.subject, self.message_id(who.domain))
        fields.append(("Auto-Submitted", "auto-generated"))
        return mime.message(fields, mime.text(machine.text + "\n"))

    def spam(self, at: datetime) -> bytes:
        """Write what nobody asked for."""
        name, subject, words = self._chance.choice(SPAM)
        number = self._chance.randint(10, 99)
        who = Contact(name, f"promo{number}@oferta{number}.example", "")
        subject = subject.format(n=number)
        fields = self.head(who, ME, at, subject, self.message_id(who.domain))
        return mime.message(fields, mime.text(words + "\n", subtype="html"))

    def head(
        self, sender: Contact, to: Contact, at: datetime, subject: str, message_id: str
    ) -> list[tuple[str, str]]:
        """Write the fields that every message has."""
        zone = timezone(timedelta(hours=sender.utc_offset))
        return [
            ("Date", format_datetime(at.astimezone(zone))),
            ("From", mime.mailbox(sender, sender.charset)),
            ("To", mime.mailbox(to, sender.charset)),
            ("Subject", mime.encoded(subject, sender.charset)),
            ("Message-ID", message_id),
        ]

    def message_id(self, domain: str) -> str:
        """Make up the next message id."""
        self._count += 1
        mark = self._chance.getrandbits(40)
        return f"<{self._series}{self._count:05d}.{mark:010x}@{domain}>"

    def boundary(self) -> str:
        """Make up a line that stands between parts."""
        return f"=_{self._series}{self._count:05d}_{self._chance.getrandbits(32):08x}"

    def _copied_to(self, sender: Contact, to: Contact) -> str:
        others = [c for c in COLLEAGUES if c not in {sender, to}]
        return mime.mailbox(self._chance.choice(others), sender.charset)

    def _body(
        self, sender: Contact, to: Contact, words: str, answered: Letter | None
    ) -> Part:
        language = to.language if sender.domain == HOME else sender.language
        with_file = self._chance.random() < FILE_SHARE
        if with_file:
            words = f"{words} {ATTACHED[language]}"
        plain = self._text(sender, to, words, language)
        if answered and self._chance.random() < QUOTE_SHARE:
            quoted = QUOTED[language].format(name=answered.sender.name)
            plain += f"\n{quoted}\n> {answered.first_words}\n"
        body = mime.text(plain, sender.charset)
        if self._chance.random() < HTML_SHARE:
            body = self._with_html(plain, sender.charset)
        if with_file:
            parts = (body, file(self._chance, language))
            body = mime.multipart("mixed", parts, self.boundary())
        return body

    def _text(self, sender: Contact, to: Contact, words: str, language: str) -> str:
        opening = self._chance.choice(OPENINGS[language])
        closing = self._chance.choice(CLOSINGS[language])
        more = self._chance.sample(REPLIES[language], self._chance.randint(0, 2))
        name = to.name.split(maxsplit=1)[0]
        text = " ".join((words, *more))
        return f"{opening}, {name},\n\n{text}\n\n{closing},\n{sender.name}\n"

    def _with_html(self, plain: str, charset: str) -> Part:
        rows = "<br>\n".join(escape(line) for line in plain.split("\n"))
        html = f"<html><body><p>{rows}</p></body></html>\n"
        parts = (mime.text(plain, charset), mime.text(html, charset, "html"))
        return mime.multipart("alternative", parts, self.boundary())
