"""Which mail of the outbox is next, and what keeps a mailbox's mail waiting."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, or_, select, update

from core.errors.classes import known
from core.errors.servers import Refused, SubmissionDeferred, SubmissionRefused
from core.model import Problem
from core.outgoing import WAITING, Mail, Stage
from core.store.outbox import mails
from core.store.schema import integration
from core.store.sending_tables import mail

# Problems of a login: they are tried again once somebody has changed something.
OF_A_LOGIN = frozenset(error.code for error in known(Refused))
# Problems of one mail; all others concern every mail of the mailbox.
OF_A_MAIL = frozenset(
    error.code
    for kind in (SubmissionDeferred, SubmissionRefused)
    for error in known(kind)
)
LATELY = timedelta(hours=1)


def first_due(
    conn: Connection, now: datetime, busy: Collection[int], most: int
) -> list[Mail]:
    """List the mail to be tried now of each mailbox, the longest waiting first.

    Mailboxes that have ended, are paused or `busy` are left out, as are those of which
    a mail is being sent.
    """
    c = mail.c
    alive = select(integration.c.id).where(
        integration.c.disconnected_at.is_(None), integration.c.paused.is_(False)
    )
    sent_now = select(c.integration_id).where(c.state == str(Stage.SENDING))
    ready = (
        c.state == str(Stage.QUEUED),
        c.next_at <= now,
        c.integration_id.in_(alive),
        c.integration_id.not_in(sent_now),
        c.integration_id.not_in(list(busy)),
    )
    turn = func.row_number().over(
        partition_by=c.integration_id, order_by=(c.next_at, c.id)
    )
    ranked = select(c.id, turn.label("turn")).where(*ready).subquery()
    firsts = select(ranked.c.id).where(ranked.c.turn == 1)
    return mails(conn, c.id.in_(firsts), most=most, first=True)


def of_the_ended(conn: Connection) -> list[int]:
    """List the mails that wait, and whose mailbox has ended."""
    ended = select(integration.c.id).where(integration.c.disconnected_at.is_not(None))
    c = mail.c
    waiting = (c.state == str(Stage.QUEUED), c.integration_id.in_(ended))
    return list(conn.scalars(select(c.id).where(*waiting)))


def sending(conn: Connection) -> list[tuple[int, str]]:
    """List the mails that are being sent, with the worker of each."""
    c = mail.c
    rows = conn.execute(select(c.id, c.holder).where(c.state == str(Stage.SENDING)))
    return [(row[0], row[1] or "") for row in rows]


def is_sending(conn: Connection, integration_id: int) -> bool:
    """Tell whether a mail of a mailbox is being sent now."""
    c = mail.c
    one = (c.integration_id == integration_id, c.state == str(Stage.SENDING))
    return conn.scalar(select(c.id).where(*one).limit(1)) is not None


def in_hands(conn: Connection, mail_id: int) -> tuple[Stage, str] | None:
    """Tell the stage of a mail and whose hands it is in; it stays so until the end."""
    c = mail.c
    query = select(c.state, c.holder).where(c.id == mail_id).with_for_update()
    row = conn.execute(query).first()
    return (Stage(row.state), row.holder or "") if row else None


def sent_since(
    conn: Connection, integration_id: int, since: datetime
) -> list[datetime]:
    """Give when mails of a mailbox were sent, or may have been: oldest first."""
    c = mail.c
    mine = c.integration_id == integration_id
    sent = select(c.sent_at).where(mine, c.state == str(Stage.SENT), c.sent_at > since)
    at = func.coalesce(c.sent_at, c.tried_at)
    counts_now = or_(
        c.state.in_([str(Stage.SENDING), str(Stage.UNCERTAIN)]),
        c.sent_at.is_not(None),  # it waits for the rest of its recipients
    )
    on_the_way = c.state.in_([str(stage) for stage in WAITING])
    maybe = select(at).where(mine, on_the_way, counts_now, at > since)
    return sorted([*conn.scalars(sent), *conn.scalars(maybe)])


def hold_on(
    conn: Connection, held: Mail, now: datetime
) -> tuple[datetime, Problem] | None:
    """Tell what keeps a mail waiting as it does its mailbox's others, and until when.

    One mail asks for all, the eldest of those that have met something that is not only
    about themselves: it does not wait. A login that was changed since holds up nothing;
    one that nobody changed for a day holds up what comes after, too, for a while.
    """
    c = mail.c
    lately = (c.state == str(Stage.FAILED), c.tried_at > now - LATELY)
    query = (
        select(c.id, c.next_at, c.problem_code, c.problem_facts)
        .join(integration, integration.c.id == c.integration_id)
        .where(
            c.integration_id == held.integration_id,
            c.state.in_([str(Stage.QUEUED), str(Stage.FAILED)]),  # for the index
            or_(
                c.state == str(Stage.QUEUED),
                and_(*lately, c.problem_code.in_(OF_A_LOGIN)),
            ),
            c.tries > 0,
            c.problem_code.is_not(None),
            c.problem_code.not_in(OF_A_MAIL),
            _is_of_this_login(),
        )
        .order_by(c.id)
    )
    row = conn.execute(query.limit(1)).first()
    if row is None or row.id == held.id:
        return None
    return row.next_at, Problem(row.problem_code, row.problem_facts or {})


def to_wake(conn: Connection, now: datetime) -> list[int]:
    """List the mails whose login was refused, and has been changed since."""
    c = mail.c
    query = (
        select(c.id)
        .join(integration, integration.c.id == c.integration_id)
        .where(
            c.state == str(Stage.QUEUED),
            c.next_at > now,
            c.problem_code.in_(OF_A_LOGIN),
            c.tried_at < integration.c.credentials_at,
        )
    )
    return list(conn.scalars(query))


def wake(conn: Connection, ids: Collection[int], now: datetime) -> None:
    """Let mails that wait be tried now."""
    waits = (mail.c.id.in_(list(ids)), mail.c.state == str(Stage.QUEUED))
    conn.execute(update(mail).where(*waits).values(next_at=now))


def live_of_activity(conn: Connection, activity_id: int) -> list[int]:
    """List the mails of an activity that are on their way, but for follow-ups."""
    c = mail.c
    on_the_way = [str(s) for s in (Stage.QUEUED, Stage.SENDING, Stage.UNCERTAIN)]
    mine = (c.activity_id == activity_id, c.state.in_(on_the_way))
    return list(conn.scalars(select(c.id).where(*mine, c.follows_id.is_(None))))


def forget_content(conn: Connection, before: datetime, most: int = 100) -> int:
    """Drop the content of mails that failed, or were cancelled, before a time."""
    c = mail.c
    ended = [str(Stage.FAILED), str(Stage.CANCELLED)]
    old = (c.state.in_(ended), c.next_at < before, c.content.is_not(None))
    some = select(c.id).where(*old).limit(most)
    done = conn.execute(update(mail).where(c.id.in_(some)).values(content=None))
    return done.rowcount


def _is_of_this_login() -> Any:
    since = integration.c.credentials_at
    return or_(since.is_(None), mail.c.tried_at >= since)
