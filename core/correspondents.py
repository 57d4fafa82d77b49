"""Use case: whom mail comes from and goes to, who is new, and who fell silent.

Mail of persons and lists that was not set aside, by month of the organisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy import Connection

from core.business import first_day
from core.clock import to_ms
from core.columns import DAY, TEXT, WHOLE, YES, Columns, typed
from core.domains import registered, registered_of
from core.runtime import Runtime
from core.store import calendars, contact_lists
from core.store.contact_lists import COUNT_MOST, USED_TO_WRITE, Found
from core.store.engine import reading

__all__ = [
    "COUNT_MOST", "DIRECTIONS", "LISTED", "SEEN", "USED_TO_WRITE", "WHATS",
    "Listed", "Question", "held_since", "new", "silent", "this_month", "top",
    "zone",
]  # fmt: skip

WHATS = ("address", "domain")
DIRECTIONS = ("received", "sent")
MOST = 20
SHARE: Any = "float64"
# `share`: of the messages of the period, each once; `internal`: of our own domain.
LISTED: Columns = {
    "name": TEXT, "messages": WHOLE, "share": SHARE, "internal": YES,
    "first_month": DAY, "last_month": DAY,
}  # fmt: skip
SEEN: Columns = {name: dtype for name, dtype in LISTED.items() if name != "share"}


@dataclass(frozen=True, slots=True)
class Question:
    """Of whom, addresses or domains, and in which months (by number, both wanted).

    `scope`: the id of a `core.scopes.Scope`.
    """

    scope: int
    what: str
    first_month: int
    last_month: int


@dataclass(frozen=True, slots=True)
class Listed:
    """The first few of many.

    `exact`: nobody is missing who has more; `total`: messages of the period that shares
    are of; `in_all`: how many there are, or (`all_counted` False) at least.
    """

    frame: pd.DataFrame
    exact: bool
    total: int = 0
    in_all: int = 0
    all_counted: bool = True


def this_month(runtime: Runtime) -> date:
    """Give the first day of the month in which the organisation is now."""
    with reading(runtime.engine) as conn:
        here = calendars.kept(conn).local(to_ms(runtime.clock()))
    return here.date().replace(day=1)


def zone(runtime: Runtime) -> str:
    """Give the zone in which months are cut."""
    with reading(runtime.engine) as conn:
        return calendars.kept(conn).zone


def top(
    runtime: Runtime, question: Question, direction: str, most: int = MOST
) -> Listed:
    """Give those with most messages in a direction (`LISTED`)."""
    return _with_shares(runtime, question, direction, most, contact_lists.top)


def new(
    runtime: Runtime, question: Question, direction: str = "received", most: int = MOST
) -> Listed:
    """Give those of most messages, never seen before the period (`LISTED`)."""
    return _with_shares(runtime, question, direction, most, contact_lists.new)


def silent(runtime: Runtime, question: Question, most: int = MOST) -> Listed:
    """Give those who wrote at least `USED_TO_WRITE` messages, none since (`SEEN`).

    `messages`: all that ever came.
    """
    q = question
    with reading(runtime.engine) as conn:
        found = contact_lists.silent(conn, q.scope, q.what, q.first_month, most)
        frame = _typed(found.frame, _own(conn, q.scope), SEEN)
    return Listed(frame, found.exact, 0, found.in_all, found.all_counted)


def held_since(runtime: Runtime, scope: int) -> int | None:
    """Give the first month of which mail is counted, by number; None: there is none.

    Nobody can be told to be new in a period that begins with it.
    """
    with reading(runtime.engine) as conn:
        return contact_lists.held_since(conn, scope)


def _with_shares(
    runtime: Runtime, question: Question, direction: str, most: int, read: Any
) -> Listed:
    q = question
    months_ = (q.first_month, q.last_month)
    with reading(runtime.engine) as conn:
        found: Found = read(conn, q.scope, q.what, direction, *months_, most)
        total = contact_lists.total(conn, q.scope, direction, *months_)
        own = _own(conn, q.scope)
    frame = found.frame.assign(share=found.frame["messages"] / (total or 1))
    shown = _typed(frame, own, LISTED)
    return Listed(shown, found.exact, total, found.in_all, found.all_counted)


def _own(conn: Connection, scope: int) -> set[str]:
    """Give the registered domains of the mailboxes of a scope."""
    return {registered_of(one) for one in contact_lists.own_addresses(conn, scope)}


def _typed(frame: pd.DataFrame, own: set[str], columns: Columns) -> pd.DataFrame:
    """Give these columns; months as their first days."""
    days = {
        name: pd.Series([first_day(int(one)) for one in frame[name]], dtype=object)
        for name in ("month", "first_month", "last_month")
        if name in frame
    }
    internal = [_registered(name) in own for name in frame["name"]]
    return typed(frame.assign(**days, internal=internal), columns)


def _registered(name: str) -> str:
    """Give the registered domain of an address, or of "@" and a domain."""
    return registered(name[1:]) if name.startswith("@") else registered_of(name)
