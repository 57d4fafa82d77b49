"""Views that people saved: a name, and the query of an address."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, insert, select, update

from core.store.search_tables import saved_view


class View(NamedTuple):
    """A view by its name; `asked` is the query of its address."""

    id: int
    name: str
    asked: str


def saved(conn: Connection, viewer: str) -> list[View]:
    """List the views of a person, by name, in the order in which they were saved."""
    c = saved_view.c
    query = select(c.id, c.name, c.asked).where(c.viewer == viewer)
    return [View._make(row) for row in conn.execute(query.order_by(c.id))]


def named(conn: Connection, viewer: str, name: str) -> View | None:
    """Give the view of a person that is called so."""
    return next((one for one in saved(conn, viewer) if one.name == name), None)


def add(conn: Connection, viewer: str, name: str, asked: str, now: datetime) -> int:
    """Store a view; give its id."""
    made = insert(saved_view).values(
        viewer=viewer, name=name, asked=asked, created_at=now
    )
    return int(conn.scalars(made.returning(saved_view.c.id)).one())


def change(conn: Connection, view_id: int, asked: str) -> None:
    """Let a view show something else."""
    here = saved_view.c.id == view_id
    conn.execute(update(saved_view).where(here).values(asked=asked))


def remove(conn: Connection, view_id: int) -> None:
    """Forget a view."""
    conn.execute(delete(saved_view).where(saved_view.c.id == view_id))
