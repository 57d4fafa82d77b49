"""Use case: mail that people send through their own mailbox: queued, and seen to.

    mail_id = send(runtime, Draft(one, to="Ana <ana@example.org>", …), "ana")
    one(runtime, mail_id).stage

What is in the outbox is sent by a worker (`core.jobs.outbox`). There is no login yet:
whoever reaches the console may do this, as everything else. Once there is one, `send`
and the acts are where an actor's right to the mailbox is asked for.
"""

from core.outbox.acts import cancel, settle, try_again
from core.outbox.blocking import block, blocked, unblock
from core.outbox.draft import Draft, FollowUp
from core.outbox.limits import Gauge
from core.outbox.looking import (
    addresses_of,
    counts,
    evidence_of,
    gauge,
    listed,
    of_activity,
    one,
    sender_of,
)
from core.outbox.queueing import check, composed, send
from core.outbox.settings import set_sender
from core.store.blocked import Blocked
from core.store.senders import SenderSettings

__all__ = [
    "Blocked",
    "Draft",
    "FollowUp",
    "Gauge",
    "SenderSettings",
    "addresses_of",
    "block",
    "blocked",
    "cancel",
    "check",
    "composed",
    "counts",
    "evidence_of",
    "gauge",
    "listed",
    "of_activity",
    "one",
    "send",
    "sender_of",
    "set_sender",
    "settle",
    "try_again",
    "unblock",
]
