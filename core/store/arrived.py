"""What has come to a mailbox since it was last looked for news of what it has sent."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, select

from core.model import Integration, Role
from core.store import evidence
from core.store.bulk import CHUNK, chunks
from core.store.schema import folder, message, placement
from core.store.sending_tables import evidence_mark, mail, mail_recipient, sender

EARLIER = timedelta(days=1)  # by as much may the clock of a mail server be behind
M = message.c


class Arrived(NamedTuple):
    """What the header of a message tells; `id` is its row."""

    id: int
    direction: str
    kind: str
    from_address: str
    message_id: str
    in_reply_to: str
    refs: str
    received_at: datetime
    subject: str = ""  # empty, too, where none is kept


def since(conn: Connection, integration_id: int) -> int | None:
    """Give the id after which messages are to be looked at; None: nothing was sent.

    Of a mailbox that sends its first mail, what came before that is left out.
    """
    first = conn.scalar(
        select(func.min(mail.c.made_at)).where(mail.c.integration_id == integration_id)
    )
    if first is None:
        return None
    if marked := evidence.mark(conn, integration_id):
        return marked
    mine = (M.integration_id == integration_id, M.at >= first - EARLIER)
    oldest = conn.scalar(select(func.min(M.id)).where(*mine))
    return newest(conn) if oldest is None else int(oldest) - 1


def after(conn: Connection, integration_id: int, upto: int, most: int) -> list[Arrived]:
    """List the messages of a mailbox after an id, up to so many."""
    query = select(
        M.id,
        M.direction,
        M.kind,
        M.from_address,
        M.message_id,
        M.in_reply_to,
        M.refs,
        M.received_at,
        M.subject,
    ).where(M.integration_id == integration_id, M.id > upto)
    return [Arrived(*row) for row in conn.execute(query.order_by(M.id).limit(most))]


def newest(conn: Connection) -> int:
    """Give the highest id of a message, of whatever mailbox."""
    return int(conn.scalar(select(func.max(M.id))) or 0)


def in_sent(conn: Connection, ids: Collection[int]) -> set[int]:
    """Tell which of some messages lie in a folder of sent mail."""
    p, f = placement.c, folder.c
    found: set[int] = set()
    for part in chunks(ids, CHUNK):
        query = (
            select(p.message_id)
            .join(folder, f.id == p.folder_id)
            .where(
                p.message_id.in_(part),
                p.generation == f.generation,
                f.role == str(Role.SENT),
                f.missing_since.is_(None),
            )
        )
        found.update(conn.scalars(query))
    return found


def wrote_in_bulk(conn: Connection, integration_id: int, address: str) -> bool:
    """Tell whether a mailbox has sent bulk mail to an address."""
    r = mail_recipient.c
    sent = (
        select(mail.c.id)
        .join(mail_recipient, r.mail_id == mail.c.id)
        .where(
            mail.c.integration_id == integration_id,
            mail.c.bulk,
            func.lower(r.address) == address.lower(),
        )
    )
    return conn.scalar(sent.limit(1)) is not None


def own_addresses(conn: Connection, integration: Integration) -> frozenset[str]:
    """Give the addresses that a mailbox writes from, lower case."""
    mine = sender.c.integration_id == integration.id
    aliases = conn.scalar(select(sender.c.aliases).where(mine)) or []
    addresses = {integration.address, integration.login, *map(str, aliases)}
    return frozenset(one.lower() for one in addresses)


def behind(conn: Connection, now: datetime) -> list[int]:
    """List mailboxes with a message of the last two days that was not looked at.

    A run that was cut off leaves some; where nothing happens after it, nothing else
    would begin another.
    """
    c = evidence_mark.c
    waits = exists().where(
        M.integration_id == c.integration_id,
        M.at > now - 2 * EARLIER,
        M.id > c.upto,
    )
    return list(conn.scalars(select(c.integration_id).where(waits)))
