"""Acts on messages that people asked for: begun at once, given up in the end.

A run of the mailbox carries them out (`core.sync.acts`); here is only who begins one.
While a mailbox backs off, its acts wait with it; they end when it takes too long, and
then what people see is as it was.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.acting import MailAct
from core.errors import Ended, MailError, NoAnswer, Overtaken
from core.jobs.syncs import Want
from core.mail_acts import WAITING
from core.model import Problem, Trigger
from core.runtime import Runtime
from core.store import folders, integrations, leases, mail_acts
from core.store.engine import reading, writing
from core.store.integrations import Standing
from core.sync.acts import close

GIVE_UP = timedelta(minutes=10)
TRIES = 5  # of an act that was begun, and ended with its connection


class Acts:
    """Looks for acts that wait, and has them done; `tick` is called each second."""

    def __init__(
        self,
        runtime: Runtime,
        holder: str,
        want: Callable[[int, Want], None],
        is_wanted: Callable[[int], bool],
    ) -> None:
        """Take how to have a mailbox synced, and whether it is about to be."""
        self._runtime, self._holder = runtime, holder
        self._want, self._is_wanted = want, is_wanted

    def tick(self) -> None:
        """Have every mailbox synced for which an act waits, or give the act up."""
        with reading(self._runtime.engine) as conn:
            waiting = mail_acts.open_of_all(conn)
        by_mailbox: dict[int, list[MailAct]] = defaultdict(list)
        for act in waiting:
            by_mailbox[act.integration_id].append(act)
        for one, acts in by_mailbox.items():
            if not self._is_wanted(one):
                self._look_after(one, acts)

    def _look_after(self, one: int, acts: Collection[MailAct]) -> None:
        now = self._runtime.clock()
        with reading(self._runtime.engine) as conn:
            stands = integrations.standing(conn, one)
            names = _names(conn, acts)
        hopeless = stands.state in WAITING or _has_ended(stands)
        late = [a for a in acts if hopeless or _is_late(a, stands, now)]
        if late:
            self._give_up(one, late, stands)
        elif not stands.backs_off(now):
            self._want(one, Want(Trigger.REQUEST, names))

    def _give_up(self, one: int, acts: Collection[MailAct], stands: Standing) -> None:
        """Close acts that nobody is at: whoever has the lease may be at one."""
        now = self._runtime.clock()
        with suppress(Overtaken), writing(self._runtime.engine) as conn:
            server = integrations.get(conn, one).imap
            error: MailError | Problem = stands.problem or NoAnswer(
                host=server.host, port=server.port
            )
            try:
                leases.take(conn, one, self._holder, now)
                leases.release(conn, one, self._holder)
            except Ended as ended:
                error = ended
            for act in acts:
                close(conn, act, error, self._runtime.clock)


def _is_late(act: MailAct, stands: Standing, now: datetime) -> bool:
    """Tell whether a mailbox that fails has kept an act waiting for long enough."""
    return act.tries >= TRIES or (stands.failures > 0 and now - act.asked_at > GIVE_UP)


def _has_ended(stands: Standing) -> bool:
    return stands.disconnected_at is not None or stands.state == "paused"


def _names(conn: Connection, acts: Collection[MailAct]) -> frozenset[str]:
    """Give the names of the folders that acts touch."""
    ids = {p.folder_id for a in acts for p in a.places} | {a.target_id for a in acts}
    known = folders.all_of(conn, next(iter(acts)).integration_id)
    return frozenset(known[i].name for i in ids if i in known)
