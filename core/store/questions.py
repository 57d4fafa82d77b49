"""Messages that may be answered, one by one, with the first answer to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, case, func, or_, select

from core.store.counting_tables import correspondent, response
from core.store.schema import integration, message, owner

SIDES = ("ours", "theirs")
LATEST_MS = 1 << 53
R = response.c


class Asked(NamedTuple):
    """A message that may be answered. `whom`: with whom it is, as the mail says it."""

    message_id: int
    integration_id: int
    owner: str
    team: str
    side: str
    whom: str
    domain: str
    asked_ms: int
    answered_ms: int | None
    answer_id: int | None


class After(NamedTuple):
    """The place of a question among those of its mailbox and side."""

    asked_ms: int = -LATEST_MS
    message_id: int = 0


def rows(
    conn: Connection,
    integration_id: int,
    side: str,
    between: tuple[int, int],
    after: After,
    most: int,
) -> list[Asked]:
    """Give questions of a mailbox that came in [start, end), oldest first."""
    start, end = between
    further = or_(
        R.asked_ms > after.asked_ms,
        and_(R.asked_ms == after.asked_ms, R.message_id > after.message_id),
    )
    query = _wanted().where(
        R.integration_id == integration_id,
        R.side == side,
        R.asked_ms >= max(start, after.asked_ms),
        R.asked_ms < end,
        further,
    )
    return _found(conn, query.limit(most))


def waiting(
    conn: Connection,
    integration_ids: Sequence[int] | None,
    side: str,
    between: tuple[int, int],
    most: int,
) -> list[Asked]:
    """Give questions without an answer, oldest first; ids None: of every mailbox."""
    start, end = between
    query = _wanted().where(
        R.answered_ms.is_(None),
        R.side == side,
        R.asked_ms >= start,
        R.asked_ms < end,
    )
    if integration_ids is not None:
        query = query.where(R.integration_id.in_(integration_ids))
    return _found(conn, query.limit(most))


def _wanted() -> Select[Any]:
    ours = R.side == "ours"
    whom = case((ours, message.c.from_address), else_=message.c.recipients)
    return (
        select(
            R.message_id, R.integration_id, owner.c.name, owner.c.team, R.side,
            func.coalesce(whom, ""), correspondent.c.name, R.asked_ms, R.answered_ms,
            R.answer_id,
        )
        .select_from(response)
        .join(integration, integration.c.id == R.integration_id)
        .join(owner)
        .join(correspondent, correspondent.c.id == R.domain_id)
        .outerjoin(message, message.c.id == R.message_id)
        .order_by(R.asked_ms, R.message_id)
    )  # fmt: skip


def _found(conn: Connection, query: Select[Any]) -> list[Asked]:
    rows = (Asked(*row) for row in conn.execute(query))
    return [one._replace(domain=one.domain.removeprefix("@")) for one in rows]
