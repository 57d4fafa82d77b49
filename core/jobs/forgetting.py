"""Forget what is old, mailbox by mailbox: each has its turn some times a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from core import exporting
from core.runtime import Runtime
from core.store import forgetting
from core.store.engine import reading, writing

EVERY_S = 60.0
ROUND = 360  # minutes, and as many turns
BATCHES = 20  # of one mailbox and turn; what is left waits for the next
OLDEST = 100  # quarters of an hour in one turn
Forget = Callable[[Connection, int, datetime], int]
OF_EACH: tuple[Forget, ...] = (
    forgetting.old_runs,
    forgetting.old_events,
    forgetting.old_incidents,
    forgetting.old_acts,
)


def forget(runtime: Runtime) -> None:
    """Forget what is old of the mailboxes whose turn this minute is; and exports."""
    exporting.forget_old(runtime)
    now = runtime.clock()
    turn = int(now.timestamp() // 60) % ROUND
    with reading(runtime.engine) as conn:
        ids = forgetting.whose_turn(conn, turn, ROUND)
    for one in ids:
        forget_of(runtime, one)
    for _ in range(OLDEST):
        with writing(runtime.engine) as conn:
            if not forgetting.quarters(conn, now):
                return


def forget_of(runtime: Runtime, integration_id: int) -> None:
    """Forget what is old of one mailbox, whether it is live or ended."""
    now = runtime.clock()
    for old in OF_EACH:
        for _ in range(BATCHES):
            with writing(runtime.engine) as conn:
                if old(conn, integration_id, now) < forgetting.BATCH:
                    break
