"""Whom a worker watches, and what becomes of the news."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core import log
from core.demo.endpoint import Endpoint
from core.errors import FolderRefused, MailError, Retry, StoreUnavailable
from core.imap.idle import Seen
from core.jobs.ears import Told
from core.jobs.gate import Place
from core.jobs.habit import first_bounds
from core.jobs.line import Account, Opened, Polled, open_line
from core.jobs.syncs import Want
from core.jobs.watcher import Watcher
from core.model import Role, Trigger
from core.network import Policy
from core.runtime import Runtime
from core.secret import Secret
from core.store import folders, followed, incidents, integrations, quarters, runs
from core.store.engine import reading, writing
from core.store.quarters import Attempt
from core.sync.access import Access
from core.sync.probe import DEAF

DEAF_AGAIN = timedelta(days=1)
INBOX_ONLY = 5  # times as rarely as what is not watched at all


class Policies:
    """The policy of a runtime, made anew only when it would be another.

    Each policy has a TLS context, which takes long to make and much to keep.
    """

    def __init__(self, runtime: Runtime) -> None:
        """Make the first when it is asked for."""
        self._runtime = runtime
        self._lock = threading.Lock()
        self._demo: Endpoint | None = None
        self._policy: Policy | None = None

    def __call__(self) -> Policy:
        """Give the policy of now."""
        with self._lock:
            demo = self._runtime.demo()
            if self._policy is None or demo != self._demo:
                self._demo, self._policy = demo, self._runtime.policy()
            return self._policy


class Watching:
    """The ears of a watcher: notices become syncs, proofs move the runtime clock."""

    def __init__(
        self,
        runtime: Runtime,
        policies: Policies,
        access: Access,
        want: Callable[[int, Want], None],
    ) -> None:
        """Prepare; `want` asks for a sync."""
        self._runtime, self._policies, self._want = runtime, policies, want
        self._access = access
        self._followed: dict[int, tuple[Any, ...]] = {}
        self._proofs: dict[int, datetime] = {}
        self._told: deque[tuple[int, Told, MailError | None]] = deque()
        self._noted: dict[int, int] = {}  # quarters that hold a proof, by mailbox
        self._sent: dict[int, str] = {}  # folders of sent mail that are watched
        settings = runtime.settings
        self.watcher = Watcher(
            self._open,
            self,
            connections=settings.idle_connections,
            answer_s=settings.command_timeout_s,
        )
        self.is_wanted: Callable[[int], bool] = lambda _mailbox: False

    # ---- Ears, in the watcher's thread

    def changed(self, mailbox: int, folders: frozenset[str] | None) -> None:
        """Sync at once."""
        self._want(mailbox, Want(Trigger.NOTICE, folders))

    def proved(self, mailbox: int) -> None:
        """Note when; what was noticed and is not stored yet is no proof."""
        if not self.is_wanted(mailbox):
            self._proofs[mailbox] = self._runtime.clock()

    def told(self, mailbox: int, what: Told, error: MailError | None) -> None:
        """Keep it for `write`."""
        self._told.append((mailbox, what, error))

    # ---- in the worker's threads

    def place(self, mailbox: int) -> Place:
        """Give where the connections of a mailbox go."""
        post = self.watcher.post_of(mailbox)
        if post is not None:
            return post.place  # with the bounds as learnt at login
        with reading(self._runtime.engine) as conn:
            integration = integrations.get(conn, mailbox)
        return _place(integration.imap.host, integration.login)

    def keep(self) -> None:
        """Follow who is to be watched now, forget others, begin anew who changed."""
        if not self._runtime.settings.idle_connections:
            return
        with reading(self._runtime.engine) as conn:
            wanted = followed.followable(conn)
        held = set(self._followed.values())
        if wanted == held:
            return
        for row in held - wanted:
            del self._followed[row[0]]
            self.watcher.forget(row[0])
        for row in sorted(wanted - held):
            self._followed[row[0]] = row
            self.watcher.follow(row[0], _place(row[1], row[4]))

    def write(self) -> None:
        """Store proofs and events, all of some seconds in one transaction."""
        if not self._proofs and not self._told:
            return
        proofs, self._proofs = self._proofs, {}
        told = [self._told.popleft() for _ in range(len(self._told))]
        now = self._runtime.clock()
        try:
            with writing(self._runtime.engine) as conn:
                if proofs:
                    followed.proved(conn, proofs, now)
                    self._note(conn, proofs)
                for mailbox, what, error in told:
                    self._tell(conn, mailbox, what, error, now)
        except StoreUnavailable:
            self._proofs = proofs | self._proofs
            self._told.extendleft(reversed(told))
            raise

    def _note(self, conn: Connection, proofs: dict[int, datetime]) -> None:
        """Write once for each quarter of an hour that a mailbox was followed."""
        new = {
            mailbox: quarters.slot_of(at)
            for mailbox, at in proofs.items()
            if self._noted.get(mailbox) != quarters.slot_of(at)
        }
        quarters.note(conn, [Attempt(mailbox, proofs[mailbox]) for mailbox in new])
        self._noted |= new

    def look_after_sent(self, mailbox: int) -> None:
        """Watch a mailbox anew if another folder is that of sent mail now."""
        watched = self._sent.get(mailbox)
        if watched is None:
            return
        with reading(self._runtime.engine) as conn:
            known = folders.current(conn, mailbox)
        if watched not in {f.name for f in known if f.role is Role.SENT}:
            del self._sent[mailbox]
            self.watcher.follow(mailbox, self.place(mailbox))

    def every_s(self, mailbox: int) -> int:
        """Give after how many seconds a mailbox is synced without being asked to.

        Rarely where it is watched, a little more often where only its inbox is. Spread,
        so that thousands that were connected together do not come together.
        """
        settings = self._runtime.settings
        post = self.watcher.post_of(mailbox)
        if post is None or mailbox not in self.watcher.watched():
            return settings.sync_every_s
        most = settings.watched_every_s
        if not post.sees_all():  # RFC 5819 is not everywhere
            most = min(most, INBOX_ONLY * settings.sync_every_s)
        spread = 0.5 + 0.5 * random.random()  # noqa: S311 - no secret
        return max(1, round(most * spread))

    def _tell(
        self,
        conn: Connection,
        mailbox: int,
        what: Told,
        error: MailError | None,
        now: datetime,
    ) -> None:
        if what is Told.DEAF:
            self._observe(conn, mailbox, now)
            last = runs.last_told(conn, mailbox, (str(what),))
            news = last is None or now - last[1] > DEAF_AGAIN
        else:
            last = runs.last_told(conn, mailbox, followed.ON_AND_OFF)
            news = last is None or last[0] != what
            self._poll_again(conn, mailbox, what, error, now)
        if news:
            facts = {"problem": error.code} if error else {}
            runs.tell(conn, mailbox, str(what), now, **facts)
            log.logger().info("watching", integration=mailbox, what=str(what), **facts)

    def _observe(self, conn: Connection, mailbox: int, now: datetime) -> None:
        """Note that a connection was deaf; a probe will see the end of it."""
        probed = self._runtime.settings.probe_every_s > 0
        if probed and integrations.standing(conn, mailbox).disconnected_at is None:
            incidents.observe(conn, mailbox, DEAF, now)

    def _poll_again(
        self,
        conn: Connection,
        mailbox: int,
        what: Told,
        error: MailError | None,
        now: datetime,
    ) -> None:
        """Sync as often as before; a sync also shows people what is wrong."""
        if what is Told.WATCHED:
            return
        at_once = error is not None and error.retry is Retry.NEVER
        wait_s = 0.0 if at_once else self._runtime.settings.sync_every_s
        spread = random.random()  # noqa: S311 - no secret
        followed.sooner(conn, mailbox, now + timedelta(seconds=wait_s * spread))

    # ---- in a thread of the openers

    def _open(self, mailbox: int, role: Role, before: Seen | None) -> Opened | Polled:
        with reading(self._runtime.engine) as conn:
            integration = integrations.get(conn, mailbox)
            known = folders.current(conn, mailbox) if role is Role.SENT else []
        sent = next((f.name for f in known if f.role is Role.SENT), "")
        if role is Role.SENT and not sent:
            raise FolderRefused("no folder of sent mail is known", folder=str(role))
        if sent:
            self._sent[mailbox] = sent

        def start(secret: Secret) -> Opened | Polled:
            account = Account(integration.imap, integration.login, secret, sent)
            return open_line(account, role, self._policies(), before, recorder)

        recorder, found = self._access.recordings.of(integration, "idle"), None
        try:
            with log.bound(integration=mailbox):
                found = self._access.let_in(integration, start)
            return found
        finally:
            if recorder is not None and not isinstance(found, Opened):
                recorder.close()


def _place(host: str, login: str) -> Place:
    return Place(host, (host, login), first_bounds(host))
