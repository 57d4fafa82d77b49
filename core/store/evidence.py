"""What became of each mail: the steps of its delivery ladder, each told once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, select, update

from core.outgoing import Evidence, Source, Step
from core.store.bulk import CHUNK, chunks, put_new, put_row
from core.store.sending_tables import evidence, evidence_mark, mail
from core.store.threads import header_hash


def add(conn: Connection, mail_id: int, one: Evidence) -> bool:
    """Write down a step that was seen; False: it is known already."""
    row = {
        "mail_id": mail_id,
        "step": str(one.step),
        "source": str(one.source),
        "at": one.at,
        "recipient": one.recipient,
        "status": one.status,
        "diagnostic": one.diagnostic,
        "told_by": one.message_id or 0,
    }
    if not put_new(conn, evidence, row):
        return False
    if one.seen:
        seen = mail.c.seen.op("|")(int(one.seen))
        conn.execute(update(mail).where(mail.c.id == mail_id).values(seen=seen))
    return True


def link(conn: Connection, mail_id: int, step: Step, message_id: int) -> None:
    """Let a step that is known be told by a message that has come to the store."""
    c = evidence.c
    known = (c.mail_id == mail_id, c.step == str(step), c.told_by == 0)
    conn.execute(update(evidence).where(*known).values(told_by=message_id))


def of_mails(conn: Connection, ids: Collection[int]) -> dict[int, list[Evidence]]:
    """Give what was seen of each mail, in the order of time."""
    found: dict[int, list[Evidence]] = defaultdict(list)
    c = evidence.c
    for part in chunks(ids, CHUNK):
        query = select(evidence).where(c.mail_id.in_(part)).order_by(c.at, c.id)
        for row in conn.execute(query):
            found[row.mail_id].append(
                Evidence(
                    Step(row.step),
                    Source(row.source),
                    row.at,
                    row.recipient,
                    row.status,
                    row.diagnostic,
                    row.told_by or None,
                )
            )
    return found


def named(
    conn: Connection, integration_id: int, message_ids: Collection[str]
) -> dict[str, int]:
    """Give which mails of a mailbox have these Message-IDs (with angle brackets)."""
    by_hash = {header_hash(one): one for one in message_ids}
    c = mail.c
    found: dict[str, int] = {}
    for part in chunks(list(by_hash), CHUNK):
        query = select(c.id, c.message_id).where(
            c.integration_id == integration_id, c.header_hash.in_(part)
        )
        found |= {row.message_id: row.id for row in conn.execute(query)}
    return {one: found[one] for one in message_ids if one in found}


def mark(conn: Connection, integration_id: int) -> int:
    """Give up to which message of a mailbox evidence was looked for."""
    c = evidence_mark.c
    upto = conn.scalar(select(c.upto).where(c.integration_id == integration_id))
    return int(upto or 0)


def set_mark(conn: Connection, integration_id: int, upto: int) -> None:
    """Write up to which message of a mailbox evidence was looked for."""
    put_row(conn, evidence_mark, {"integration_id": integration_id}, {"upto": upto})
