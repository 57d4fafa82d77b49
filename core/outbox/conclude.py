"""Write what became of a mail: within one transaction, which is the caller's."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from core.outbox.outcome import Result
from core.outbox.turn import FIRST_CANCELLED, FIRST_FAILED, Stop
from core.outgoing import (
    CopyStage,
    Evidence,
    Mail,
    Recipient,
    Source,
    Stage,
    Step,
    Verdict,
)
from core.store import activities, evidence, outbox

COPY_IS_OVER = {CopyStage.STORED, CopyStage.FOUND, CopyStage.FAILED}
COPY_AFTER = timedelta(seconds=15)  # providers store a copy themselves within that
STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")  # RFC 3463 §2
STEPS = {Verdict.ACCEPTED: Step.ACCEPTED, Verdict.REFUSED: Step.FAILED}


def conclude(
    conn: Connection,
    mail: Mail,
    result: Result,
    now: datetime,
    stages: Collection[Stage] = (Stage.SENDING,),
) -> bool:
    """Write what follows from a try; False: the mail is in none of these stages."""
    values: dict[str, Any] = {
        "stage": result.stage,
        "next_at": result.next_at,
        "said": result.said,
        "problem": result.problem,
        "at_brink": result.stage is Stage.UNCERTAIN,
    }
    if result.accepted and mail.sent_at is None:
        values |= first_accepted(now)
    if not outbox.change(conn, mail.id, stages, **values):
        return False
    outbox.tell(conn, mail.id, result.told)
    _testify(conn, mail.id, result.told, Source.SMTP, now)
    if result.accepted:
        mark_done(conn, mail, now)
    if result.stage is Stage.FAILED:
        end_followers(conn, mail.id, FIRST_FAILED)
        if not result.told:
            step = Evidence(Step.FAILED, Source.SMTP, now, diagnostic=result.said)
            evidence.add(conn, mail.id, step)
    if result.stage is Stage.SENT and mail.copy in COPY_IS_OVER:
        outbox.drop_content(conn, mail.id)
    return True


def stop(conn: Connection, mail: Mail, why: Stop) -> None:
    """Write that a queued mail is not sent; one that some have got stays sent."""
    stage = Stage.SENT if mail.sent_at else why.stage
    values = {"stage": stage, "problem": why.problem, "ended_why": why.why}
    if not outbox.change(conn, mail.id, [Stage.QUEUED], **values):
        return
    if stage is not Stage.SENT:
        failed = stage is Stage.FAILED
        end_followers(conn, mail.id, FIRST_FAILED if failed else FIRST_CANCELLED)


def first_accepted(now: datetime) -> dict[str, Any]:
    """Give what changes once a mail is taken for somebody: a copy is wanted."""
    return {
        "sent_at": now,
        "copy": CopyStage.WANTED,
        "copy_tries": 0,
        "copy_next_at": now + COPY_AFTER,
    }


def mark_done(conn: Connection, mail: Mail, now: datetime) -> None:
    """Mark the activity of a mail as done; a follow-up finds it done already."""
    if mail.activity_id is not None and mail.follows_id is None:
        activities.set_done(conn, mail.activity_id, now)


def end_followers(conn: Connection, mail_id: int, why: str) -> None:
    """Cancel what waits to be sent if a mail is not answered: it was never sent."""
    for one in outbox.followers(conn, mail_id):
        values = {"stage": Stage.CANCELLED, "ended_why": why}
        outbox.change(conn, one, [Stage.QUEUED], **values)


def by_a_person(
    conn: Connection, mail: Mail, told: Iterable[Recipient], now: datetime
) -> None:
    """Write down that a person says who has got a mail."""
    some = list(told)
    outbox.tell(conn, mail.id, some)
    _testify(conn, mail.id, some, Source.PERSON, now)
    mark_done(conn, mail, now)


def _testify(
    conn: Connection,
    mail_id: int,
    told: Iterable[Recipient],
    source: Source,
    now: datetime,
) -> None:
    for one in told:
        if one.verdict in STEPS:
            found = STATUS.search(one.said)
            step = Evidence(
                STEPS[one.verdict],
                source,
                now,
                recipient=one.address,
                status=found[1] if found else "",
                diagnostic=one.said,
            )
            evidence.add(conn, mail_id, step)
