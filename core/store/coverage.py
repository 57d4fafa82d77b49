"""How much of their mailboxes numbers stand on: whole ones, and since which day."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    or_,
    select,
    type_coerce,
)

from core.store.counting_tables import team
from core.store.instants import from_ms
from core.store.rollups import SLOT_MS
from core.store.schema import folder, integration, owner, rollup

LIVE = integration.c.disconnected_at.is_(None)


class Covered(NamedTuple):
    """How many mailboxes are live, and what is wrong with some of them.

    `behind`: not followed to this moment, the one for longest `since` then; `partial`:
    followed, but not all of their mail is held. `first`: of what is held, ended
    mailboxes too; None: nothing is.
    """

    live: int
    behind: int
    partial: int
    since: datetime | None
    first: datetime | None


def of_scope(conn: Connection, scope: int, late: datetime) -> Covered:
    """Look at the mailboxes of a scope; who was not seen since `late` is behind."""
    c = integration.c
    behind = and_(
        LIVE,
        or_(
            c.last_sync_at.is_(None),
            c.paused,
            c.problem_code.is_not(None),
            c.seen_at.is_(None),
            c.seen_at < late,
        ),
    )
    partial = and_(LIVE, or_(c.short > 0, _partly_read()))
    since = func.coalesce(
        type_coerce(c.seen_at, BigInteger), type_coerce(c.connected_at, BigInteger)
    )
    # The first row of each in an index, however many there are.
    first = select(func.min(rollup.c.slot)).where(rollup.c.integration_id == c.id)
    each = select(
        case((LIVE, 1), else_=0).label("live"),
        case((behind, 1), else_=0).label("behind"),
        case((behind, 0), (partial, 1), else_=0).label("partial"),
        case((behind, since)).label("since"),
        first.correlate(integration).scalar_subquery().label("first"),
    )
    if scope > 0:
        each = each.where(c.id == scope)
    elif scope < 0:
        of_team = team.c.name == owner.c.team
        each = each.join(owner).join(team, of_team).where(team.c.id == -scope)
    one = each.subquery()
    row = conn.execute(
        select(
            func.coalesce(func.sum(one.c.live), 0),
            func.coalesce(func.sum(one.c.behind), 0),
            func.coalesce(func.sum(one.c.partial), 0),
            func.min(one.c.since),
            func.min(one.c.first),
        )
    ).one()
    return Covered(
        int(row[0]),
        int(row[1]),
        int(row[2]),
        None if row[3] is None else from_ms(row[3]),
        None if row[4] is None else from_ms(row[4] * SLOT_MS),
    )


def _partly_read() -> ColumnElement[bool]:
    """Tell of a mailbox that has a folder which is not held to its end."""
    c = folder.c
    return exists().where(
        c.integration_id == integration.c.id,
        c.missing_since.is_(None),
        c.selectable,
        or_(
            c.low.is_(None),
            c.low > 1,
            c.building_uidvalidity.is_not(None),
            c.capped,
            c.problem_code.is_not(None),
        ),
    )
