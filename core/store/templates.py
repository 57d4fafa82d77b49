"""Templates of mail, by name, and which activities name one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    delete,
    exc,
    func,
    insert,
    select,
    update,
)

from core.errors import BadInput, NotFound
from core.store.schema import activity
from core.store.sending_tables import mail, template
from core.text import fold


@dataclass(frozen=True, slots=True)
class Template:
    """A subject and a text with variables; `body` is Markdown.

    `bulk`: mail made from it carries List-Unsubscribe. `id` 0: it is not stored yet.
    """

    id: int
    name: str
    subject: str
    body: str
    bulk: bool
    changed_at: datetime


COLUMNS = [template.c[name] for name in Template.__slots__]


def listed(conn: Connection) -> list[Template]:
    """List the templates by name."""
    query = select(*COLUMNS).order_by(template.c.folded)
    return [Template(*row) for row in conn.execute(query)]


def get(conn: Connection, template_id: int) -> Template:
    """Give one template.

    Raises:
        NotFound: there is none with this id.

    """
    found = _one(conn, template.c.id == template_id)
    if found is None:
        raise NotFound(what="template", id=template_id)
    return found


def named(conn: Connection, name: str) -> Template | None:
    """Give the template of a name; case and accents do not count."""
    return _one(conn, template.c.folded == fold(name))


def put(conn: Connection, new: Template) -> int:
    """Store a template, in place of the one with its id unless that is 0; give its id.

    Raises:
        BadInput: its name is taken (the database says so).

    """
    values = {name: getattr(new, name) for name in Template.__slots__ if name != "id"}
    values["folded"] = fold(new.name)
    try:
        if not new.id:
            made = insert(template).values(values).returning(template.c.id)
            return int(conn.scalars(made).one())
        here = template.c.id == new.id
        conn.execute(update(template).where(here).values(values))
    except exc.IntegrityError:
        raise BadInput("template_name", "template_taken") from None
    return new.id


def remove(conn: Connection, template_id: int) -> None:
    """Forget a template; mail that was made from it stays."""
    mine = mail.c.template_id == template_id
    conn.execute(update(mail).where(mine).values(template_id=None))
    conn.execute(delete(template).where(template.c.id == template_id))


def count(conn: Connection) -> int:
    """Count the templates."""
    return int(conn.scalar(select(func.count()).select_from(template)) or 0)


def used(conn: Connection) -> dict[str, int]:
    """Count the open activities that name a template, by the name folded."""
    query = select(activity.c.template, func.count()).where(
        activity.c.template != "", activity.c.done_at.is_(None)
    )
    found: dict[str, int] = {}
    for name, times in conn.execute(query.group_by(activity.c.template)):
        found[fold(name)] = found.get(fold(name), 0) + times
    return found


def renamed(conn: Connection, old: str, new: str) -> None:
    """Let the activities that name a template go on naming it."""
    names = select(activity.c.template).where(activity.c.template != "").distinct()
    mine = [name for name in conn.scalars(names) if fold(name) == fold(old)]
    here = activity.c.template.in_(mine)
    conn.execute(update(activity).where(here).values(template=new))


def _one(conn: Connection, where: ColumnElement[bool]) -> Template | None:
    row = conn.execute(select(*COLUMNS).where(where)).first()
    return Template(*row) if row else None
