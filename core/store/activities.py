"""Activities: planned acts towards contacts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from core.errors import NotFound
from core.planned import CHANGING, OPEN, Draft, State
from core.store.bulk import CHUNK, chunks, insert_for
from core.store.folding import contains
from core.store.owners import owner_id
from core.store.schema import activity, owner
from core.store.sending_tables import mail
from core.text import fold

IDENTITY = ("model", "subject", "contact_address", "due_on")  # of an owner
Identity = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which activities: of some states (none: of all), as they stand on a day."""

    today: date
    states: tuple[State, ...] = ()
    search: str = ""
    model: str = ""
    owner_id: int = 0


class Key(NamedTuple):
    """The place of an activity in the order of what is due."""

    due_on: date
    id: int


class Known(NamedTuple):
    """What is stored of an activity that a file may change."""

    id: int
    texts: dict[str, str]


def add(conn: Connection, drafts: Iterable[Draft], now: datetime) -> int:
    """Store activities; those that exist already are left out; give how many are new.

    Drafts are cleaned and free of problems.
    """
    owners: dict[str, int] = {}
    rows = []
    for draft in drafts:
        if draft.owner not in owners:
            owners[draft.owner] = owner_id(conn, draft.owner, now)
        rows.append({**_values(draft, owners[draft.owner]), "created_at": now})
    before = _count(conn)
    if rows:
        conn.execute(insert_for(conn, activity).on_conflict_do_nothing(), rows)
    return _count(conn) - before


def page(
    conn: Connection,
    wanted: Wanted,
    *,
    latest_first: bool,
    after: Key | None = None,
    before: Key | None = None,
    most: int,
) -> list[Row[Any]]:
    """Give rows in the order of what is due, from behind a key, or up to before one.

    id, model, subject, contact, contact_address, company, owner, due_on, template,
    done_at, answered_at.
    """
    c = activity.c
    forward = (before is None) == (not latest_first)
    query = _query().where(*_conditions(wanted))
    if key := before or after:
        place = tuple_(c.due_on, c.id)
        there = tuple_(key.due_on, key.id)
        query = query.where(place > there if forward else place < there)
    order = (c.due_on, c.id) if forward else (c.due_on.desc(), c.id.desc())
    rows = conn.execute(query.order_by(*order).limit(most)).all()
    return list(rows) if before is None else list(reversed(rows))


def counts(conn: Connection, wanted: Wanted) -> dict[State, int]:
    """Count the activities in each state, whichever states are wanted."""
    sums = [
        func.coalesce(func.sum(case((_in_state(one, wanted.today), 1), else_=0)), 0)
        for one in State
    ]
    every = Wanted(wanted.today, (), wanted.search, wanted.model, wanted.owner_id)
    query = select(*sums).select_from(activity.join(owner)).where(*_conditions(every))
    return {
        one: int(n) for one, n in zip(State, conn.execute(query).one(), strict=True)
    }


def owners(conn: Connection, most: int) -> dict[int, str]:
    """Name the owners of activities, by id, in the order of names."""
    mine = select(activity.c.id).where(activity.c.owner_id == owner.c.id).exists()
    query = select(owner.c.id, owner.c.name).where(mine).order_by(owner.c.folded)
    return {row.id: row.name for row in conn.execute(query.limit(most))}


def owner_name(conn: Connection, owner_id: int) -> str:
    """Give the name of an owner, or nothing."""
    return conn.scalar(select(owner.c.name).where(owner.c.id == owner_id)) or ""


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


def known(conn: Connection, drafts: Iterable[Draft]) -> dict[Identity, Known]:
    """Find which of these exist, by identity: the id, and what may be changed.

    Everything that their owners have on these days is read: SQLite 3.40 finds no index
    for a list of whole identities.
    """
    wanted = {one.identity: one.due_on for one in drafts}
    days = [day for day in wanted.values() if day is not None]
    if not days:
        return {}
    c = activity.c
    columns = (c.id, owner.c.folded, *(c[name] for name in (*IDENTITY, *CHANGING)))
    query = select(*columns).join(owner).where(c.due_on.between(min(days), max(days)))
    found: dict[Identity, Known] = {}
    for some in chunks({identity[0] for identity in wanted}, CHUNK):
        for row in conn.execute(query.where(owner.c.folded.in_(some))):
            identity = tuple(row[1:6])
            if identity in wanted:
                texts = dict(zip(CHANGING, row[6:], strict=True))
                found[identity] = Known(row.id, texts)
    return found


