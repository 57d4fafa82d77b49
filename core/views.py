"""Use case: keep views of the messages page, each person their own.

A view is the query of an address: whoever opens it sees what the link shows. The view
without a name is what a person wants whenever a link says nothing of it.
"""

from __future__ import annotations

from core.errors import BadInput, NotFound
from core.runtime import Runtime
from core.store import views
from core.store.engine import reading, writing
from core.store.views import View
from core.text import CONTROL

__all__ = ["View", "delete", "own_way", "save", "saved", "set_own_way"]

NAME_MOST = 80
ASKED_MOST = 8_000
VIEWS_MOST = 50
OWN_WAY = ""


def saved(runtime: Runtime, viewer: str) -> list[View]:
    """List the views of a person, by name."""
    with reading(runtime.engine) as conn:
        found = [one for one in views.saved(conn, viewer) if one.name != OWN_WAY]
    return sorted(found, key=lambda one: one.name.casefold())


def save(
    runtime: Runtime, viewer: str, name: str, asked: str, *, replace: bool = False
) -> int:
    """Store a view; give its id. `replace`: in place of the one of that name.

    Raises:
        BadInput: a name that cannot be used or is taken, or there are too many.

    """
    name = _name(name)
    _check(asked)
    with writing(runtime.engine) as conn:
        there = views.named(conn, viewer, name)
        if there is not None and not replace:
            raise BadInput("view_name", "view_taken", name=name)
        if there is not None:
            views.change(conn, there.id, asked)
            return there.id
        others = [one for one in views.saved(conn, viewer) if one.name != OWN_WAY]
        if len(others) >= VIEWS_MOST:
            raise BadInput("view_name", "views_most", n=VIEWS_MOST)
        return views.add(conn, viewer, name, asked, runtime.clock())


def delete(runtime: Runtime, viewer: str, view_id: int) -> View:
    """Forget a view of a person; give what it was, so that it can be saved again.

    Raises:
        NotFound: the person has none with this id.

    """
    with writing(runtime.engine) as conn:
        mine = {one.id: one for one in views.saved(conn, viewer)}
        if view_id not in mine or mine[view_id].name == OWN_WAY:
            raise NotFound(what="view", id=view_id)
        views.remove(conn, view_id)
    return mine[view_id]


def own_way(runtime: Runtime, viewer: str) -> str:
    """Give what a person wants whenever a link says nothing of it, as a query."""
    with reading(runtime.engine) as conn:
        found = views.named(conn, viewer, OWN_WAY)
    return found.asked if found else ""


def set_own_way(runtime: Runtime, viewer: str, asked: str) -> None:
    """Store what a person wants from now on; nothing: as everybody has it."""
    _check(asked)
    with writing(runtime.engine) as conn:
        there = views.named(conn, viewer, OWN_WAY)
        if there is not None:
            views.remove(conn, there.id)
        if asked:
            views.add(conn, viewer, OWN_WAY, asked, runtime.clock())


def _name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise BadInput("view_name", "empty")
    if len(name) > NAME_MOST:
        raise BadInput("view_name", "too_long")
    if CONTROL.search(name) or not name.isprintable():
        raise BadInput("view_name", "control")
    return name


def _check(asked: str) -> None:
    if len(asked) > ASKED_MOST:
        raise BadInput("view", "too_long")
