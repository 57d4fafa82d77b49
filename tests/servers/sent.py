"""Mail that was sent from a mailbox, as the outbox leaves it, and time that passes.

sent = Sent.of(installation, one)
mail_id = sent.mail()                  # it was accepted; its copy is wanted
sent.sync()
assert sent.got(mail_id).copy is CopyStage.STORED
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from sqlalchemy import func, select

from core.clock import now
from core.model import Outcome
from core.outgoing import CopyStage, Evidence, Mail, Recipient, Stage, Step, Verdict
from core.planned import Draft
from core.runtime import Runtime
from core.store import activities, evidence, outbox
from core.store.engine import reading, writing
from core.store.schema import activity
from core.sync.syncer import Report
from tests.servers.installation import Installation

NUMBERS = itertools.count(1)
BOB = "bob@example.net"


@dataclass
class Sent:
    """A mailbox that sends; its clock may be put on."""

    installation: Installation
    one: int
    ahead: timedelta = field(default_factory=timedelta)

    @classmethod
    def of(cls, installation: Installation, one: int) -> Sent:
        """Take an installation, whose clock is this one's from now on."""
        made = cls(installation, one)
        installation.runtime = replace(
            installation.runtime, clock=lambda: now() + made.ahead
        )
        return made

    @property
    def runtime(self) -> Runtime:
        """Give the runtime of the installation."""
        return self.installation.runtime

    def pass_time(self, **much: float) -> None:
        """Put the clock on."""
        self.ahead += timedelta(**much)

    def sync(self) -> Report:
        """Sync once, whatever comes of it."""
        return self.installation.sync(self.one)

    def sync_well(self) -> None:
        """Sync once; it must go well."""
        report = self.sync()
        assert report.outcome is Outcome.OK, report.error

    def activity(self) -> int:
        """Make an activity."""
        subject, day = f"Write {next(NUMBERS)}", date(2026, 3, 1)
        with writing(self.runtime.engine) as conn:
            draft = Draft("email", subject, "Bob", BOB, "", "Ana", day)
            activities.add(conn, [draft], self.runtime.clock())
            return conn.scalar(select(func.max(activity.c.id))) or 0

    def mail(
        self,
        stage: Stage = Stage.SENT,
        to: Sequence[str] = (BOB,),
        *,
        activity_id: int | None = None,
        follows_id: int | None = None,
        body: str = "Text",
        **values: object,
    ) -> int:
        """Put a mail into the outbox at a stage; give its id."""
        at, number = self.runtime.clock(), next(NUMBERS)
        message_id = f"<{number}.{at.timestamp()}@example.org>"
        sender = self.installation.integration(self.one).address
        row = {
            "integration_id": self.one,
            "activity_id": activity_id,
            "follows_id": follows_id,
            "actor": "test",
            "message_id": message_id,
            "sender": sender,
            "sender_address": sender,
            "subject": f"Number {number}",
            "smtputf8": False,
            "bulk": False,
            "made_at": at,
            "not_before": at,
            "next_at": at,
        }
        accepted = Verdict.ACCEPTED if stage is Stage.SENT else Verdict.WAITING
        people = [Recipient(one, verdict=accepted) for one in to]
        changes = {**_values(stage, at), **values}
        content = raw(sender, to, message_id, f"Number {number}", body)
        with writing(self.runtime.engine) as conn:
            mail_id = outbox.add(conn, row, content, people)
            outbox.change(conn, mail_id, [Stage.QUEUED], stage=stage, **changes)
        return mail_id

    def got(self, mail_id: int) -> Mail:
        """Give a mail as it is now."""
        with reading(self.runtime.engine) as conn:
            return outbox.get(conn, mail_id)

    def content(self, mail_id: int) -> bytes:
        """Give what is kept of its content."""
        with reading(self.runtime.engine) as conn:
            return outbox.content(conn, mail_id)

    def evidence(self, mail_id: int) -> list[Evidence]:
        """Give what was seen of a mail."""
        with reading(self.runtime.engine) as conn:
            return evidence.of_mails(conn, [mail_id]).get(mail_id, [])

    def steps(self, mail_id: int) -> list[Step]:
        """Give the steps that were seen of a mail."""
        return [one.step for one in self.evidence(mail_id)]


def raw(
    sender: str, to: Sequence[str], message_id: str, subject: str, body: str = "Text"
) -> bytes:
    """Write a mail as it goes over the wire."""
    return (
        f"From: {sender}\r\nTo: {', '.join(to)}\r\nSubject: {subject}\r\n"
        f"Message-ID: {message_id}\r\nDate: Sun, 29 Nov 2026 10:00:00 +0000\r\n"
        f"\r\n{body}\r\n"
    ).encode()


def _values(stage: Stage, at: datetime) -> dict[str, object]:
    if stage is Stage.SENT:
        return {
            "sent_at": at,
            "tried_at": at,
            "copy": CopyStage.WANTED,
            "copy_next_at": at,
        }
    if stage is Stage.UNCERTAIN:
        return {"tried_at": at, "at_brink": True}
    return {}
