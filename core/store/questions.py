"""Messages that may be answered, one by one, with the first answer to each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Connection,
    Select,
    and_,
    case,
    func,
    or_,
    select,
    type_coerce,
)

from core.store.counting_tables import correspondent, response
from core.store.schema import integration, message, owner

SIDES = ("ours", "theirs")
LATEST_MS = 1 << 53
R = response.c


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
) -> pd.DataFrame:
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
    return _frame(conn, query.limit(most))


def waiting(
    conn: Connection,
    integration_ids: Sequence[int] | None,
    side: str,
    between: tuple[int, int],
    most: int,
) -> pd.DataFrame:
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
    return _frame(conn, query.limit(most))


def _wanted() -> Select[Any]:
    whom = case((R.side == "ours", message.c.from_address), else_=message.c.recipients)
    return (
        select(
            R.message_id, R.integration_id, owner.c.name.label("owner"),
            owner.c.team, R.side, func.coalesce(whom, "").label("whom"),
            correspondent.c.name.label("domain"),
            type_coerce(R.asked_ms, BigInteger).label("asked_ms"),
            type_coerce(R.answered_ms, BigInteger).label("answered_ms"), R.answer_id,
        )
        .select_from(response)
        .join(integration, integration.c.id == R.integration_id)
        .join(owner)
        .join(correspondent, correspondent.c.id == R.domain_id)
        .outerjoin(message, message.c.id == R.message_id)
        .order_by(R.asked_ms, R.message_id)
    )  # fmt: skip


def _frame(conn: Connection, query: Select[Any]) -> pd.DataFrame:
    found = pd.DataFrame(
        [tuple(row) for row in conn.execute(query)],
        columns=[column.name for column in query.selected_columns],
    )
    found["domain"] = found["domain"].astype(object).str.removeprefix("@")
    for name in ("answered_ms", "answer_id"):
        found[name] = found[name].astype("Int64")
    return found
