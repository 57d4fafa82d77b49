"""Sync one integration: every folder, one run, told as it happens.

The only place where IMAP and the store meet, with `folder` below it.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Engine

from core import log
from core.clock import Clock
from core.errors import Ended, FolderRefused, MailError, Overtaken, ProtocolBroken
from core.imap.mailbox import Mailbox
from core.model import Folder, Integration, Outcome, Status, Sweep, Trigger
from core.store import folders, integrations, leases, roles, runs
from core.store.engine import reading, writing
from core.sync import standing
from core.sync.acts import carry_out
from core.sync.copy import Copy, Ledger
from core.sync.folder import FolderSync
from core.sync.following import follow
from core.sync.moving import Transaction
from core.sync.plan import Build, unchanged
from core.sync.sent_copies import see_to
from core.sync.standing import Clocks
from core.sync.syncer import FolderReport, Opener, Report, Stopping, Syncer, as_kept
from core.sync.uncertain import look_for

REBUILDS = 2  # of a folder in one run (THREATS T10)
PROGRESS_S = 0.5  # people look at it once a second
How = tuple[Engine, Mailbox, Transaction, Clock, int]  # that acts are carried out
SLICE_S = 5.0  # of a first sync, before the other folders are looked at again


def sync(
    syncer: Syncer,
    integration_id: int,
    trigger: Trigger,
    only: Collection[str] | None = None,
    *,
    opened: Mailbox | None = None,
    failed: MailError | None = None,
    as_of: datetime | None = None,
) -> Report:
    """Bring one integration up to date; failures are kept with it and reported.

    `only`: look at these folders alone (by name), as after a notice of the server.
    `opened`: the mailbox, if it is open already; `failed`: why it could not be opened.
    Both with the credentials `as_of` a time; there may be others since.

    Raises:
        Overtaken, Ended: somebody else has it, or it is not to be synced: no run.

    """
    begun, clock = syncer.clock(), time.monotonic()
    with writing(syncer.engine) as conn:
        leases.take(conn, integration_id, syncer.holder, begun)
        if only is None:  # a look at one folder is not what a person asked for
            integrations.change(conn, integration_id, requested_at=None)
        run_id = runs.begin(conn, integration_id, trigger, begun)
        integration = integrations.get(conn, integration_id)
        since = integrations.credentials_since(conn, [integration_id])
        if as_of not in {None, since[integration_id]}:
            opened = failed = None  # reconnected meanwhile: nothing of it counts
    opener = syncer.opener if opened is None else lambda _: nullcontext(opened)
    run = _Run(syncer, integration, run_id, begun, opener, only)
    try:
        with log.bound(integration=integration_id, run=run_id):
            error = failed or run.attempt()
            error = run.close(error)
            report = run.report(error, time.monotonic() - clock)
            log.logger().info(
                "sync", outcome=str(report.outcome), seconds=round(report.seconds, 3)
            )
        return report
    finally:
        with writing(syncer.engine) as conn:
            leases.release(conn, integration_id, syncer.holder)


@dataclass(slots=True)
class _Run:
    syncer: Syncer
    integration: Integration
    run_id: int
    begun: datetime
    opener: Opener
    only: Collection[str] | None = None
    ledger: Ledger = field(default_factory=Ledger)
    reports: dict[int, FolderReport] = field(default_factory=dict)
    expected: int = 0
    current: str = ""
    seen_at: datetime | None = None
    login_ok_at: datetime | None = None
    alerts: list[str] = field(default_factory=list)
    told_at: float = 0.0  # monotonic: when progress was written

    def attempt(self) -> MailError | None:
        """Sync every folder; give the error that ended the run, if one did.

        A first sync goes on in slices of time; between them all folders are looked at
        again, so that live changes flow while an old mailbox is being filled.
        """
        try:
            with self.opener(self.integration) as mailbox:
                self.login_ok_at, self.alerts = self.syncer.clock(), mailbox.alerts
                while self._pass(mailbox):
                    self._tell_seen()
        except MailError as error:
            return as_kept(error, self.integration)
        return None

    def report(self, error: MailError | None, seconds: float) -> Report:
        """Say what the run did."""
        outcome = Outcome.OK if error is None else Outcome.FAILED
        if isinstance(error, (Ended, Overtaken, Stopping)):
            outcome = Outcome.STOPPED
        return Report(
            self.integration.id,
            outcome,
            self.ledger.total(),
            seconds,
            list(self.reports.values()),
            error,
        )

    def close(self, error: MailError | None) -> MailError | None:
        """Store how the run ended and how the integration stands after it.

        A run whose lease was taken away, as by a reconnection, tells nothing of that.
        """
        one, who = self.integration.id, self.syncer
        with writing(who.engine) as conn:
            if not leases.holds(conn, one, who.holder):
                error = Overtaken(f"integration {one}")
            self._tell_progress(conn)
            report, clocks = self.report(error, 0), self._clocks()
            standing.conclude(conn, self.run_id, report, clocks, self.alerts, who)
        return error

    def _clocks(self) -> Clocks:
        return Clocks(self.integration.id, self.login_ok_at, self.seen_at)

    def _pass(self, mailbox: Mailbox) -> bool:
        """Look at every folder once; tell whether a first sync has to go on."""
        began = self.syncer.clock()
        self._act(mailbox)
        swept = mailbox.sweep(self.only)
        found = self._reconcile(swept)
        changed = self._leave_unchanged(mailbox, swept, found, began)
        self._expect(swept, changed)
        acted = False
        for folder in changed:
            self._sync_folder(mailbox, folder, swept, began)
            acted |= self._act(mailbox)
        more = follow(*self._how(mailbox))
        return acted or more or self._unfinished(changed)

    def _how(self, mailbox: Mailbox) -> How:
        who = self.syncer
        one = self.integration.id
        return who.engine, mailbox, self._transaction, who.clock, one

    def _act(self, mailbox: Mailbox) -> bool:
        """Carry out what people asked for meanwhile, and look at those folders, too."""
        how = self._how(mailbox)
        look_for(*how)
        touched = carry_out(*how) | see_to(*how)
        if self.only is not None:
            self.only = {*self.only, *touched}
        return bool(touched)

    def _reconcile(self, swept: Sweep) -> list[Folder]:
        one, now = self.integration.id, self.syncer.clock()
        with self._transaction() as conn:
            if self.only is None:
                changed = folders.reconcile(conn, one, swept, now)
                roles.retell(conn, changed, self._own())
            found = folders.current(conn, one)
            for folder in found:
                if folder.name in swept.refused:  # a phantom: listed, not to be opened
                    folders.refused(conn, folder.id, swept.refused[folder.name])
        asked = [f for f in found if self.only is None or f.name in self.only]
        return [f for f in asked if f.name not in swept.refused]

    def _leave_unchanged(
        self, mailbox: Mailbox, swept: Sweep, found: list[Folder], began: datetime
    ) -> list[Folder]:
        """Set apart the folders of which the sweep proves that nothing happened."""
        same: dict[int, Status] = {}
        for folder in found:
            now = swept.numbers.get(folder.name)
            if (
                folder.cursor
                and now
                and unchanged(folder.cursor, now, mailbox.features)
            ):
                same[folder.id] = now
                self.reports.setdefault(folder.id, FolderReport(folder.title, ()))
                self._saw(folder, began)
        if same:
            with self._transaction() as conn:
                folders.unchanged(conn, same, began)
        return [f for f in found if f.id not in same]

    def _expect(self, swept: Sweep, changed: list[Folder]) -> None:
        """Count what is to be fetched, so that progress has a whole."""
        self.expected = self.ledger.fetched
        for folder in changed:
            now = swept.numbers.get(folder.name)
            if now and (folder.cursor is None or folder.cursor.low > 1):
                held = folder.cursor.held if folder.cursor else 0
                self.expected += max(0, now.messages - held)

    def _sync_folder(
        self, mailbox: Mailbox, folder: Folder, swept: Sweep, began: datetime
    ) -> None:
        if self.syncer.stopping():
            raise Stopping
        self.current = folder.title
        until = time.monotonic() + SLICE_S
        how = (self.syncer.engine, self.syncer.clock, self.ledger)
        copy = Copy(*how, self._own(), self._guard)
        one = FolderSync(
            mailbox, copy, lambda: time.monotonic() > until, self._second_look
        )
        try:
            steps = one.sync(folder, swept.numbers.get(folder.name))
        except FolderRefused as error:
            with self._transaction() as conn:
                folders.refused(conn, folder.id, error.code)
            self.reports[folder.id] = FolderReport(folder.title, (), error.code)
            return
        self._saw(folder, began)
        before = self.reports.get(folder.id)
        taken = (*before.steps, *steps) if before else steps
        self.reports[folder.id] = FolderReport(folder.title, taken)
        if (
            len({s.cursor.uidvalidity for s in taken if isinstance(s, Build)})
            > REBUILDS
        ):
            raise ProtocolBroken("UIDVALIDITY changes all the time")

    def _own(self) -> frozenset[str]:
        return frozenset(
            {self.integration.address.lower(), self.integration.login.lower()}
        )

    def _second_look(self, name: str) -> tuple[Status, frozenset[int]]:
        """Ask for a folder's numbers and UIDs over a connection of its own."""
        with self.syncer.opener(self.integration) as other:
            return other.examine(name), frozenset(other.uids())

    def _saw(self, folder: Folder, began: datetime) -> None:
        if folder.role == "inbox":
            self.seen_at = began

    def _unfinished(self, looked_at: list[Folder]) -> bool:
        with reading(self.syncer.engine) as conn:
            now = [folders.get(conn, f.id) for f in looked_at]
        refused = {i for i, report in self.reports.items() if report.problem}
        parts = [f.building or f.cursor for f in now if f.id not in refused]
        return any(part is not None and part.low > 1 for part in parts)

    def _tell_seen(self) -> None:
        """Move the runtime clock between two slices of a first sync."""
        if self.seen_at is not None:
            with self._transaction() as conn:
                integrations.change(conn, self.integration.id, seen_at=self.seen_at)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with writing(self.syncer.engine) as conn:
            self._guard(conn)
            yield conn

    def _guard(self, conn: Connection) -> None:
        """Make sure that the integration is still ours; tell how far we are."""
        if self.syncer.stopping():
            raise Stopping
        leases.renew(conn, self.integration.id, self.syncer.holder, self.syncer.clock())
        if time.monotonic() - self.told_at > PROGRESS_S:
            self.told_at = time.monotonic()
            self._tell_progress(conn)

    def _tell_progress(self, conn: Connection) -> None:
        runs.progress(
            conn,
            self.run_id,
            done=self.ledger.fetched,
            total=max(self.expected, self.ledger.fetched),
            current=self.current,
            folders=len(self.reports),
        )
