"""Keep contacts in step with each other: by month, over all months, and of many.

All of it happens in the database: of everybody there may be millions of rows.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, delete, exists, func, select, text

from core.store import scoping
from core.store.counted import ALL
from core.store.counting_tables import contact, contact_month, team

M, C = contact_month.c, contact.c
# Who has other sums by month than over all months; or is new.
SPANS = """
INSERT INTO contact
    (scope, what, direction, name_id, messages, first_month, last_month)
SELECT m.scope, m.what, m.direction, m.name_id, m.messages, m.first, m.last
FROM (
    SELECT scope, what, direction, name_id, sum(messages) AS messages,
        min(month) AS first, max(month) AS last
    FROM contact_month WHERE scope = :scope {some}
    GROUP BY scope, what, direction, name_id
) m LEFT JOIN contact c
    ON c.scope = m.scope AND c.what = m.what AND c.direction = m.direction
    AND c.name_id = m.name_id
WHERE c.scope IS NULL OR c.messages <> m.messages OR c.first_month <> m.first
    OR c.last_month <> m.last
ON CONFLICT (scope, what, direction, name_id) DO UPDATE SET
    messages = excluded.messages, first_month = excluded.first_month,
    last_month = excluded.last_month
"""
OF_SOME = "AND what = :what AND direction = :direction AND name_id IN ({ids})"
OF_ONE = """AND (what, direction, name_id) IN
    (SELECT what, direction, name_id FROM contact WHERE scope = :mailbox)"""
ADD = """
INSERT INTO contact_month (scope, what, direction, name_id, month, messages)
SELECT CAST(:scope AS BIGINT), what, direction, name_id, month, :sign * messages
FROM contact_month WHERE scope = :mailbox
ON CONFLICT (scope, what, direction, name_id, month)
    DO UPDATE SET messages = contact_month.messages + excluded.messages
"""
# Where the sum of the members is not what is held; nought where they have none of it.
SUM = """
INSERT INTO contact_month (scope, what, direction, name_id, month, messages)
SELECT CAST(:scope AS BIGINT), what, direction, name_id, month,
    sum(CASE WHEN scope = :scope THEN 0 ELSE messages END)
FROM contact_month WHERE scope = :scope OR {members}
GROUP BY what, direction, name_id, month
HAVING sum(CASE WHEN scope = :scope THEN -messages ELSE messages END) <> 0
ON CONFLICT (scope, what, direction, name_id, month)
    DO UPDATE SET messages = excluded.messages
"""


def reread(
    conn: Connection, scope: int, what: str, direction: str, name_ids: Sequence[int]
) -> None:
    """Make some correspondents what their months are; those without any go."""
    mine = (M.scope == scope, M.what == what, M.direction == direction)
    some = M.name_id.in_(name_ids)
    conn.execute(delete(contact_month).where(*mine, some, M.messages <= 0))
    listed = ", ".join(str(int(one)) for one in name_ids)
    told = {"scope": scope, "what": what, "direction": direction}
    conn.execute(text(SPANS.format(some=OF_SOME.format(ids=listed))), told)
    here = (C.scope == scope, C.what == what, C.direction == direction)
    conn.execute(delete(contact).where(*here, C.name_id.in_(name_ids), _without()))


def follow(conn: Connection, scope: int) -> int:
    """Make all correspondents of a scope what their months are; tell how many were not.

    Those without any month go.
    """
    wrong = conn.execute(text(SPANS.format(some="")), {"scope": scope}).rowcount
    gone = delete(contact).where(C.scope == scope, _without())
    return int(wrong + conn.execute(gone).rowcount)


def drop_empty(conn: Connection, scope: int) -> None:
    """Drop months in which nothing is left."""
    conn.execute(delete(contact_month).where(M.scope == scope, M.messages <= 0))


def add(conn: Connection, mailbox: int, scope: int, sign: int) -> None:
    """Add what a mailbox has to another scope, or take it away (`sign` -1)."""
    told = {"scope": scope, "mailbox": mailbox, "sign": sign}
    conn.execute(text(ADD), told)
    drop_empty(conn, scope)
    conn.execute(
        text(SPANS.format(some=OF_ONE)), {"scope": scope, "mailbox": mailbox}
    )
    conn.execute(delete(contact).where(C.scope == scope, _without()))


def resum(conn: Connection) -> int:
    """Make everybody and each team the sum of their mailboxes; tell what was wrong."""
    known = {-one for one in conn.scalars(select(team.c.id))}
    wrong = _resum(conn, ALL, "scope > 0")
    for scope in sorted({*known, *_teams_held(conn)}):
        members = scoping.integrations(conn, scope)
        wrong += _resum(conn, scope, _among(members))
    return wrong


def _resum(conn: Connection, scope: int, members: str) -> int:
    wrong = conn.execute(text(SUM.format(members=members)), {"scope": scope}).rowcount
    drop_empty(conn, scope)
    return int(wrong + follow(conn, scope))


def _among(members: Collection[int]) -> str:
    listed = ", ".join(str(int(one)) for one in members)
    return f"scope IN ({listed})" if members else "1 = 0"


def _teams_held(conn: Connection) -> list[int]:
    """List the teams of which anything is held, those that are no more, too."""
    found: list[int] = []
    below = 0
    while True:
        last = select(func.max(M.scope)).where(M.scope < below)
        scope = conn.scalar(last)
        if scope is None:
            return found
        found.append(int(scope))
        below = found[-1]


def _without() -> Any:
    """Tell that a correspondent has no month."""
    return ~exists().where(
        M.scope == C.scope,
        M.what == C.what,
        M.direction == C.direction,
        M.name_id == C.name_id,
    )
