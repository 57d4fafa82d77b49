"""Look at a mailbox over a fresh connection, and write down what that shows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from core.clock import Clock
from core.imap import opening, probing
from core.imap.probing import Shown
from core.model import Integration
from core.network import Policy
from core.store import cards, folders, followed, incidents, placements, poisons, probes
from core.sync import syncer
from core.sync.access import Access
from core.sync.verdict import Held, Verdict, judge

DEAF = "deaf"


def look(
    access: Access,
    policy: Policy,
    integration: Integration,
    clock: Clock,
    started: Callable[[], None] = lambda: None,
) -> Shown:
    """Log in, and see what is newest in the inbox; `started` is called when let in.

    Raises:
        MailError: as of a session; Overtaken: reconnected meanwhile.

    """
    with access.recordings.recording(integration, "probe") as recorder:
        session = syncer.start(access, policy, integration, recorder=recorder)
        try:
            started()
            return probing.look(session, clock())
        finally:
            opening.close(session.client)


def weigh(
    conn: Connection, integration_id: int, shown: Shown, *, awaited: bool
) -> Verdict:
    """Compare what was shown with what we hold; `awaited` as of `judge`."""
    newest = shown.newest.uid if shown.newest else 0
    held = _held(conn, integration_id, newest)
    return judge(held, shown.status, newest, awaited=awaited)


def note(
    conn: Connection,
    integration_id: int,
    shown: Shown,
    since: datetime | None,
    verdict: Verdict,
) -> bool:
    """Write the card and what follows from it, and the clocks as far as was proved.

    `since`: when the mailbox was connected that was probed. Gives False, and writes
    nothing, when that is not what is followed now.
    """
    at = shown.card.noted_at
    if not probes.answered(conn, integration_id, since, at):
        return False
    cards.keep(conn, integration_id, shown.card)
    if verdict is Verdict.LEVEL:
        followed.proved(conn, {integration_id: at}, at)
    return True


def hears_again(
    conn: Connection, integration_id: int, now: datetime, *, watched: bool
) -> None:
    """Note that nothing was missed, by a mailbox that is watched; or by nobody now."""
    if watched or followed.is_polled(conn, integration_id):
        incidents.end(conn, integration_id, [DEAF], now)


def _held(conn: Connection, integration_id: int, newest: int) -> Held:
    inbox = folders.inbox(conn, integration_id)
    if inbox is None:
        return Held(None, has_newest=False)
    here = (inbox.id, inbox.generation)
    has_newest = newest > 0 and (
        newest in placements.flags_of(conn, *here, [newest])
        or newest in poisons.poisoned(conn, *here)
    )
    return Held(inbox.cursor, has_newest, inbox.building is not None)
