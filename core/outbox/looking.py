"""Look into the outbox: mails, what became of them, and how much a mailbox may send."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import Connection

from core.outbox.known import own_addresses
from core.outbox.limits import DAY, Gauge, measure
from core.outgoing import Evidence, Mail, Picked, Stage
from core.runtime import Runtime
from core.store import deliveries, evidence, integrations, outbox, senders, turns
from core.store.engine import reading
from core.store.senders import SenderSettings

EVERY = Picked()


def listed(
    runtime: Runtime,
    *,
    stages: Collection[Stage] = (),
    integration_id: int | None = None,
    before: int | None = None,
    most: int = 100,
    picked: Picked = EVERY,
) -> list[Mail]:
    """List mails, the newest first; `before`: only with a lower id (to page)."""
    with reading(runtime.engine) as conn:
        return outbox.listed(
            conn,
            stages=stages,
            integration_id=integration_id,
            before=before,
            most=most,
            also=deliveries.picked(picked),
        )


def one(runtime: Runtime, mail_id: int) -> Mail:
    """Give one mail.

    Raises:
        NotFound: there is none with this id.

    """
    with reading(runtime.engine) as conn:
        return outbox.get(conn, mail_id)


def of_activity(runtime: Runtime, activity_id: int) -> list[Mail]:
    """List the mails of an activity, the newest first."""
    with reading(runtime.engine) as conn:
        return outbox.of_activity(conn, activity_id)


def counts(runtime: Runtime, integration_id: int | None = None) -> dict[Stage, int]:
    """Count the mails in each stage: of all mailboxes, or of one."""
    with reading(runtime.engine) as conn:
        return outbox.counts(conn, integration_id)


def evidence_of(runtime: Runtime, ids: Collection[int]) -> dict[int, list[Evidence]]:
    """Give what was seen of each mail, in the order of time."""
    with reading(runtime.engine) as conn:
        return evidence.of_mails(conn, ids)


def gauge(runtime: Runtime, integration_id: int) -> Gauge:
    """Tell how much of its bounds a mailbox has used.

    Raises:
        NotFound: there is no such mailbox.

    """
    with reading(runtime.engine) as conn:
        return gauge_now(conn, integration_id, runtime.clock())


def gauge_now(conn: Connection, integration_id: int, now: datetime) -> Gauge:
    """Tell the same within a transaction."""
    found = integrations.get(conn, integration_id)
    sent = turns.sent_since(conn, integration_id, now - DAY)
    return measure(senders.of(conn, found), sent, now)


def sender_of(runtime: Runtime, integration_id: int) -> SenderSettings:
    """Give how a mailbox sends.

    Raises:
        NotFound: there is no such mailbox.

    """
    with reading(runtime.engine) as conn:
        return senders.of(conn, integrations.get(conn, integration_id))


def addresses_of(runtime: Runtime, integration_id: int) -> tuple[str, ...]:
    """List the addresses that a mailbox may send from, its own first.

    Raises:
        NotFound: there is no such mailbox.

    """
    with reading(runtime.engine) as conn:
        found = integrations.get(conn, integration_id)
        return own_addresses(found, senders.of(conn, found))
