"""What a person has written and wants sent, not yet checked. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.letters.letter import Attachment


@dataclass(frozen=True, slots=True)
class FollowUp:
    """A second mail, so many days after the first, if that is not answered by then."""

    days: int
    text: str


@dataclass(frozen=True, slots=True)
class Draft:
    """A mail as it was written. `text` is Markdown; it and `subject` have variables.

    `sender`: one of the mailbox's own addresses, empty for the first. `to`, `cc`, `bcc`
    are as typed. `at`: when to send it, aware; None: now. `answers`: the id of a stored
    message. `signed`: with the signature of the settings.
    """

    integration_id: int
    activity_id: int | None = None
    sender: str = ""
    to: str = ""
    cc: str = ""
    bcc: str = ""
    subject: str = ""
    text: str = ""
    attachments: tuple[Attachment, ...] = ()
    at: datetime | None = None
    answers: int | None = None
    follow_up: FollowUp | None = None
    bulk: bool = False
    template_id: int | None = None
    signed: bool = True
