"""The fleet: where every integration stands, sorted and filtered by the database.

Only `integration`, `owner` and the open incidents are read for all of them; what else
a page shows is read for the few that are on it.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    case,
    func,
    or_,
    select,
    type_coerce,
)

from core.incidents import RANK, Level
from core.model import State
from core.store.frames import frame
from core.store.rollups import SLOT_MS
from core.store.schema import folder, integration, owner, rollup
from core.store.watch_tables import incident
from core.text import fold

# Rank and beginning of a warning in one number, so that the least is of the worst
# warning: milliseconds since 1970 have 42 bits until 2109.
RANK_STEP = 1 << 42


class Group(IntEnum):
    """Where an integration stands, the worst first; it is in one group only."""

    NEEDS_PERSON = 0
    RETRYING = 1
    WARNING = 2
    WAITING = 3
    OK = 4
    PAUSED = 5
    ENDED = 6

    @property
    def word(self) -> str:
        """Give its name in links and texts."""
        return self.name.lower()


class Sort(StrEnum):
    """What rows are sorted by: `worst` first, names upwards, the most or longest."""

    WORST = "worst"
    OWNER = "owner"
    ADDRESS = "address"
    PROVIDER = "provider"
    LAG = "lag"
    COVERAGE = "coverage"
    UNREAD = "unread"
    SINCE = "since"


@dataclass(frozen=True, slots=True)
class Question:
    """Which rows to show. `group` None: all that are live; other None: whichever.

    `provider` and `team` may be empty: of none. `page` counts from 1.
    """

    group: Group | None = None
    provider: str | None = None
    team: str | None = None
    search: str = ""
    sort: Sort = Sort.WORST
    page: int = 1


def totals(conn: Connection, asked: Question) -> dict[Group, int]:
    """Count the integrations of each group under the other filters."""
    group, _, source = _standing(asked)
    query = _filtered(select(group.label("group"), func.count()), asked)
    rows = conn.execute(query.select_from(source).group_by("group")).all()
    return dict.fromkeys(Group, 0) | {Group(number): count for number, count in rows}


def ids(conn: Connection, asked: Question, size: int) -> dict[int, Group]:
    """Give the integrations of a page in their order, each with its group."""
    group, worst, source = _standing(asked)
    query = _filtered(select(integration.c.id, group), asked).select_from(source)
    if asked.group is None:
        query = query.where(integration.c.disconnected_at.is_(None))
    else:
        query = query.where(group == asked.group.value)
    order = _order(asked.sort, group, worst)
    page = query.order_by(*order, integration.c.id).limit(size)
    rows = conn.execute(page.offset((asked.page - 1) * size))
    return {one: Group(number) for one, number in rows}


def rows(conn: Connection, some: Collection[int]) -> pd.DataFrame:
    """Give what integrations say of themselves, one row each, in no order.

    id, owner, team, address, provider, state, paused, login_ok_at, seen_at,
    last_sync_at, lease_until, unread, short, problem_code, problem_facts,
    problem_since.
    """
    c = integration.c
    columns = (
        c.id, owner.c.name.label("owner"), owner.c.team, c.address, c.provider,
        c.state, c.paused, c.login_ok_at, c.seen_at, c.last_sync_at, c.lease_until,
        c.unread, c.short, c.problem_code, c.problem_facts, c.problem_since,
    )  # fmt: skip
    return frame(conn, select(*columns).join(owner).where(c.id.in_(some)))


def partly_read(conn: Connection, some: Collection[int]) -> dict[int, str]:
    """Tell of integrations with folders that are not read to the end: which way.

    "capped": the server shows a part of one; "reading": one is being read. Those in
    neither way are left out.
    """
    c = folder.c
    unread = or_(c.low.is_(None), c.low > 1, c.building_uidvalidity.is_not(None))
    reading = unread & c.problem_code.is_(None)
    there = (c.missing_since.is_(None), c.selectable)
    found = conn.execute(
        select(
            c.integration_id,
            func.max(case((reading, 1), else_=0)),
            func.max(case((c.capped, 1), else_=0)),
        )
        .where(c.integration_id.in_(some), *there)
        .group_by(c.integration_id)
    )
    ways = {one: "reading" if read else "capped" * cap for one, read, cap in found}
    return {one: way for one, way in ways.items() if way}


def arrivals(
    conn: Connection, some: Collection[int], start_ms: int, end_ms: int
) -> dict[int, int]:
    """Count what was received and not set aside, between two quarters of an hour."""
    c = rollup.c
    found = conn.execute(
        select(c.integration_id, func.sum(c.messages))
        .where(
            c.integration_id.in_(some),
            c.slot >= start_ms // SLOT_MS,
            c.slot < -(-end_ms // SLOT_MS),
            c.direction == "received",
            c.aside == "no",
        )
        .group_by(c.integration_id)
    )
    return {one: int(count) for one, count in found}


def any_at_all(conn: Connection) -> bool:
    """Tell whether there is an integration, live or ended."""
    return conn.execute(select(integration.c.id).limit(1)).first() is not None


def providers(conn: Connection) -> list[str]:
    """List the providers of live integrations, by id; empty: not of the catalogue."""
    c = integration.c
    live = select(c.provider).distinct().where(c.disconnected_at.is_(None))
    return sorted(conn.scalars(live))


def teams(conn: Connection) -> list[str]:
    """List the teams of owners; empty: of none."""
    return sorted(conn.scalars(select(owner.c.team).distinct()), key=fold)


def _standing(asked: Question) -> tuple[ColumnElement[int], ColumnElement[int], Any]:
    """Give the group, the worst warning, and the tables that a question is about."""
    i, c = integration.c, incident.c
    begun = type_coerce(c.since, BigInteger)
    ranks = {code: rank * RANK_STEP for code, rank in RANK.items()}
    rank = case(ranks, value=c.code, else_=len(RANK) * RANK_STEP)
    warned = (
        select(c.integration_id, func.min(rank + begun).label("worst"))
        .where(c.ended_at.is_(None), c.level == str(Level.WARNING))
        .group_by(c.integration_id)
        .subquery("warned")
    )
    needs = [State.NEEDS_PASSWORD, State.NEEDS_PERMISSION, State.NEEDS_ATTENTION]
    # Plain numbers: a driver of PostgreSQL does not know our enumeration.
    group = case(
        (i.disconnected_at.is_not(None), Group.ENDED.value),
        (i.paused, Group.PAUSED.value),
        (i.state.in_([str(state) for state in needs]), Group.NEEDS_PERSON.value),
        (i.state == str(State.RETRYING), Group.RETRYING.value),
        (warned.c.worst.is_not(None), Group.WARNING.value),
        (i.last_sync_at.is_(None), Group.WAITING.value),
        else_=Group.OK.value,
    )
    source = integration.outerjoin(warned, warned.c.integration_id == i.id)
    if asked.team is not None or asked.search or asked.sort is Sort.OWNER:
        source = source.join(owner, owner.c.id == i.owner_id)
    return group, warned.c.worst, source


def _filtered(query: Any, asked: Question) -> Any:
    """Leave what a question asks for, but for its group."""
    if asked.provider is not None:
        query = query.where(integration.c.provider == asked.provider)
    if asked.team is not None:
        query = query.where(owner.c.team == asked.team)
    for word in asked.search.split():
        named = owner.c.folded.contains(fold(word), autoescape=True)
        address = func.lower(integration.c.address)
        query = query.where(named | address.contains(word.lower(), autoescape=True))
    return query


def _order(
    sort: Sort, group: ColumnElement[int], worst: ColumnElement[int]
) -> tuple[ColumnElement[Any], ...]:
    c = integration.c
    problem = type_coerce(c.problem_since, BigInteger)
    seen = type_coerce(c.seen_at, BigInteger)
    connected = type_coerce(c.connected_at, BigInteger)
    longest = func.coalesce(problem, seen, connected)
    worst_first = (group, case((group == Group.WARNING.value, worst), else_=longest))
    since = func.coalesce(problem, worst % RANK_STEP)
    orders: dict[Sort, tuple[ColumnElement[Any], ...]] = {
        Sort.WORST: worst_first,
        Sort.OWNER: (owner.c.folded,),
        Sort.ADDRESS: (func.lower(c.address),),
        # Those of none at the end; an outage stands together.
        Sort.PROVIDER: (c.provider == "", c.provider, *worst_first),
        Sort.LAG: (seen.is_not(None), seen),  # what was never seen lags most
        Sort.COVERAGE: (c.short.desc(), *worst_first),
        Sort.UNREAD: (c.unread.desc(),),
        Sort.SINCE: (since.is_(None), since),
    }
    return orders[sort]
