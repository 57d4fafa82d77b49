"""The copy of a sent mail in Sent, and what a copy proves of a mail that is uncertain.

The caller holds the lease of the mailbox: no two runs see to the same copy.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection, select

from core.errors import MailError
from core.model import Problem
from core.outgoing import CopyStage, Evidence, Mail, Source, Stage, Step, Verdict
from core.store import activities, evidence, outbox
from core.store.sending_tables import mail as table

THERE = (CopyStage.STORED, CopyStage.FOUND)
FOUND = "found"  # why an uncertain mail is a sent one
EVERY = tuple(Stage)  # a mail that waits for some recipients has a copy, too


def begin(conn: Connection, mail: Mail, look_at: datetime) -> Mail:
    """Write, before it is stored, that a copy may be there from now on."""
    tries = mail.copy_tries + 1
    values = {"copy": CopyStage.BEGUN, "copy_tries": tries, "copy_next_at": look_at}
    outbox.change(conn, mail.id, EVERY, **values)
    return replace(mail, copy=CopyStage.BEGUN, copy_tries=tries, copy_next_at=look_at)


def put_off(conn: Connection, mail: Mail, until: datetime, tries: int) -> None:
    """See to a copy, or look for an uncertain mail, once more then."""
    wanted = CopyStage.WANTED if mail.copy is CopyStage.BEGUN else mail.copy
    values = {"copy": wanted, "copy_tries": tries, "copy_next_at": until}
    outbox.change(conn, mail.id, EVERY, **values)


def there(
    conn: Connection,
    mail: Mail,
    copy: CopyStage,
    at: datetime,
    message_id: int | None = None,
) -> None:
    """Write that the copy is in Sent since then; `message_id`: which message it is."""
    mended = {"problem": None} if mail.copy is CopyStage.FAILED else {}
    values = {"copy": copy, "copy_next_at": None, **mended}
    outbox.change(conn, mail.id, EVERY, **values)
    known = evidence.of_mails(conn, [mail.id]).get(mail.id, [])
    if not any(one.step is Step.IN_SENT for one in known):
        step = Evidence(Step.IN_SENT, Source.SENT_FOLDER, at, message_id=message_id)
        evidence.add(conn, mail.id, step)
    _drop_content(conn, mail)


def give_up(conn: Connection, mail: Mail, error: MailError) -> None:
    """Write that there will be no copy, and why; the mail is sent all the same."""
    values = {"copy": CopyStage.FAILED, "copy_next_at": None}
    outbox.change(conn, mail.id, EVERY, **values)
    problem = Problem(error.code, error.facts)
    outbox.change(conn, mail.id, [Stage.SENT], problem=problem)
    _drop_content(conn, mail)


def was_sent(
    conn: Connection, mail: Mail, at: datetime, source: Source, look_at: datetime
) -> Mail | None:
    """Write that an uncertain mail was accepted; its copy is seen to at `look_at`.

    Gives the mail as it is now; None: a person has settled it meanwhile.
    """
    values = {
        "stage": Stage.SENT,
        "sent_at": at,
        "ended_why": FOUND,
        "at_brink": False,
        "problem": None,
        "copy": CopyStage.WANTED,
        "copy_tries": 0,
        "copy_next_at": look_at,
    }
    if not outbox.change(conn, mail.id, [Stage.UNCERTAIN], **values):
        return None
    asked = set(mail.envelope)
    new = [r for r in mail.recipients if r.verdict is Verdict.WAITING]
    # Of those who were put off before, it is not known whether they were this time;
    # but if there is nobody else, it was one of them.
    for one in new or [r for r in mail.recipients if r.address in asked]:
        accepted = replace(one, verdict=Verdict.ACCEPTED, code=0, said="")
        outbox.tell(conn, mail.id, [accepted])
        step = Evidence(Step.ACCEPTED, source, at, recipient=one.address)
        evidence.add(conn, mail.id, step)
    if mail.activity_id is not None and mail.follows_id is None:
        activities.set_done(conn, mail.activity_id, at)
    return outbox.get(conn, mail.id)


def send_again(conn: Connection, mail: Mail, now: datetime) -> bool:
    """Queue an uncertain mail that was certainly not accepted, as if it were new."""
    again = {
        "stage": Stage.QUEUED,
        "not_before": now,
        "next_at": now,
        "tries": 0,
        "at_brink": False,
        "problem": None,
        "said": "",
        "copy_tries": 0,
        "copy_next_at": None,
    }
    return outbox.change(conn, mail.id, [Stage.UNCERTAIN], **again)


def provider_stores(conn: Connection, integration_id: int, looks: int) -> bool:
    """Tell whether a copy of a mail was seen that nobody but the provider has stored.

    `looks`: after so many looks a copy would have been stored by us.
    """
    c = table.c
    seen = select(c.id).where(
        c.integration_id == integration_id,
        c.copy == str(CopyStage.FOUND),
        c.copy_tries <= looks,
        c.sent_at.is_not(None),
    )
    return conn.scalar(seen.limit(1)) is not None


def _drop_content(conn: Connection, mail: Mail) -> None:
    if mail.stage is Stage.SENT:
        outbox.drop_content(conn, mail.id)
