"""How long answers take, by month, of each scope; and what waits for one."""

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
    """Count changes of messages that ask, or answer, in all of their scopes."""
