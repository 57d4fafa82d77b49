"""Sync one integration: every folder, one run, told as it happens.

The only place where IMAP and the store meet, with `folder` below it.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from core import log
from core.clock import Clock, now as this_moment
from core.errors import Ended, FolderRefused, MailError, Overtaken
from core.imap.mailbox import ImapMailbox, Mailbox
from core.imap.session import open_session
from core.model import Changes, Folder, Integration, Outcome, Problem, State, Trigger
from core.network import Policy
from core.store import credentials, folders, integrations, runs
from core.store.engine import reading, writing
from core.sync import state
from core.sync.folder import FolderSync, Ledger
from core.vault import Vault

PASSWORD = "password"
Opener = Callable[[Integration], AbstractContextManager[Mailbox]]


@dataclass(frozen=True, slots=True)
class Syncer:
    """What it takes to sync: a store, a way to open mailboxes, a name for leases.

    `stopping` is asked between folders and batches; True ends the run in good order.
    """

    engine: Engine
    opener: Opener
    holder: str
    every_s: int = 60
    clock: Clock = this_moment
    jitter: Callable[[], float] = random.random
    stopping: Callable[[], bool] = lambda: False


@dataclass(frozen=True, slots=True)
class FolderReport:
    """What one folder needed: its steps by name, or the code of its problem."""

    title: str
    steps: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did. `seconds` is the time it took."""

    integration_id: int
    outcome: Outcome
    changes: Changes
    seconds: float
    folders: list[FolderReport] = field(default_factory=list)
    error: MailError | None = None


class _Stopping(MailError):
    """The worker is being shut down."""

    code = "ended"


def opener(engine: Engine, policy: Policy, vault: Vault) -> Opener:
    """Give a way to open the mailbox of an integration over IMAP."""

    @contextmanager
    def open_mailbox(integration: Integration) -> Iterator[Mailbox]:
        with reading(engine) as conn:
            sealed = credentials.credential_of(conn, integration.id, PASSWORD)
        password = vault.open(sealed, integration.id, PASSWORD)
        opened = open_session(integration.imap, integration.login, password, policy)
        with opened as session:
            yield ImapMailbox(session)

    return open_mailbox


def sync(syncer: Syncer, integration_id: int, trigger: Trigger) -> Report:
    """Bring one integration up to date; failures are kept with it and reported.

    Raises:
        Overtaken, Ended: somebody else has it, or it is not to be synced: no run.

    """
    begun, clock = syncer.clock(), time.monotonic()
    with writing(syncer.engine) as conn:
        integrations.take(conn, integration_id, syncer.holder, begun)
        integrations.change(conn, integration_id, requested_at=None)
        run_id = runs.begin(conn, integration_id, trigger, begun)
        integration = integrations.get(conn, integration_id)
    run = _Run(syncer, integration, run_id, begun)
    try:
        with log.bound(integration=integration_id, run=run_id):
            error = run.attempt()
            report = run.report(error, time.monotonic() - clock)
            run.close(error)
            log.logger().info(
                "sync", outcome=str(report.outcome), seconds=round(report.seconds, 3)
            )
        return report
    finally:
        with writing(syncer.engine) as conn:
            integrations.release(conn, integration_id, syncer.holder)


