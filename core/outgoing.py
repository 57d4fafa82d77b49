"""Mail on its way out: its stages, its recipients, and what became of it. Pure.

The words of the outbox are those of DESIGN ("Outbox"); the delivery ladder is that of
METRICS: each step is evidence, with where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag, StrEnum

from core.model import Problem


class Stage(StrEnum):
    """How far a mail is on its way out."""

    QUEUED = "queued"  # it waits for its time, its turn, or its next try
    SENDING = "sending"
    SENT = "sent"  # the server has accepted it, for at least one recipient
    FAILED = "failed"  # it is not sent, and is not tried again by itself
    UNCERTAIN = "uncertain"  # it may have been accepted: never sent again by itself
    CANCELLED = "cancelled"  # before it was sent: by a person, or by an answer


WAITING = (Stage.QUEUED, Stage.SENDING, Stage.UNCERTAIN)


class Field(StrEnum):
    """In which header field a recipient is named; Bcc is not written anywhere."""

    TO = "to"
    CC = "cc"
    BCC = "bcc"


class Verdict(StrEnum):
    """What the server said of a recipient (RFC 5321 §4.2.1)."""

    WAITING = "waiting"  # it was not asked yet
    ACCEPTED = "accepted"
    DEFERRED = "deferred"  # 4xx: it is tried again
    REFUSED = "refused"  # 5xx


class CopyStage(StrEnum):
    """How far the copy in the Sent folder is."""

    NONE = "none"  # the mail is not sent, or is never to have one
    WANTED = "wanted"
    BEGUN = "begun"  # APPEND was begun: it is looked for before anything is stored
    STORED = "stored"  # by us
    FOUND = "found"  # the provider, or another program, has stored one
    FAILED = "failed"


class Step(StrEnum):
    """A step of the delivery ladder."""

    ACCEPTED = "accepted"  # by the submission server
    IN_SENT = "in_sent"
    RELAYED = "relayed"  # on to a server that sends no reports (RFC 3464 §2.3.3)
    DELAYED = "delayed"
    FAILED = "failed"
    DELIVERED = "delivered"
    DISPLAYED = "displayed"  # the recipient chose to say so (RFC 8098)
    AUTO_ANSWERED = "auto_answered"  # which is no answer
    ANSWERED = "answered"


class Source(StrEnum):
    """Where evidence comes from."""

    SMTP = "smtp"
    SENT_FOLDER = "sent_folder"
    DSN = "dsn"
    MDN = "mdn"
    REPLY = "reply"
    PERSON = "person"


class Seen(IntFlag):
    """What was seen of a mail, for any of its recipients, as it is counted."""

    ACCEPTED = 1  # the sending server itself said so
    PERMANENT = 2  # it is reported not to arrive (RFC 3463 §2: class 5)
    TEMPORARY = 4  # it is reported to be late, or to be given up for a passing cause
    DISPLAYED = 8
    ANSWERED = 16  # by a person


@dataclass(frozen=True, slots=True)
class Picked:
    """Which mails to list: made from a template (0: from none), and of what was seen.

    None: whichever. `seen`: one of them.
    """

    template: int | None = None
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who a mail is for, and what the server said of them. `said` is harmless text."""

    address: str
    name: str = ""
    field: Field = Field.TO
    verdict: Verdict = Verdict.WAITING
    code: int = 0
    said: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """One step that was seen. `recipient` is empty where it is about the mail.

    `status`: of RFC 3463, as "5.1.1", or empty. `diagnostic`: the words of the server,
    harmless. `message_id`: the row of the message that tells it, if one does.
    """

    step: Step
    source: Source
    at: datetime
    recipient: str = ""
    status: str = ""
    diagnostic: str = ""
    message_id: int | None = None

    @property
    def seen(self) -> Seen:
        """Give as what it is counted; nothing: it is not.

        A report without a status is permanent where it says that the mail failed.
        """
        match self.step, self.source:
            case Step.ACCEPTED, Source.SMTP:
                return Seen.ACCEPTED
            case ((Step.FAILED | Step.DELAYED), Source.DSN):
                known = {"5": Seen.PERMANENT, "4": Seen.TEMPORARY}
                failed = self.step is Step.FAILED
                otherwise = Seen.PERMANENT if failed else Seen.TEMPORARY
                return known.get(self.status[:1], otherwise)
            case Step.DISPLAYED, _:
                return Seen.DISPLAYED
            case Step.ANSWERED, _:
                return Seen.ANSWERED
        return Seen(0)


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail of the outbox, without its content.

    `message_id`: the Message-ID, with its angle brackets, made before the first try.
    `not_before`: when a person wants it sent, or when it was first tried if that was
    much later: its tries end a day after it. `next_at`: when it is tried.
    `at_brink`: its final dot may have reached the server (RFC 5321 §4.1.1.4).
    `ended_why`: of a cancelled one, "by_hand" or "answered", and of a follow-up
    "first_failed" or "first_cancelled"; of a sent one that was uncertain, "found" or
    "by_hand".
    """

    id: int
    integration_id: int
    activity_id: int | None
    follows_id: int | None
    actor: str
    message_id: str
    sender: str
    sender_address: str
    subject: str
    size_bytes: int
    smtputf8: bool
    bulk: bool
    stage: Stage
    made_at: datetime
    not_before: datetime
    next_at: datetime
    tries: int = 0
    at_brink: bool = False
    tried_at: datetime | None = None
    sent_at: datetime | None = None
    said: str = ""
    problem: Problem | None = None
    ended_why: str = ""
    copy: CopyStage = CopyStage.NONE
    copy_tries: int = 0
    copy_next_at: datetime | None = None
    answered_at: datetime | None = None
    recipients: tuple[Recipient, ...] = ()

    @property
    def envelope(self) -> tuple[str, ...]:
        """Give the addresses that a try is for: those without a final verdict."""
        final = {Verdict.ACCEPTED, Verdict.REFUSED}
        some = [r.address for r in self.recipients if r.verdict not in final]
        return tuple(dict.fromkeys(some))
