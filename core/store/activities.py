"""Activities: planned acts towards contacts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Select, func, or_, select, update

from core.errors import NotFound
from core.store.bulk import put_new
from core.store.owners import owner_id
from core.store.schema import activity, owner

LISTED_MAX = 500


def add(conn: Connection, rows: Iterable[dict[str, Any]], now: datetime) -> int:
    """Store activities (`owner` is a name); those that exist already are left out.

    Gives how many are new.
    """
    made = 0
    for row in rows:
        values = {k: v for k, v in row.items() if k != "owner"}
        values |= {"owner_id": owner_id(conn, row["owner"], now), "created_at": now}
        made += put_new(conn, activity, values)
    return made


def listed(
    conn: Connection, *, search: str = "", model: str = "", done: bool | None = None
) -> Select[Any]:
    """Give the query for the panel: soonest due first, at most 500."""
    del conn
    query = select(
        activity.c.id,
        activity.c.model,
        activity.c.subject,
        activity.c.contact,
        activity.c.contact_address,
        activity.c.company,
        owner.c.name.label("owner"),
        activity.c.due_on,
        activity.c.done_at,
    ).join(owner)
    if model:
        query = query.where(activity.c.model == model)
    if done is not None:
        query = query.where(activity.c.done_at.is_not(None) == done)
    for word in search.split():
        query = query.where(_matches(word))
    return query.order_by(activity.c.due_on, activity.c.id).limit(LISTED_MAX)


def get(conn: Connection, activity_id: int) -> Any:
    """Give one activity as a row.

    Raises:
        NotFound: there is none with this id.

    """
    query = select(activity, owner.c.name.label("owner")).join(owner)
    row = conn.execute(query.where(activity.c.id == activity_id)).first()
    if row is None:
        raise NotFound(what="activity", id=activity_id)
    return row


def set_done(conn: Connection, activity_id: int, at: datetime | None) -> None:
    """Mark an activity as done, or as open again."""
    conn.execute(
        update(activity).where(activity.c.id == activity_id).values(done_at=at)
    )


def last_due(conn: Connection) -> date | None:
    """Give the latest due day there is."""
    last: date | None = conn.scalar(select(func.max(activity.c.due_on)))
    return last


def _matches(word: str) -> Any:
    fields = (activity.c.subject, activity.c.contact, activity.c.contact_address)
    return or_(
        *(f.icontains(word, autoescape=True) for f in (*fields, activity.c.company))
    )