@dataclass(slots=True)
class _Run:
    syncer: Syncer
    integration: Integration
    run_id: int
    begun: datetime
    ledger: Ledger = field(default_factory=Ledger)
    reports: list[FolderReport] = field(default_factory=list)
    expected: int = 0
    current: str = ""
    seen_at: datetime | None = None
    login_ok_at: datetime | None = None

    def attempt(self) -> MailError | None:
        """Sync every folder; give the error that ended the run, if one did."""
        try:
            with self.syncer.opener(self.integration) as mailbox:
                self.login_ok_at = self.syncer.clock()
                found = self._sweep(mailbox)
                for folder in found:
                    self._sync_folder(mailbox, folder)
        except MailError as error:
            return error
        return None

    def report(self, error: MailError | None, seconds: float) -> Report:
        """Say what the run did."""
        outcome = Outcome.OK if error is None else Outcome.FAILED
        if isinstance(error, (Ended, Overtaken, _Stopping)):
            outcome = Outcome.STOPPED
        changes = self.ledger.total()
        return Report(
            self.integration.id, outcome, changes, seconds, self.reports, error
        )

    def close(self, error: MailError | None) -> None:
        """Store how the run ended and how the integration stands after it."""
        report = self.report(error, 0)
        problem = None
        if error is not None and report.outcome is Outcome.FAILED:
            problem = Problem(error.code, error.facts)
        now = self.syncer.clock()
        with writing(self.syncer.engine) as conn:
            runs.finish(conn, self.run_id, report.outcome, report.changes, problem, now)
            if report.outcome is Outcome.OK:
                self._stand_well(conn, now)
            elif report.outcome is Outcome.FAILED and error is not None:
                self._stand_badly(conn, error, now)

    def _sweep(self, mailbox: Mailbox) -> list[Folder]:
        """LIST, and count what is to be fetched, so that progress has a whole."""
        listed = mailbox.folders()
        with self._transaction() as conn:
            folders.reconcile(conn, self.integration.id, listed, self.syncer.clock())
            found = folders.current(conn, self.integration.id)
        for folder in found:
            if folder.cursor is None or folder.cursor.low > 1:
                held = folder.cursor.held if folder.cursor else 0
                self.expected += max(0, self._stated(mailbox, folder) - held)
        return found

    def _stated(self, mailbox: Mailbox, folder: Folder) -> int:
        try:
            return mailbox.status(folder.name).messages
        except FolderRefused:
            return 0

    def _sync_folder(self, mailbox: Mailbox, folder: Folder) -> None:
        if self.syncer.stopping():
            raise _Stopping
        self.current = folder.title
        began = self.syncer.clock()
        own = frozenset(
            {self.integration.address.lower(), self.integration.login.lower()}
        )
        one = FolderSync(
            mailbox,
            self.syncer.engine,
            self.syncer.clock,
            self.ledger,
            own,
            self._guard,
        )
        try:
            steps = one.sync(folder)
        except FolderRefused as error:
            with self._transaction() as conn:
                folders.refused(conn, folder.id, error.code)
            self.reports.append(FolderReport(folder.title, (), error.code))
            return
        if folder.role == "inbox":
            self.seen_at = began
        names = tuple(type(step).__name__ for step in steps)
        self.reports.append(FolderReport(folder.title, names))

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with writing(self.syncer.engine) as conn:
            self._guard(conn)
            yield conn

    def _guard(self, conn: Connection) -> None:
        """Make sure that the integration is still ours; tell how far we are."""
        if self.syncer.stopping():
            raise _Stopping
        integrations.renew(
            conn, self.integration.id, self.syncer.holder, self.syncer.clock()
        )
        runs.progress(
            conn,
            self.run_id,
            done=self.ledger.fetched,
            total=max(self.expected, self.ledger.fetched),
            current=self.current,
            folders=len(self.reports),
        )

    def _stand_well(self, conn: Connection, now: datetime) -> None:
        before = integrations.standing(conn, self.integration.id)
        follows = state.after_success(now, self.syncer.every_s)
        integrations.change(
            conn,
            self.integration.id,
            state=str(follows.state),
            failures=0,
            next_at=follows.at,
            problem_code=None,
            problem_facts=None,
            problem_since=None,
            login_ok_at=self.login_ok_at,
            seen_at=self.seen_at,
        )
        if before.problem is not None:
            runs.tell(
                conn, self.integration.id, "recovered", now, problem=before.problem.code
            )

    def _stand_badly(self, conn: Connection, error: MailError, now: datetime) -> None:
        before = integrations.standing(conn, self.integration.id)
        follows = state.after_failure(error, before.failures, now, self.syncer.jitter)
        again = before.problem is not None and before.problem.code == error.code
        integrations.change(
            conn,
            self.integration.id,
            state=str(follows.state),
            failures=follows.failures,
            next_at=follows.at,
            problem_code=error.code,
            problem_facts=error.facts,
            problem_since=before.problem_since if again else now,
            **({"login_ok_at": self.login_ok_at} if self.login_ok_at else {}),
        )
        if not again:
            runs.tell(conn, self.integration.id, "problem", now, problem=error.code)
        if follows.state is not State.RETRYING and before.state != follows.state:
            runs.tell(conn, self.integration.id, "state", now, state=str(follows.state))
