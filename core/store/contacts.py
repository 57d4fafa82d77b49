"""Whom mail comes from and goes to, by month, of each scope."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from core.business import Calendar
from core.store.counted import Change, Mailbox


def count(
    conn: Connection,
    changes: Sequence[Change],
    mailboxes: Mapping[int, Mailbox],
    calendar: Calendar,
) -> None:
    """Count changes of messages in all of their scopes."""
