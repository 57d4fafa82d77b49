"""The outbox: mail that waits, is being sent, is sent, or is not.

A worker takes a mail by writing its name on it (`take`), in one statement that only
one can win. Right before the final dot it writes `brink`; a mail whose worker died is
queued again if that was not reached, and is uncertain if it was (`recover`).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from core.errors import NotFound
from core.model import Problem
from core.outgoing import (
    WAITING,
    CopyStage,
    Field,
    Mail,
    Recipient,
    Stage,
    Verdict,
)
from core.store.bulk import CHUNK, chunks
from core.store.sending_tables import mail, mail_recipient
from core.store.threads import header_hash

WHOLE = [column for column in mail.c if column.name != "content"]
LISTED_MAX = 500


def add(
    conn: Connection,
    values: dict[str, Any],
    content: bytes,
    recipients: Sequence[Recipient],
) -> int:
    """Put a mail into the outbox; give its id. `values`: columns by name."""
    row = {
        "state": str(Stage.QUEUED),
        "copy": str(CopyStage.NONE),
        "header_hash": header_hash(values["message_id"]),
        "size_bytes": len(content),
        **values,
    }
    made = insert(mail).values(content=content, **row).returning(mail.c.id)
    mail_id = int(conn.scalars(made).one())
    conn.execute(
        insert(mail_recipient),
        [
            {
                "mail_id": mail_id,
                "number": number,
                "field": str(one.field),
                "name": one.name,
                "address": one.address,
                "verdict": str(one.verdict),
                "code": one.code,
                "said": one.said,
            }
            for number, one in enumerate(recipients)
        ],
    )
    return mail_id


def get(conn: Connection, mail_id: int) -> Mail:
    """Give one mail with its recipients.

    Raises:
        NotFound: there is none with this id.

    """
    for one in mails(conn, mail.c.id == mail_id):
        return one
    raise NotFound(what="mail", id=mail_id)


def some(conn: Connection, ids: Collection[int]) -> list[Mail]:
    """Give mails by their ids."""
    return [m for part in chunks(ids, CHUNK) for m in mails(conn, mail.c.id.in_(part))]


def of_activity(conn: Connection, activity_id: int) -> list[Mail]:
    """List the mails of an activity, the newest first."""
    return mails(conn, mail.c.activity_id == activity_id)


def listed(
    conn: Connection,
    *,
    stages: Collection[Stage] = (),
    integration_id: int | None = None,
    before: int | None = None,
    most: int = LISTED_MAX,
    also: Iterable[Any] = (),
) -> list[Mail]:
    """List mails, the newest first; `before`: only with a lower id (to page)."""
    conditions: list[Any] = [*also]
    if stages:
        conditions.append(mail.c.state.in_([str(one) for one in stages]))
    if integration_id is not None:
        conditions.append(mail.c.integration_id == integration_id)
    if before is not None:
        conditions.append(mail.c.id < before)
    return mails(conn, *conditions, most=most)


def counts(conn: Connection, integration_id: int | None = None) -> dict[Stage, int]:
    """Count the mails in each stage: of all mailboxes, or of one."""
    query = select(mail.c.state, func.count()).group_by(mail.c.state)
    if integration_id is not None:
        query = query.where(mail.c.integration_id == integration_id)
    return {Stage(row[0]): row[1] for row in conn.execute(query)}


def content(conn: Connection, mail_id: int) -> bytes:
    """Give what goes over the wire, undotted, with CR LF; empty once it is dropped."""
    return conn.scalar(select(mail.c.content).where(mail.c.id == mail_id)) or b""


def take(conn: Connection, mail_id: int, holder: str, now: datetime) -> bool:
    """Take a mail in hand; False: somebody else has it, or it was cancelled."""
    taken = conn.execute(
        update(mail)
        .where(mail.c.id == mail_id, mail.c.state == str(Stage.QUEUED))
        .values(
            state=str(Stage.SENDING),
            holder=holder,
            at_brink=False,
            tried_at=now,
            tries=mail.c.tries + 1,
        )
    )
    return taken.rowcount == 1


def brink(conn: Connection, mail_id: int, holder: str) -> bool:
    """Write down, before it is sent, that the final dot may be on its way."""
    done = conn.execute(
        update(mail)
        .where(
            mail.c.id == mail_id,
            mail.c.state == str(Stage.SENDING),
            mail.c.holder == holder,
        )
        .values(at_brink=True)
    )
    return done.rowcount == 1


def change(
    conn: Connection, mail_id: int, stages: Collection[Stage], **values: Any
) -> bool:
    """Change a mail if it is in one of these stages; tell whether it was."""
    problem = values.pop("problem", ...)
    if problem is not ...:
        values["problem_code"] = problem.code if problem else None
        values["problem_facts"] = dict(problem.facts) if problem else None
    if "stage" in values:
        values["state"] = str(values.pop("stage"))
        if values["state"] != Stage.SENDING:
            values["holder"] = None
    if "copy" in values:
        values["copy"] = str(values["copy"])
    done = conn.execute(
        update(mail)
        .where(mail.c.id == mail_id, mail.c.state.in_([str(one) for one in stages]))
        .values(**values)
    )
    return done.rowcount == 1


def tell(conn: Connection, mail_id: int, told: Iterable[Recipient]) -> None:
    """Write what the server said of recipients; the same address twice is one."""
    c = mail_recipient.c
    for one in told:
        conn.execute(
            update(mail_recipient)
            .where(c.mail_id == mail_id, c.address == one.address)
            .values(verdict=str(one.verdict), code=one.code, said=one.said)
        )


def drop_content(conn: Connection, mail_id: int) -> None:
    """Forget the content of a mail: it is in Sent, or is not to be sent any more.

    One that waits for some of its recipients keeps it.
    """
    rests = mail.c.state.not_in([str(stage) for stage in WAITING])
    conn.execute(update(mail).where(mail.c.id == mail_id, rests).values(content=None))


def recover(conn: Connection, mail_id: int, holder: str, now: datetime) -> Stage | None:
    """Take a mail from a worker that is dead: queued again, or uncertain.

    None: it is not in that worker's hands any more.
    """
    mine = (
        mail.c.id == mail_id,
        mail.c.state == str(Stage.SENDING),
        mail.c.holder == holder,
    )
    for at_brink, stage in ((False, Stage.QUEUED), (True, Stage.UNCERTAIN)):
        done = conn.execute(
            update(mail)
            .where(*mine, mail.c.at_brink.is_(at_brink))
            .values(state=str(stage), holder=None, next_at=now)
        )
        if done.rowcount == 1:
            return stage
    return None


def copies_wanted(conn: Connection, integration_id: int, now: datetime) -> list[Mail]:
    """List the mails of a mailbox that are sent, and whose copy is to be seen to."""
    return mails(
        conn,
        mail.c.integration_id == integration_id,
        mail.c.copy.in_([str(CopyStage.WANTED), str(CopyStage.BEGUN)]),
        mail.c.copy_next_at <= now,
        first=True,
    )


def uncertain_of(conn: Connection, integration_id: int) -> list[Mail]:
    """List the mails of a mailbox of which it is not known whether they were sent."""
    return mails(
        conn,
        mail.c.integration_id == integration_id,
        mail.c.state == str(Stage.UNCERTAIN),
        first=True,
    )


def to_be_seen_to(conn: Connection, now: datetime) -> list[int]:
    """List the mailboxes with copies, or uncertain mail, to be looked for now."""
    c = mail.c
    copies = select(c.integration_id).where(
        c.copy.in_([str(CopyStage.WANTED), str(CopyStage.BEGUN)]), c.copy_next_at <= now
    )
    unsure = select(c.integration_id).where(
        c.state == str(Stage.UNCERTAIN),
        c.sent_at.is_(None),  # else a copy proves nothing of those it was not sent to
        or_(c.copy_next_at.is_(None), c.copy_next_at <= now),
    )
    return sorted(set(conn.scalars(copies.union(unsure))))


def followers(conn: Connection, mail_id: int) -> list[int]:
    """List what waits to be sent if this mail is not answered."""
    c = mail.c
    waiting = (c.follows_id == mail_id, c.state == str(Stage.QUEUED))
    return list(conn.scalars(select(c.id).where(*waiting)))


def following(conn: Connection, mail_id: int) -> list[Mail]:
    """List the follow-ups of a mail, in whatever stage."""
    return mails(conn, mail.c.follows_id == mail_id)


def mails(
    conn: Connection, *where: Any, most: int | None = None, first: bool = False
) -> list[Mail]:
    """Give the mails that meet conditions: the newest first, or the first in turn."""
    order = (mail.c.next_at, mail.c.id) if first else (mail.c.id.desc(),)
    query = select(*WHOLE).where(*where).order_by(*order)
    rows = conn.execute(query.limit(most) if most else query).all()
    people: dict[int, list[Recipient]] = {row.id: [] for row in rows}
    c = mail_recipient.c
    for part in chunks(list(people), CHUNK):
        found = select(mail_recipient).where(c.mail_id.in_(part))
        for row in conn.execute(found.order_by(c.mail_id, c.number)):
            people[row.mail_id].append(_recipient(row))
    return [_mail(row, people[row.id]) for row in rows]


def _recipient(row: Row[Any]) -> Recipient:
    return Recipient(
        row.address,
        row.name,
        Field(row.field),
        Verdict(row.verdict),
        row.code,
        row.said,
    )


def _mail(row: Row[Any], people: list[Recipient]) -> Mail:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for it
    for name in ("template_id", "header_hash", "holder", "seen"):
        del values[name]
    code, facts = values.pop("problem_code"), values.pop("problem_facts")
    values["stage"] = Stage(values.pop("state"))
    values["copy"] = CopyStage(values["copy"])
    problem = Problem(code, facts or {}) if code else None
    return Mail(**values, problem=problem, recipients=tuple(people))
