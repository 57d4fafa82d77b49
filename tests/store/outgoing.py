"""Mail that people send, for tests: an integration, an activity, a draft."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select

from core import activities, outbox
from core.errors import BadInput
from core.outbox import Draft, conclude
from core.outbox.outcome import Try, result
from core.outgoing import Mail, Recipient, Stage, Verdict
from core.runtime import Runtime
from core.store import outbox as kept
from core.store.engine import reading, writing
from core.store.schema import activity, audit
from tests.store.building import connected

ACTOR = "test"
HOLDER = "host:1:1.00"


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def move(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)


@dataclass
class Sender:
    """A mailbox and what its owner sends; its clock stands."""

    runtime: Runtime
    one: int
    clock: Clock

    @classmethod
    def of(cls, runtime: Runtime, one: int = 0) -> Sender:
        start = runtime.clock().replace(microsecond=0)
        clock = Clock(start + timedelta(seconds=1))  # after what is connected by now
        stands = replace(runtime, clock=clock)
        return cls(stands, one or connected(stands), clock)

    def draft(self, **changes: Any) -> Draft:
        usual = Draft(
            self.one, to="Rui <rui@example.net>", subject="Reunião", text="Olá"
        )
        return replace(usual, **changes)

    def send(self, **changes: Any) -> int:
        return outbox.send(self.runtime, self.draft(**changes), ACTOR)

    def problems(self, **changes: Any) -> list[str]:
        """Give what stands in the way: field and problem, or the code."""
        found = outbox.check(self.runtime, self.draft(**changes))
        return [
            f"{one.field} {one.problem}" if isinstance(one, BadInput) else one.code
            for one in found
        ]

    def mail(self, mail_id: int) -> Mail:
        return outbox.one(self.runtime, mail_id)

    def stage(self, mail_id: int) -> Stage:
        return self.mail(mail_id).stage

    def content(self, mail_id: int) -> bytes:
        with reading(self.runtime.engine) as conn:
            return kept.content(conn, mail_id)

    def follow_up_of(self, mail_id: int) -> Mail:
        with reading(self.runtime.engine) as conn:
            (found,) = kept.following(conn, mail_id)
        return found

    def activity(self, owner: str = "Ana", **changes: Any) -> int:
        """Plan an activity towards Rui."""
        usual = activities.Draft(
            model="email",
            subject="Proposta",
            contact="Rui Melo",
            contact_address="rui@example.net",
            company="Melo & Filhos",
            owner=owner,
            due_on=date(2026, 3, 9),
        )
        assert activities.create(self.runtime, replace(usual, **changes), ACTOR)
        with reading(self.runtime.engine) as conn:
            ids = conn.scalars(select(activity.c.id).order_by(activity.c.id.desc()))
            return int(ids.first() or 0)

    def done_at(self, activity_id: int) -> datetime | None:
        with reading(self.runtime.engine) as conn:
            c = activity.c
            at: datetime | None = conn.scalar(
                select(c.done_at).where(c.id == activity_id)
            )
            return at

    def acts(self) -> list[str]:
        """Give the acts in the audit log, oldest first."""
        with reading(self.runtime.engine) as conn:
            return list(conn.scalars(select(audit.c.act).order_by(audit.c.id)))

    def take(self, mail_id: int, *, at_brink: bool = False) -> Mail:
        """Take a mail as a worker does."""
        with writing(self.runtime.engine) as conn:
            assert kept.take(conn, mail_id, HOLDER, self.clock())
            assert not at_brink or kept.brink(conn, mail_id, HOLDER)
        return self.mail(mail_id)

    def end(self, mail_id: int, tried: Try) -> Mail:
        """End a try as a worker does."""
        mail = self.take(mail_id)
        with writing(self.runtime.engine) as conn:
            follows = result(mail, tried, self.clock(), lambda: 0.0)
            assert conclude.conclude(conn, mail, follows, self.clock())
        return self.mail(mail_id)

    def accept(self, mail_id: int) -> Mail:
        """Let the server accept a mail for all its recipients."""
        told = tuple(
            Recipient(address, verdict=Verdict.ACCEPTED, code=250, said="2.1.5 OK")
            for address in self.mail(mail_id).envelope
        )
        return self.end(mail_id, Try("smtp.example.org", told, "2.0.0 queued as 1"))

    def lose(self, mail_id: int) -> Mail:
        """Let the worker die when the final dot may be on its way."""
        self.take(mail_id, at_brink=True)
        with writing(self.runtime.engine) as conn:
            kept.recover(conn, mail_id, HOLDER, self.clock())
        return self.mail(mail_id)
