"""A mailbox that sends through a real server, and the job that sends it by a clock."""

from __future__ import annotations

from dataclasses import dataclass

from core.jobs.outbox import Outbox
from core.outgoing import Stage
from core.runtime import holder
from core.store import outbox as kept
from core.store.engine import reading
from tests.servers.dovecot import Account
from tests.servers.installation import Installation
from tests.servers.smtp import Submission
from tests.store.outgoing import Sender

BOTH = ["sqlite", "postgresql"]  # for the fixture database_url


@dataclass
class Posting:
    """Ana's mailbox, her server, and the job of a worker."""

    installation: Installation
    account: Account
    submission: Submission
    ana: Sender
    job: Outbox

    @classmethod
    def of(
        cls, installation: Installation, account: Account, submission: Submission
    ) -> Posting:
        ana = Sender.of(installation.runtime, installation.connect(account))
        submission.forget()
        access = ana.runtime.access()
        job = Outbox(ana.runtime, holder(), access, jitter=lambda: 0.0)
        return cls(installation, account, submission, ana, job)

    def another_worker(self, name: str) -> Outbox:
        return Outbox(self.ana.runtime, name, self.ana.runtime.access())

    def tick(self, times: int = 1) -> None:
        """Let the worker do what is due, and end it."""
        for _ in range(times):
            self.job.tick()
            self.job.rest()

    def after(self, times: int = 1, **span: float) -> None:
        """Let time pass, then work."""
        self.ana.clock.move(**span)
        self.tick(times)

    def received(self) -> list[str]:
        """Give the Message-IDs that the server has taken, in order."""
        return [str(sent.message["Message-ID"]) for sent in self.submission.received]

    def arrived(self, mail_id: int) -> int:
        """Give how often the server has taken a mail."""
        return self.received().count(self.ana.mail(mail_id).message_id)

    def stages(self) -> dict[Stage, int]:
        with reading(self.ana.runtime.engine) as conn:
            return kept.counts(conn)
