"""Use case: sign in at Google or Microsoft, and connect the mailbox by that.

Four steps, of which the browser walks the middle ones: `begin` gives a ticket to the
page, `depart` leads the browser to the provider, `arrive` takes what the provider gave
to the browser, `finish` tries the mailbox and stores it.

The store holds only hashes of what browsers hold. The state works once, within ten
minutes, and only in the browser that departed (RFC 6749 §10.12). On arrival the ticket
gives way to a new key, which only that browser gets: a ticket that somebody else was
made to follow is worth nothing to who began it.
"""

from __future__ import annotations

from core.sign_in.finishing import finish
from core.sign_in.way import (
    Begun,
    Status,
    arrive,
    begin,
    check_set_up,
    depart,
    forget_old,
    redirect_to,
    status,
)
from core.store.sign_ins import Stage

__all__ = [
    "Begun",
    "Stage",
    "Status",
    "arrive",
    "begin",
    "check_set_up",
    "depart",
    "finish",
    "forget_old",
    "redirect_to",
    "status",
]
