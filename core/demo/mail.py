"""Twelve months of made-up mail, the same each time for the same day and seed. Pure."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email.message import EmailMessage, Message
from email.policy import SMTP
from email.utils import format_datetime, formataddr

from core.demo.cast import (
    ADDRESS,
    AWAY,
    COLLEAGUES,
    CONTACTS,
    HEADLINES,
    NEWSLETTERS,
    OPENINGS,
    OWNER,
    SENTENCES,
    SUBJECTS,
    SYSTEM,
    Contact,
)
from core.demo.reports import bounce

DAYS = 365
SEED = 20_26
INBOX, SENT, DRAFTS = "INBOX", "Enviados", "Rascunhos"
TRASH, JUNK, ARCHIVE = "Lixeira", "Spam", "Arquivo"
DEALS = "Clientes/Negociação"
FOLDERS = (INBOX, SENT, DRAFTS, TRASH, JUNK, ARCHIVE, DEALS)
SEEN, ANSWERED, FLAGGED, DRAFT = "\\Seen", "\\Answered", "\\Flagged", "\\Draft"
ME = Contact(OWNER, ADDRESS, "Malote Demo", "pt")
UNREAD_DAYS = 6


@dataclass(frozen=True, slots=True)
class DemoMail:
    """A message in a folder: its flags, the server's date (aware) and its bytes."""

    folder: str
    flags: frozenset[str]
    received_at: datetime
    raw: bytes


def arrival(number: int, at: datetime) -> DemoMail:
    """Give the next message that arrives while the demo runs."""
    year = _Year(at.date(), SEED + number)
    year.number = 90_000 + number
    contact = year.chance.choice(CONTACTS)
    subject = year.chance.choice(SUBJECTS[contact.language])
    letter = year._letter(_Thread(contact, subject, []), at, mine=False)  # noqa: SLF001 - ours
    return DemoMail(INBOX, frozenset(), at.replace(microsecond=0), letter.as_bytes())


def mailbox(today: date, seed: int = SEED) -> list[DemoMail]:
    """Give about 2,000 messages of the twelve months before `today`, oldest first."""
    found = list(_Year(today, seed).mails())
    return sorted(found, key=lambda m: (m.received_at, m.folder))


@dataclass(slots=True)
class _Thread:
    contact: Contact
    subject: str
    references: list[str]


