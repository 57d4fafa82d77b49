"""Read response times: sums of months, of one scope or of many, and who waits."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sqlalchemy import Connection, Select, TextClause, func, select, text

from core.durations import BUCKETS
from core.response_frames import Group
from core.store.bulk import CHUNK, chunks, tuples
from core.store.counting_tables import correspondent, response, response_month
from core.store.packed import together, unpack
from core.store.schema import integration, owner

T, R = response_month.c, response.c
CLOCKS = {"calendar": T.calendar, "business": T.business}


class Asked(NamedTuple):
    """What is read: a side, a clock, and months by number, both ends included."""

    side: str
    clock: str
    first_month: int
    last_month: int


def by_month(conn: Connection, scope: int, asked: Asked) -> dict[int, Group]:
    """Give what a scope has, by month."""
    return _grouped(conn, _query(asked, "all", T.month, T.scope == scope))


def by_weekday(conn: Connection, scope: int, asked: Asked) -> dict[int, Group]:
    """Give what a scope has, by the weekday on which messages came; 1 is Monday."""
    query = _query(asked, "weekday", T.value, T.scope == scope)
    return _grouped(conn, query)


def by_scope(
    conn: Connection, scopes: Collection[int], asked: Asked
) -> dict[int, Group]:
    """Give what each of some scopes has."""
    found: dict[int, Group] = {}
    for some in chunks(scopes, CHUNK):
        query = _query(asked, "all", T.scope, T.scope.in_(some))
        found |= _grouped(conn, query)
    return found


def by_domain(
    conn: Connection, scope: int, asked: Asked, most: int
) -> dict[str, Group]:
    """Give the domains of everybody, or of a team, that have most."""
    many = func.sum(T.answered + T.waiting)
    mine = (T.scope == scope, *_within(asked, "domain"))
    top = select(T.value).where(*mine).group_by(T.value)
    ids = list(conn.scalars(top.order_by(many.desc(), T.value).limit(most)))
    query = _query(asked, "domain", T.value, T.scope == scope, T.value.in_(ids))
    found = _grouped(conn, query)
    c = correspondent.c
    names = dict(conn.execute(select(c.id, c.name).where(c.id.in_(ids))).all())
    return {names[one].removeprefix("@"): found[one] for one in ids}


def open_days(conn: Connection, scope: int, asked: Asked) -> list[tuple[int, int, int]]:
    """Give (month, day of the month, how many) of what waits still."""
    mine = (T.scope == scope, *_within(asked, "all"))
    rows = conn.execute(select(T.month, T.open_days).where(*mine, T.waiting > 0)).all()
    which, days, n = unpack([bytes(row[1]) for row in rows])
    months = np.array([row[0] for row in rows], np.int64)
    found = zip(months[which].tolist(), days.tolist(), n.tolist(), strict=True)
    return [(month, day, many) for month, day, many in found]


def questions(
    conn: Connection,
    integration_id: int,
    side: str,
    start_ms: int,
    end_ms: int,
    most: int,
) -> pd.DataFrame:
    """Give the newest questions of a mailbox in [start, end), up to so many.

    domain, asked_ms, answered_ms (missing: it waits).
    """
    query = (
        select(correspondent.c.name, R.asked_ms, R.answered_ms)
        .join(correspondent, correspondent.c.id == R.domain_id)
        .where(
            R.integration_id == integration_id,
            R.side == side,
            R.asked_ms >= start_ms,
            R.asked_ms < end_ms,
        )
        .order_by(R.asked_ms.desc())
        .limit(most)
    )
    found = pd.DataFrame(
        tuples(conn, query), columns=["domain", "asked_ms", "answered_ms"]
    )
    return found.assign(
        domain=found["domain"].astype("str").str.removeprefix("@"),
        asked_ms=found["asked_ms"].astype("int64"),
        answered_ms=found["answered_ms"].astype("Int64"),
    )


# The oldest of each mailbox by its own index, and of them the oldest: what it costs
# does not grow with how much waits. Of all mailboxes there is an index of its own.
OLDEST = (
    "SELECT asked_ms, message_id FROM response WHERE {mine} AND side = :side"
    " AND answered_ms IS NULL AND asked_ms >= :start AND asked_ms < :end"
    " ORDER BY asked_ms LIMIT :most"
)
OF_ONE = "integration_id = :one"
LIVE = "integration_id IN (SELECT id FROM integration WHERE disconnected_at IS NULL)"
WAITING = (
    "SELECT r.integration_id, r.message_id, owner.name, integration.address,"
    " m.from_address, m.recipients, m.subject, correspondent.name, r.asked_ms"
    " FROM response r JOIN message m ON m.id = r.message_id"
    " JOIN integration ON integration.id = r.integration_id"
    " JOIN owner ON owner.id = integration.owner_id"
    " JOIN correspondent ON correspondent.id = r.domain_id"
    " WHERE r.message_id IN ({ids}) ORDER BY r.asked_ms, r.message_id"
)
WAITING_COLUMNS = (
    "integration_id", "message_id", "owner", "address", "from_address", "recipients",
    "subject", "domain", "asked_ms",
)  # fmt: skip


def owners(conn: Connection, integrations: Collection[int]) -> dict[int, str]:
    """Give the names of the owners of mailboxes."""
    i, out = integration.c, dict[int, str]()
    for some in chunks(integrations, CHUNK):
        query = select(i.id, owner.c.name).join(owner, owner.c.id == i.owner_id)
        out |= {row[0]: row[1] for row in conn.execute(query.where(i.id.in_(some)))}
    return out


def waiting(
    conn: Connection,
    integrations: Sequence[int] | None,
    side: str,
    start_ms: int,
    end_ms: int,
    most: int,
) -> pd.DataFrame:
    """Give what waits for an answer, oldest first: of some mailboxes, or of all.

    Of all, those that are disconnected are left out: nobody answers there any more.
    """
    params = {"side": side, "start": start_ms, "end": end_ms, "most": most}
    which = OLDEST.format(mine=LIVE if integrations is None else OF_ONE)
    if integrations is None:
        found = tuples(conn, text(which), params)
    else:
        found = _oldest_of_each(conn, text(which), params, integrations)
    ids = [message_id for _, message_id in sorted(found)[:most]]
    listed = ", ".join(map(str, ids)) or "NULL"
    rows = tuples(conn, text(WAITING.format(ids=listed)), {})
    out = pd.DataFrame(rows, columns=list(WAITING_COLUMNS))
    return out.assign(domain=out["domain"].astype("str").str.removeprefix("@"))


def _oldest_of_each(
    conn: Connection,
    query: TextClause,
    params: Mapping[str, Any],
    integrations: Sequence[int],
) -> list[tuple[Any, ...]]:
    """Give what is among the oldest of mailboxes, and some more.

    A few of each at first; whoever may have more of the oldest is asked for all of it.
    """
    most = params["most"]
    few = min(most, 2 * most // max(len(integrations), 1) + 2)
    mine = {
        one: tuples(conn, query, {**params, "one": one, "most": few})
        for one in integrations
    }
    first = sorted(row for rows in mine.values() for row in rows)[:most]
    for one, rows in mine.items():
        if few < most and len(rows) == few and rows[-1][0] <= first[-1][0]:
            mine[one] = tuples(conn, query, {**params, "one": one})
    return [row for rows in mine.values() for row in rows]


def _within(asked: Asked, facet: str) -> tuple[Any, ...]:
    months = T.month.between(asked.first_month, asked.last_month)
    return (T.side == asked.side, T.facet == facet, months)


def _query(asked: Asked, facet: str, key: Any, *which: Any) -> Select[Any]:
    columns = (key, T.answered, T.waiting, CLOCKS[asked.clock])
    return select(*columns).where(*_within(asked, facet), *which)


def _grouped(conn: Connection, query: Select[Any]) -> dict[int, Group]:
    rows = tuples(conn, query)
    if not rows:
        return {}
    keys, answered, open_, packed = zip(*rows, strict=True)
    found, of = np.unique(np.array(keys, np.int64), return_inverse=True)
    counts = together([*map(bytes, packed)], of, len(found), BUCKETS)
    sums = [
        np.bincount(of, weights=one, minlength=len(found)).astype(np.int64).tolist()
        for one in (np.array(answered), np.array(open_))
    ]
    return {
        int(key): Group(sums[0][at], sums[1][at], counts[at])
        for at, key in enumerate(found)
    }