def change(conn: Connection, activity_id: int, draft: Draft, now: datetime) -> None:
    """Write every field of an activity."""
    values = _values(draft, owner_id(conn, draft.owner, now))
    conn.execute(update(activity).where(activity.c.id == activity_id).values(values))


def change_texts(conn: Connection, changes: Mapping[int, Mapping[str, str]]) -> None:
    """Write texts of many activities, by id; those that change alike go together."""
    alike: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for number, texts in changes.items():
        values = {f"new_{name}": text for name, text in texts.items()}
        alike.setdefault(tuple(sorted(texts)), []).append({"number": number, **values})
    for names, rows in alike.items():
        mine = update(activity).where(activity.c.id == bindparam("number"))
        set_to: dict[str, Any] = {name: bindparam(f"new_{name}") for name in names}
        conn.execute(mine.values(set_to), rows)


def set_done(conn: Connection, activity_id: int, at: datetime | None) -> None:
    """Mark an activity as done, or as open again: then it is not answered either."""
    values = {"done_at": at} if at else {"done_at": None, "answered_at": None}
    conn.execute(update(activity).where(activity.c.id == activity_id).values(values))


def has_mail(conn: Connection, activity_id: int) -> bool:
    """Tell whether the outbox has mail of an activity."""
    mine = select(mail.c.id).where(mail.c.activity_id == activity_id)
    return conn.scalar(mine.limit(1)) is not None


def remove(conn: Connection, activity_id: int) -> bool:
    """Delete an activity, unless there is mail of it; tell whether it is gone."""
    mine = select(mail.c.id).where(mail.c.activity_id == activity_id).exists()
    gone = delete(activity).where(activity.c.id == activity_id, ~mine)
    return conn.execute(gone).rowcount == 1


def last_due(conn: Connection) -> date | None:
    """Give the latest due day there is."""
    last: date | None = conn.scalar(select(func.max(activity.c.due_on)))
    return last


def _query() -> Select[Any]:
    c = activity.c
    return select(
        c.id,
        c.model,
        c.subject,
        c.contact,
        c.contact_address,
        c.company,
        owner.c.name.label("owner"),
        c.due_on,
        c.template,
        c.done_at,
        c.answered_at,
    ).join(owner)


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [_matches(word) for word in wanted.search.split()]
    if wanted.model:
        found.append(activity.c.model == wanted.model)
    if wanted.owner_id:
        found.append(activity.c.owner_id == wanted.owner_id)
    if wanted.states == OPEN:
        found.append(_open())
    elif wanted.states:
        found.append(or_(*(_in_state(one, wanted.today) for one in wanted.states)))
    return found


def _open() -> ColumnElement[bool]:
    c = activity.c
    return and_(c.done_at.is_(None), c.answered_at.is_(None))


def _in_state(state: State, today: date) -> ColumnElement[bool]:
    c = activity.c
    match state:
        case State.LATE:
            return and_(_open(), c.due_on < today)
        case State.TODAY:
            return and_(_open(), c.due_on == today)
        case State.UPCOMING:
            return and_(_open(), c.due_on > today)
        case State.DONE:
            return and_(c.done_at.is_not(None), c.answered_at.is_(None))
        case State.ANSWERED:
            return c.answered_at.is_not(None)


def _matches(word: str) -> ColumnElement[bool]:
    c = activity.c
    said = c.subject + "\n" + c.contact + "\n" + c.contact_address + "\n" + c.company
    named = owner.c.folded.contains(fold(word), autoescape=True)
    return or_(named, contains(said, word))


def _values(draft: Draft, owner_id: int) -> dict[str, Any]:
    texts = ("model", "subject", "contact", "contact_address", "company", "template")
    return {
        "owner_id": owner_id,
        "due_on": draft.due_on,
        **{name: getattr(draft, name) for name in texts},
    }


def _count(conn: Connection) -> int:
    return int(conn.scalar(select(func.count()).select_from(activity)) or 0)
