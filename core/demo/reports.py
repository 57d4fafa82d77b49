"""Write what machines answer to a letter: away, undelivered, displayed. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from core.demo import mime
from core.demo.cast import HOME, ME, Contact
from core.demo.letters import Desk, Letter
from core.demo.mime import Part
from core.demo.texts import AWAY

POSTMASTER = Contact("Mail Delivery System", f"mailer-daemon@{HOME}", "")
MX = f"mx.{HOME}"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a message did not arrive: RFC 3464 §2.3.4, and the words of the server."""

    status: str
    words: str

    @property
    def permanent(self) -> bool:
        """Tell whether trying again is of no use (5.x.x)."""
        return self.status.startswith("5")


FAILURES = (
    Failure("5.1.1", "550 5.1.1 User unknown"),
    Failure("4.2.2", "452 4.2.2 Mailbox full, try again later"),
    Failure("5.7.1", "550 5.7.1 Message refused by policy"),
    Failure("5.1.2", "550 5.1.2 Host unknown"),
    Failure("4.4.1", "451 4.4.1 No answer from host"),
    Failure("5.2.1", "550 5.2.1 Mailbox disabled"),
)


def away(desk: Desk, letter: Letter, at: datetime) -> bytes:
    """Answer that somebody is out of the office (RFC 3834 §3)."""
    prefix, words = AWAY[letter.to.language]
    who, subject = letter.to, prefix + letter.subject
    fields = desk.head(who, letter.sender, at, subject, desk.message_id(who.domain))
    fields += [
        ("In-Reply-To", letter.message_id),
        ("References", letter.message_id),
        ("Auto-Submitted", "auto-replied"),
        ("Precedence", "auto_reply"),
    ]
    return mime.message(fields, mime.text(words + "\n", who.charset))


def bounce(
    desk: Desk, letter: Letter, failure: Failure, at: datetime, envelope_id: str = ""
) -> bytes:
    """Report that a letter was not delivered, or not yet (RFC 3464)."""
    said = "could not be delivered" if failure.permanent else "is delayed"
    words = f"Your message to <{letter.to.address}> {said}.\n\n{failure.words}\n"
    about_recipient: mime.Fields = (
        ("Final-Recipient", f"rfc822; {letter.to.address}"),
        ("Action", "failed" if failure.permanent else "delayed"),
        ("Status", failure.status),
        ("Remote-MTA", f"dns; mx.{letter.to.domain}"),
        ("Diagnostic-Code", f"smtp; {failure.words}"),
    )
    subject = (
        "Undelivered Mail Returned to Sender"
        if failure.permanent
        else "Delayed Mail (still being retried)"
    )
    return _delivery(desk, letter, at, subject, words, about_recipient, envelope_id)


def delivered(desk: Desk, letter: Letter, at: datetime, envelope_id: str = "") -> bytes:
    """Report that a letter was delivered, to who asked for that (RFC 3461 §4.1)."""
    words = f"Your message to <{letter.to.address}> was delivered.\n"
    about_recipient: mime.Fields = (
        ("Final-Recipient", f"rfc822; {letter.to.address}"),
        ("Action", "delivered"),
        ("Status", "2.0.0"),
        ("Remote-MTA", f"dns; mx.{letter.to.domain}"),
    )
    subject = "Successful Mail Delivery Report"
    return _delivery(desk, letter, at, subject, words, about_recipient, envelope_id)


def displayed(desk: Desk, letter: Letter, at: datetime) -> bytes:
    """Report that the recipient let a letter be shown (RFC 8098)."""
    words = "This says only that the message was displayed, not that it was read.\n"
    block: mime.Fields = (
        ("Reporting-UA", f"mail.{letter.to.domain}; Demo Mail"),
        ("Original-Recipient", f"rfc822;{letter.to.address}"),
        ("Final-Recipient", f"rfc822;{letter.to.address}"),
        ("Original-Message-ID", letter.message_id),
        ("Disposition", "manual-action/MDN-sent-manually; displayed"),
    )
    kind, subject = "disposition-notification", f"Read: {letter.subject}"
    return _report(
        desk, letter.to, subject, at, kind, letter, words, mime.header(block)
    )


def _delivery(
    desk: Desk, letter: Letter, at: datetime, subject: str, words: str,
    about_recipient: mime.Fields, envelope_id: str,
) -> bytes:  # fmt: skip
    about_message = [
        *([("Original-Envelope-Id", envelope_id)] if envelope_id else []),
        ("Reporting-MTA", f"dns; {MX}"),
        ("Arrival-Date", format_datetime(letter.at)),
    ]
    blocks = mime.header(about_message) + b"\r\n" + mime.header(about_recipient)
    kind = "delivery-status"
    return _report(desk, POSTMASTER, subject, at, kind, letter, words, blocks)


def _report(
    desk: Desk, who: Contact, subject: str, at: datetime, kind: str,
    letter: Letter, words: str, block: bytes,
) -> bytes:  # fmt: skip
    """Write a multipart/report (RFC 6522) that returns the letter's header."""
    fields = desk.head(who, ME, at, subject, desk.message_id(who.domain))
    if kind == "delivery-status":
        fields.append(("Auto-Submitted", "auto-replied"))
    parts = (
        mime.text(words),
        mime.described(f"message/{kind}", block + b"\r\n"),
        _returned(letter),
    )
    report = f"report; report-type={kind}"
    return mime.message(fields, mime.multipart(report, parts, desk.boundary()))


def _returned(letter: Letter) -> Part:
    header = letter.raw.partition(b"\r\n\r\n")[0] + b"\r\n"
    return mime.described("text/rfc822-headers", header)
