"""What people do to a mail of the outbox: cancel, try again, settle what is uncertain.

Each act is in the audit log, in the transaction that does it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from core.errors import NotThatStage
from core.outbox import conclude
from core.outbox.turn import FIRST_CANCELLED, FIRST_FAILED
from core.outgoing import Mail, Recipient, Stage, Verdict
from core.runtime import Runtime
from core.store import outbox, runs
from core.store.engine import writing

BY_HAND = "by_hand"


def cancel(runtime: Runtime, mail_id: int, actor: str) -> None:
    """Cancel a mail that waits, or give up one that failed; its follow-up goes with it.

    One that some recipients have got stays sent, and is not tried for the others.

    Raises:
        NotThatStage: it is being sent, was sent or cancelled, or is uncertain.
        NotFound: there is no such mail.

    """
    with writing(runtime.engine) as conn:
        mail = outbox.get(conn, mail_id)
        stage = Stage.SENT if mail.sent_at else Stage.CANCELLED
        values = {"stage": stage, "ended_why": BY_HAND, "problem": None}
        _change(conn, mail, [Stage.QUEUED, Stage.FAILED], values)
        if stage is Stage.CANCELLED:
            conclude.end_followers(conn, mail_id, FIRST_CANCELLED)
            outbox.drop_content(conn, mail_id)
        _record(conn, "cancel_mail", actor, runtime.clock(), mail)


def try_again(runtime: Runtime, mail_id: int, actor: str) -> None:
    """Queue a mail that failed anew, for all who have not got it; its follow-up, too.

    Raises:
        NotThatStage: it did not fail, or its content is forgotten by now.
        NotFound: there is no such mail.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        mail = outbox.get(conn, mail_id)
        if not outbox.content(conn, mail_id):
            raise NotThatStage(f"mail {mail_id} has no content")
        _change(conn, mail, [Stage.FAILED], _anew(mail, now))
        _forget_refusals(conn, mail)
        _wake_followers(conn, mail_id, now)
        _record(conn, "retry_mail", actor, now, mail)


def settle(runtime: Runtime, mail_id: int, *, sent: bool, actor: str) -> None:
    """Say of an uncertain mail what a person knows: it was sent, or it was not.

    One that was not is sent again: this is the only way that leads there.

    Raises:
        NotThatStage: it is not uncertain, or not any more.
        NotFound: there is no such mail.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        mail = outbox.get(conn, mail_id)
        if sent:
            _was_sent(conn, mail, now)
        else:
            _change(conn, mail, [Stage.UNCERTAIN], _anew(mail, now))
        facts = {"sent": "yes" if sent else "no"}
        _record(conn, "settle_mail", actor, now, mail, **facts)


def _was_sent(conn: Connection, mail: Mail, now: datetime) -> None:
    values = {"stage": Stage.SENT, "ended_why": BY_HAND, "problem": None}
    if mail.sent_at is None:
        values |= conclude.first_accepted(mail.tried_at or now)
    _change(conn, mail, [Stage.UNCERTAIN], values)
    left = set(mail.envelope)
    got = [
        replace(one, verdict=Verdict.ACCEPTED)
        for one in _each(mail.recipients)
        if one.address in left
    ]
    conclude.by_a_person(conn, mail, got, now)


def _anew(mail: Mail, now: datetime) -> dict[str, Any]:
    """Give what makes a mail as one that was never tried.

    The copy of what some recipients have stays as it is.
    """
    looks = {"copy_tries": 0, "copy_next_at": None} if mail.sent_at is None else {}
    return {
        **looks,
        "stage": Stage.QUEUED,
        "next_at": now,
        "not_before": now,
        "tries": 0,
        "at_brink": False,
        "problem": None,
        "said": "",
        "ended_why": "",
    }


def _forget_refusals(conn: Connection, mail: Mail) -> None:
    again = [
        replace(one, verdict=Verdict.WAITING, code=0, said="")
        for one in _each(mail.recipients)
        if one.verdict is not Verdict.ACCEPTED
    ]
    outbox.tell(conn, mail.id, again)


def _each(recipients: Iterable[Recipient]) -> list[Recipient]:
    return list({one.address: one for one in recipients}.values())


def _wake_followers(conn: Connection, mail_id: int, now: datetime) -> None:
    """Queue what was cancelled only because the mail before it had failed."""
    for one in outbox.following(conn, mail_id):
        if one.stage is Stage.CANCELLED and one.ended_why == FIRST_FAILED:
            at = max(now, one.not_before)
            values = {"stage": Stage.QUEUED, "ended_why": "", "next_at": at}
            outbox.change(conn, one.id, [Stage.CANCELLED], **values)


def _change(
    conn: Connection, mail: Mail, stages: list[Stage], values: dict[str, Any]
) -> None:
    if not outbox.change(conn, mail.id, stages, **values):
        raise NotThatStage(f"mail {mail.id} is {mail.stage}")


def _record(
    conn: Connection, act: str, actor: str, now: datetime, mail: Mail, **facts: str
) -> None:
    one = mail.integration_id
    runs.record(conn, act, actor, now, one, id=str(mail.id), **facts)
