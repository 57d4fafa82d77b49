"""What an answer to a mail changes: the mail, its activity, and what was to follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, update

from core.outgoing import Mail, Stage
from core.store import outbox
from core.store.schema import activity
from core.store.sending_tables import mail as table

ANSWERED = "answered"  # why a mail is cancelled


def note(conn: Connection, mail: Mail, at: datetime) -> list[int]:
    """Write that a mail was answered; give the follow-ups that are not sent now.

    The first answer counts. What follows a follow-up is not sent either.
    """
    first = (table.c.id == mail.id, table.c.answered_at.is_(None))
    conn.execute(update(table).where(*first).values(answered_at=at))
    if mail.activity_id is not None:
        c = activity.c
        unanswered = (c.id == mail.activity_id, c.answered_at.is_(None))
        conn.execute(update(activity).where(*unanswered).values(answered_at=at))
    return _cancel_followers(conn, mail.id)


def _cancel_followers(conn: Connection, mail_id: int) -> list[int]:
    cancelled: list[int] = []
    for one in outbox.followers(conn, mail_id):
        values = {"stage": Stage.CANCELLED, "ended_why": ANSWERED}
        if outbox.change(conn, one, [Stage.QUEUED], **values):
            cancelled += [one, *_cancel_followers(conn, one)]
    return cancelled
