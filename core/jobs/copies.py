"""What is left to do for mail that was sent: its copy, and what became of it.

A run of the mailbox does it (`core.sync.sent_copies`, `uncertain`, `following`); here
is only who begins one. While a mailbox backs off, is paused or waits for its owner, the
copies wait with it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from core.clock import EPOCH
from core.errors import NoIntegration
from core.jobs.syncs import Want
from core.mail_acts import WAITING
from core.model import Role, State, Trigger
from core.runtime import Runtime
from core.store import arrived, copies, folders, integrations, outbox
from core.store.engine import reading, writing

BEHIND_EVERY = timedelta(minutes=1)  # to look for what a run that was cut off has left


class Copies:
    """Looks for what is left to do, and has it done; `tick` is called each second."""

    def __init__(
        self,
        runtime: Runtime,
        want: Callable[[int, Want], None],
        is_wanted: Callable[[int], bool],
    ) -> None:
        """Take how to have a mailbox synced, and whether it is about to be."""
        self._runtime, self._want, self._is_wanted = runtime, want, is_wanted
        self._looked_at = EPOCH

    def tick(self) -> None:
        """Have every mailbox synced that has something to be seen to now."""
        now = self._runtime.clock()
        with reading(self._runtime.engine) as conn:
            due = set(outbox.to_be_seen_to(conn, now))
            if now - self._looked_at >= BEHIND_EVERY:
                due.update(arrived.behind(conn, now))
                self._looked_at = now
        for one in sorted(due):
            if not self._is_wanted(one):
                self._look_after(one, now)

    def _look_after(self, one: int, now: datetime) -> None:
        with reading(self._runtime.engine) as conn:
            stands = integrations.standing(conn, one)
            known = folders.current(conn, one)
        if stands.disconnected_at is not None:
            self._give_up(one, now)
        elif (
            known  # else its first sync is on its way
            and stands.state not in {*WAITING, State.PAUSED}
            and not stands.backs_off(now)
        ):
            sent = frozenset(f.name for f in known if f.role is Role.SENT)
            self._want(one, Want(Trigger.REQUEST, sent))

    def _give_up(self, one: int, now: datetime) -> None:
        """Store no copies any more: nobody can, in a mailbox that was disconnected."""
        with writing(self._runtime.engine) as conn:
            owner = integrations.get(conn, one).owner
            for mail in outbox.copies_wanted(conn, one, now):
                copies.give_up(conn, mail, NoIntegration(owner=owner))