class _Year:
    """One year of one person's mail."""

    def __init__(self, today: date, seed: int) -> None:
        self.chance = random.Random(f"{seed} {today}")  # noqa: S311 - made-up mail
        self.first = today - timedelta(days=DAYS)
        self.end = datetime.combine(today, time(), UTC)
        self.number = 0

    def mails(self) -> Iterator[DemoMail]:
        """Give everything, in no order."""
        for offset in range(DAYS):
            day = self.first + timedelta(days=offset)
            growth = 0.75 + 0.5 * offset / DAYS
            weekday = day.weekday() < 5  # noqa: PLR2004 - Monday to Friday
            holidays = day.month == 1 and day.day < 12  # noqa: PLR2004 - a quiet start
            busy = growth * (1.0 if weekday else 0.12) * (0.4 if holidays else 1.0)
            yield from self._day(day, busy)
        yield from self._drafts()

    def _day(self, day: date, busy: float) -> Iterator[DemoMail]:
        for _ in range(self._count(2.3 * busy)):
            yield from self._conversation(self._moment(day))
        for _ in range(self._count(0.8 * busy)):
            yield from self._newsletter(self._moment(day, early=True))
        for _ in range(self._count(0.42 * busy)):
            yield self._system(self._moment(day, early=True))
        for _ in range(self._count(0.3)):
            yield self._spam(self._moment(day))

    def _count(self, mean: float) -> int:
        whole = int(mean)
        return (
            whole
            + (self.chance.random() < mean - whole)
            + (self.chance.random() < 0.1 * mean)
        )

    def _moment(self, day: date, *, early: bool = False) -> datetime:
        hour = (
            self.chance.triangular(5, 12, 8)
            if early
            else self.chance.triangular(8, 19, 10.5)
        )
        return datetime.combine(day, time(), UTC) + timedelta(hours=hour + 3)

    def _conversation(self, at: datetime) -> Iterator[DemoMail]:
        contact = self.chance.choice(CONTACTS)
        thread = _Thread(contact, self.chance.choice(SUBJECTS[contact.language]), [])
        mine = self.chance.random() < 0.45  # noqa: PLR2004 - who begins
        turns = self.chance.choices((1, 2, 3, 4, 6), (34, 30, 18, 12, 6))[0]
        for turn in range(turns):
            if at >= self.end:
                return
            last = turn == turns - 1
            yield from self._turn(thread, at, mine=mine, last=last)
            at += self._wait()
            mine = not mine

    def _wait(self) -> timedelta:
        minutes = self.chance.choices((15, 90, 300, 1440, 4320), (20, 30, 22, 20, 8))[0]
        return timedelta(minutes=minutes * self.chance.uniform(0.4, 1.8))

    def _turn(
        self, thread: _Thread, at: datetime, *, mine: bool, last: bool
    ) -> Iterator[DemoMail]:
        message = self._letter(thread, at, mine=mine)
        message_id = str(message["Message-ID"])
        first = not thread.references
        thread.references.append(message_id)
        if mine:
            yield self._put(SENT, message, at, SEEN)
            if first and self.chance.random() < 0.035:  # noqa: PLR2004 - one in thirty
                yield self._bounce(message, thread.contact, at)
            elif self.chance.random() < 0.03:  # noqa: PLR2004 - somebody is away
                yield self._away(message, thread, at)
            return
        flags = {SEEN, *((ANSWERED,) if not last else ())}
        if self.chance.random() < 0.05:  # noqa: PLR2004 - some are flagged
            flags.add(FLAGGED)
        folder = self.chance.choices((INBOX, ARCHIVE, DEALS, TRASH), (76, 12, 8, 4))[0]
        kept = self._put(folder, message, at, *flags)
        yield kept
        if folder == INBOX and self.chance.random() < 0.02:  # noqa: PLR2004 - a copy
            yield replace(kept, folder=DEALS)

    def _letter(self, thread: _Thread, at: datetime, *, mine: bool) -> EmailMessage:
        sender, to = (ME, thread.contact) if mine else (thread.contact, ME)
        message = self._headed(sender, to, at, thread.subject)
        if thread.references:
            message.replace_header("Subject", f"Re: {thread.subject}")
            message["In-Reply-To"] = thread.references[-1]
            message["References"] = " ".join(thread.references)
        if self.chance.random() < 0.12:  # noqa: PLR2004 - a colleague reads along
            name = self.chance.choice(COLLEAGUES)
            local = name.split()[0].lower().replace("á", "a").replace("ú", "u")
            message["Cc"] = formataddr((name, f"{local}@demo.malote.example"))
        text = self._text(thread.contact.language, to.name, sender.name)
        message.set_content(text)
        if self.chance.random() < 0.35:  # noqa: PLR2004 - many programs add HTML
            message.add_alternative(
                f"<p>{text.replace(chr(10), '<br>')}</p>", subtype="html"
            )
        if self.chance.random() < 0.14:  # noqa: PLR2004 - some carry a file
            self._attach(message)
        return message

    def _headed(
        self, sender: Contact, to: Contact, at: datetime, subject: str
    ) -> EmailMessage:
        self.number += 1
        message = EmailMessage(policy=SMTP)
        message["Date"] = format_datetime(at.replace(microsecond=0))
        message["From"] = formataddr((sender.name, sender.address))
        message["To"] = formataddr((to.name, to.address))
        message["Subject"] = subject
        domain = sender.address.partition("@")[2]
        message["Message-ID"] = (
            f"<{self.number:05d}.{self.chance.getrandbits(48):x}@{domain}>"
        )
        return message

    def _text(self, language: str, to: str, sender: str) -> str:
        opening = self.chance.choice(OPENINGS[language])
        body = self.chance.sample(SENTENCES[language], self.chance.randint(1, 4))
        first = to.split(maxsplit=1)[0]
        return f"{opening}, {first}.\n\n" + " ".join(body) + f"\n\n{sender}\n"

    def _attach(self, message: EmailMessage) -> None:
        rows = "item;valor\n" + "".join(
            f"{n};{self.chance.randint(100, 9000)}\n"
            for n in range(self.chance.randint(5, 400))
        )
        if self.chance.random() < 0.5:  # noqa: PLR2004 - one or the other
            message.add_attachment(
                rows.encode(), "text", "csv", filename="orçamento.csv"
            )
        else:
            content = b"%PDF-1.4\n" + rows.encode() * 12
            message.add_attachment(
                content, "application", "pdf", filename="proposta.pdf"
            )

    def _newsletter(self, at: datetime) -> Iterator[DemoMail]:
        name, address, list_id, language = self.chance.choice(NEWSLETTERS)
        sender = Contact(name, address, name, language)
        message = self._headed(sender, ME, at, self.chance.choice(HEADLINES[language]))
        message["List-Id"] = f"{name} <{list_id}>"
        message["List-Unsubscribe"] = f"<https://{list_id}/sair>"
        message["Precedence"] = "bulk"
        message.set_content(" ".join(SENTENCES[language]))
        folder = self.chance.choices((INBOX, TRASH), (85, 15))[0]
        yield self._put(folder, message, at, SEEN)

    def _system(self, at: datetime) -> DemoMail:
        name, address, subject = self.chance.choice(SYSTEM)
        message = self._headed(Contact(name, address, name, "pt"), ME, at, subject)
        message["Auto-Submitted"] = "auto-generated"
        message.set_content("Mensagem automática. Não é preciso responder.")
        return self._put(INBOX, message, at, SEEN)

    def _spam(self, at: datetime) -> DemoMail:
        number = self.chance.randint(10, 99)
        sender = Contact("Prêmio", f"ganhe{number}@oferta{number}.example", "", "pt")
        message = self._headed(sender, ME, at, f"Você foi sorteada {number} vezes")
        message.set_content("Clique já.")
        return self._put(JUNK, message, at)

    def _away(self, sent: EmailMessage, thread: _Thread, at: datetime) -> DemoMail:
        prefix, text = AWAY[thread.contact.language]
        message = self._headed(thread.contact, ME, at, prefix + str(sent["Subject"]))
        message["Auto-Submitted"] = "auto-replied"
        message["In-Reply-To"] = str(sent["Message-ID"])
        message.set_content(text)
        return self._put(INBOX, message, at + timedelta(minutes=1), SEEN)

    def _bounce(self, sent: EmailMessage, contact: Contact, at: datetime) -> DemoMail:
        permanent = self.chance.random() < 0.7  # noqa: PLR2004 - most are final
        self.number += 1
        at += timedelta(minutes=2)
        report = bounce(sent, contact.address, self.number, at, permanent=permanent)
        self._set_boundaries(report)
        raw = report.as_bytes(policy=report.policy.clone(linesep="\r\n"))
        return DemoMail(INBOX, frozenset({SEEN}), at, raw)

    def _drafts(self) -> Iterator[DemoMail]:
        for contact in self.chance.sample(CONTACTS, 4):
            at = self.end - timedelta(days=self.chance.randint(1, 20), hours=5)
            message = self._headed(ME, contact, at, SUBJECTS[contact.language][0])
            message.set_content(self._text(contact.language, contact.name, OWNER))
            yield self._put(DRAFTS, message, at, SEEN, DRAFT)

    def _put(
        self, folder: str, message: EmailMessage, at: datetime, *flags: str
    ) -> DemoMail:
        at = at.replace(microsecond=0)
        kept = set(flags)
        recent = self.end - at < timedelta(days=UNREAD_DAYS)
        if folder == INBOX and recent and self.chance.random() < 0.6:  # noqa: PLR2004 - unread
            kept -= {SEEN, ANSWERED}
        self._set_boundaries(message)
        return DemoMail(folder, frozenset(kept), at, message.as_bytes())

    def _set_boundaries(self, message: Message) -> None:
        """Choose the boundaries ourselves: the library's are another each time."""
        for place, part in enumerate(message.walk()):
            if part.is_multipart() and part.get_content_maintype() == "multipart":
                part.set_boundary(f"=_demo_{self.number}_{place}")
