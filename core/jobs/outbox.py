"""Mail on its way out: taken in turn, submitted, and what came of it written down.

Each second the mail that is due is taken, one at a time of each mailbox. Right before
its final dot goes out that is written down, on the disk (`_brink`): who finds a mail in
the hands of a worker that is dead knows by that whether it may have been sent.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core import log
from core.errors import MailError, StoreUnavailable
from core.jobs.sending import Sending
from core.model import State
from core.outbox import conclude, looking
from core.outbox.outcome import PERSON, Try, result
from core.outbox.turn import LOOK_AGAIN, Around, Go, Stop, Wait, turn, without_mailbox
from core.outgoing import Mail, Stage
from core.runtime import Runtime, is_dead
from core.store import blocked, integrations, locks, outbox, turns, workers
from core.store.engine import reading, writing
from core.sync.access import Access

PARALLEL = 8  # mailboxes; most of the time a server is waited for
CONTENT_KEPT = timedelta(days=30)  # of what failed: so long it can be tried again
WAITING_FOR_A_LOGIN = {State.NEEDS_PASSWORD, State.NEEDS_PERMISSION}
LATE_S = 600.0  # a mail that is first tried so late has its day from then on


class Outbox:
    """Sends what is due; `tick` is called each second, by one thread at a time."""

    def __init__(
        self,
        runtime: Runtime,
        holder: str,
        access: Access,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        """Prepare; nothing is sent yet."""
        self._runtime, self._holder, self._jitter = runtime, holder, jitter
        self._sending = Sending(runtime, holder, access)
        self._pool = ThreadPoolExecutor(PARALLEL, "send")
        self._lock = threading.Lock()
        self._at_hand: dict[int, Mail] = {}
        self._futures: set[Future[None]] = set()
        self._unwritten: dict[int, tuple[Mail, Try]] = {}

    def tick(self) -> None:
        """Write what is left to be written, see to lost mail, begin what is due."""
        with self._lock:
            unwritten = list(self._unwritten.values())
        for mail, tried in unwritten:
            self._conclude(mail, tried)
        self._look_after()
        with self._lock:
            busy = {mail.integration_id for mail in self._at_hand.values()}
            free = PARALLEL - len(self._at_hand)
        if free > 0:
            with reading(self._runtime.engine) as conn:
                due = turns.first_due(conn, self._runtime.clock(), busy, free)
            for mail in due:
                self._begin_safely(mail)

    def rest(self) -> None:
        """Wait until what was begun has ended."""
        with self._lock:
            begun = set(self._futures)
        wait(begun)

    def forget(self) -> None:
        """Drop the content of mails that failed, or were cancelled, long ago."""
        before = self._runtime.clock() - CONTENT_KEPT
        with writing(self._runtime.engine) as conn:
            turns.forget_content(conn, before)

    def close(self) -> None:
        """Finish what is being sent; what was not begun is left to who comes next."""
        self._pool.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            unwritten = list(self._unwritten.values())
        for mail, tried in unwritten:
            self._conclude(mail, tried)

    def _look_after(self) -> None:
        """See to mail of dead workers, of mailboxes that ended, and of new logins."""
        now = self._runtime.clock()
        with reading(self._runtime.engine) as conn:
            taken = turns.sending(conn)
            alive = workers.alive(conn, now) if taken else set()
            ended = turns.of_the_ended(conn)
            awake = turns.to_wake(conn, now)
        lost = [(one, who) for one, who in taken if self._is_lost(one, who, alive)]
        if not (lost or ended or awake):
            return
        with writing(self._runtime.engine) as conn:
            for one, who in lost:
                self._recover(conn, one, who, now)
            for one in ended:
                self._end(conn, one)
            turns.wake(conn, awake, now)

    def _is_lost(self, mail_id: int, who: str, alive: set[str]) -> bool:
        """Tell whether nobody is at a mail any more that is being sent."""
        if who == self._holder:
            return mail_id not in self._at_hand
        if who.count(":") < 2:  # noqa: PLR2004 - no name of a worker
            return True
        mine, theirs = (name.rsplit(":", 2)[0] for name in (self._holder, who))
        return is_dead(who) if mine == theirs else who not in alive

    def _recover(self, conn: Connection, mail_id: int, who: str, now: datetime) -> None:
        stage = outbox.recover(conn, mail_id, who, now)
        if stage is None:  # it has ended meanwhile
            return
        log.logger().warning("mail recovered", mail=mail_id, stage=str(stage))
        if who == self._holder:  # something of ours broke on it
            later = now + PERSON
            outbox.change(conn, mail_id, [Stage.QUEUED], next_at=later)

    def _end(self, conn: Connection, mail_id: int) -> None:
        mail = outbox.get(conn, mail_id)
        owner = integrations.get(conn, mail.integration_id).owner
        conclude.stop(conn, mail, without_mailbox(owner))

    def _begin_safely(self, mail: Mail) -> None:
        """Begin a mail; a bug in one must not keep the others waiting."""
        try:
            self._begin(mail)
        except MailError:
            raise
        except Exception:  # noqa: BLE001 - as in the job loop: told, and later again
            log.logger().exception("taking a mail broke", mail=mail.id)
            later = self._runtime.clock() + PERSON
            with writing(self._runtime.engine) as conn:
                outbox.change(conn, mail.id, [Stage.QUEUED], next_at=later)

    def _begin(self, mail: Mail) -> None:
        """Take a mail if its turn has come, and hand it to a thread."""
        with self._lock:
            self._at_hand[mail.id] = mail
        taken = None
        try:
            taken = self._taken(mail)
        finally:
            if taken is None:
                self._let_go(mail)
        if taken is None:
            return
        future = self._pool.submit(self._work, taken)
        with self._lock:
            self._futures = {one for one in self._futures if not one.done()} | {future}

    def _taken(self, mail: Mail) -> Mail | None:
        now = self._runtime.clock()
        with writing(self._runtime.engine) as conn:
            locks.hold(conn, [mail.integration_id])
            mail = outbox.get(conn, mail.id)
            if mail.stage is not Stage.QUEUED:
                return None
            if turns.is_sending(conn, mail.integration_id):
                return None
            match turn(mail, self._around(conn, mail, now), now):
                case Go():
                    return self._take(conn, mail, now)
                case Wait(until, problem):
                    values = {"problem": problem} if problem else {}
                    outbox.change(
                        conn, mail.id, [Stage.QUEUED], next_at=until, **values
                    )
                case Stop() as why:
                    conclude.stop(conn, mail, why)
        return None

    def _take(self, conn: Connection, mail: Mail, now: datetime) -> Mail | None:
        late_s = (now - mail.not_before).total_seconds()
        if not mail.tries and late_s > LATE_S:
            outbox.change(conn, mail.id, [Stage.QUEUED], not_before=now)
        taken = outbox.take(conn, mail.id, self._holder, now)
        return outbox.get(conn, mail.id) if taken else None

    def _around(self, conn: Connection, mail: Mail, now: datetime) -> Around:
        one = mail.integration_id
        stands = integrations.standing(conn, one)
        hold = turns.hold_on(conn, mail, now)
        if stands.problem and stands.state in WAITING_FOR_A_LOGIN:
            hold = now + LOOK_AGAIN, stands.problem
        first = outbox.get(conn, mail.follows_id) if mail.follows_id else None
        found = blocked.among(conn, mail.envelope)
        gauge = looking.gauge_now(conn, one, now)
        return Around(gauge, hold, first, tuple(found.items()))

    def _work(self, mail: Mail) -> None:
        """Send a mail and write what came of it, in a thread; nothing is raised."""
        with log.bound(integration=mail.integration_id, mail=mail.id):
            tried = self._sending.tried(mail)
            if tried.error:
                detail = tried.error.detail
                log.logger().info("not sent", code=tried.error.code, detail=detail)
            self._conclude(mail, tried)

    def _conclude(self, mail: Mail, tried: Try) -> None:
        """Write what came of a try; while the store is away it is kept for later."""
        try:
            self._write(mail, tried)
        except StoreUnavailable:
            with self._lock:
                self._unwritten[mail.id] = (mail, tried)
            return
        except Exception:  # noqa: BLE001 - the job loop: one mail must not end all
            log.logger().exception("writing a result broke")
        with self._lock:
            self._unwritten.pop(mail.id, None)
        self._let_go(mail)

    def _write(self, mail: Mail, tried: Try) -> None:
        now = self._runtime.clock()
        follows = result(mail, tried, now, self._jitter)
        with writing(self._runtime.engine) as conn:
            stage, holder = turns.in_hands(conn, mail.id) or (Stage.CANCELLED, "")
            mine = stage is Stage.SENDING and holder == self._holder
            # Somebody took us for dead after the brink: we know better by now.
            known_better = stage is Stage.UNCERTAIN and tried.is_answered
            if mine or known_better:
                fresh = outbox.get(conn, mail.id)
                conclude.conclude(conn, fresh, follows, now, [stage])

    def _let_go(self, mail: Mail) -> None:
        with self._lock:
            self._at_hand.pop(mail.id, None)
