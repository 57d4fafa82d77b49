"""Tell what a message that arrived means for mail that was sent. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from core.letters import UNSUBSCRIBE
from core.model import Kind
from core.outgoing import Evidence, Mail, Source, Step
from core.reports import Report
from core.store.arrived import Arrived
from core.text import harmless

ID = re.compile(r"<[^<>\s]{1,998}>")
NAMED_MOST = 100  # Message-IDs of one message: the last ones
MACHINE = re.compile(r"(?:mailer-daemon|mail-?daemon|postmaster)@")
STATUS_CHARS, DIAGNOSTIC_CHARS = 16, 500


class Means(StrEnum):
    """What a message may mean for mail that was sent."""

    NOTHING = "nothing"
    COPY = "copy"  # it is the copy in Sent
    REPORT = "report"  # it may be one: its text tells
    ANSWER = "answer"
    UNSUBSCRIBE = "unsubscribe"  # if bulk mail was sent there


def named_by(one: Arrived) -> list[str]:
    """List the Message-IDs that a message answers (RFC 5322 §3.6.4)."""
    return list(dict.fromkeys(ID.findall(f"{one.refs} {one.in_reply_to}")))[
        -NAMED_MOST:
    ]


def named_in(report: Report) -> list[str]:
    """List the Message-IDs by which a report may name its mail, the surest first.

    The envelope id that we give a server is the Message-ID without its brackets.
    """
    by_envelope = f"<{report.envelope_id.strip('<>')}>" if report.envelope_id else ""
    return [one for one in (report.original_message_id, by_envelope) if one]


def own_id(one: Arrived) -> str:
    """Give the Message-ID of a message, as it is written in others."""
    found = ID.search(one.message_id)
    return found[0] if found else one.message_id.strip()


def meaning(one: Arrived, own: frozenset[str], *, names: bool, is_copy: bool) -> Means:
    """Tell what a message means; `names`: it answers a mail that was sent from here.

    What was sent from here is an answer to nobody, whichever device has sent it. An
    automatic answer may be a report of another form.
    """
    address = one.from_address.lower()
    if one.direction == "sent" or address in own:
        return Means.COPY if is_copy else Means.NOTHING
    if one.kind in {Kind.BOUNCE, Kind.RECEIPT} or MACHINE.match(address):
        return Means.REPORT
    if one.subject.strip().lower() == UNSUBSCRIBE:  # whatever program has written it
        return Means.UNSUBSCRIBE
    if not names:
        return Means.NOTHING
    return Means.REPORT if one.kind == Kind.AUTOMATIC else Means.ANSWER


def steps(report: Report, mail: Mail, told_by: Arrived) -> Iterator[Evidence]:
    """Give what a report tells of a mail; what no person did displays nothing."""
    for one in report.outcomes:
        if one.step is Step.DISPLAYED and one.automatic:
            continue
        address = recipient(mail, one.recipient)
        words = one.diagnostic
        if not address and one.recipient:  # forwarded, or an alias: it is told in words
            words = f"{one.recipient}: {words}"
        yield Evidence(
            one.step,
            report.kind,
            told_by.received_at,
            address,
            harmless(one.status)[:STATUS_CHARS],
            harmless(words)[:DIAGNOSTIC_CHARS],
            told_by.id,
        )


def recipient(mail: Mail, address: str) -> str:
    """Give the recipient that is meant, as the mail has it; empty: none that is known.

    Where there is but one, a report is about that one, whatever address it names.
    """
    for one in mail.recipients:
        if one.address.lower() == address.lower():
            return one.address
    only = {one.address for one in mail.recipients}
    return only.pop() if len(only) == 1 else ""


def answer(step: Step, mail: Mail, told_by: Arrived) -> Evidence:
    """Give an answer as a step: a recipient's, or of whoever it was passed on to."""
    known = {one.address.lower(): one.address for one in mail.recipients}
    who = known.get(told_by.from_address.lower(), "")
    return Evidence(step, Source.REPLY, told_by.received_at, who, message_id=told_by.id)
