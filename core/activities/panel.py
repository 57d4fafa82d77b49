"""The activities that a person asks for: a page of them, and how many there are."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pandas as pd

from core.planned import OPEN, State, state_of
from core.runtime import Runtime
from core.store import activities
from core.store.activities import Key, Wanted
from core.store.engine import reading

PAGE_ROWS = 100
OWNERS_MOST = 500
ID_BELOW = 1 << 31
COLUMNS = (
    "id model subject contact contact_address company owner due_on template done_at"
    " answered_at"
).split()


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked of the panel; `today` is the day where the reader is.

    `state`: a `State`, "open", or "all". `after` and `before` are keys of a page.
    """

    today: date
    state: str = "open"
    search: str = ""
    model: str = ""
    owner_id: int = 0
    after: str = ""
    before: str = ""

    @property
    def states(self) -> tuple[State, ...]:
        """Give the states that are asked for; none of them stands for all."""
        if self.state == "open":
            return OPEN
        return (State(self.state),) if self.state in set(State) else ()

    @property
    def latest_first(self) -> bool:
        """Tell the order: of what is over, and of everything, the newest is wanted."""
        return self.state != "open" and not set(self.states) & set(OPEN)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows with their `state`, and the keys of the pages beside (empty: none).

    `counts`: of every state, with the same search, model and owner.
    """

    rows: pd.DataFrame
    counts: Mapping[State, int]
    count: int
    previous: str
    next: str


def panel(runtime: Runtime, asked: Question) -> Page:
    """Give a page of activities: soonest due first, of those that are over the last.

    id, model, subject, contact, contact_address, company, owner, due_on, template,
    done_at, answered_at, state.
    """
    owner_id = min(asked.owner_id, ID_BELOW)
    wanted = Wanted(asked.today, asked.states, asked.search, asked.model, owner_id)
    before = _key(asked.before)
    after = None if before else _key(asked.after)
    with reading(runtime.engine) as conn:
        counts = activities.counts(conn, wanted)
        rows = activities.page(
            conn,
            wanted,
            latest_first=asked.latest_first,
            after=after,
            before=before,
            most=PAGE_ROWS + 1,
        )
    if not rows and (before or after):  # what the link showed is there no more
        return panel(runtime, replace(asked, after="", before=""))
    more = len(rows) > PAGE_ROWS
    rows = (rows[1:] if before else rows[:-1]) if more else rows
    ends = [_told(rows[at].due_on, rows[at].id) if rows else "" for at in (0, -1)]
    count = sum(counts[one] for one in asked.states or State)
    return Page(
        _frame(rows, asked.today),
        counts,
        count,
        previous=ends[0] if (more if before else after) else "",
        next=ends[1] if before or more else "",
    )


def owners(runtime: Runtime, also: int = 0) -> dict[int, str]:
    """Name the first 500 owners of activities by id, and one more that was asked."""
    with reading(runtime.engine) as conn:
        found = activities.owners(conn, OWNERS_MOST)
        if 0 < also < ID_BELOW and also not in found:
            found[also] = activities.owner_name(conn, also)
    return {number: name for number, name in found.items() if name}


def _frame(rows: Sequence[Any], today: date) -> pd.DataFrame:
    found = pd.DataFrame([tuple(row) for row in rows], columns=COLUMNS)
    found["state"] = [
        str(state_of(row.due_on, row.done_at, row.answered_at, today)) for row in rows
    ]
    return found


def _told(due_on: date, number: int) -> str:
    return f"{due_on:%Y%m%d}.{number}"


def _key(said: str) -> Key | None:
    """Read a key; one that cannot be read is none: the first page."""
    day, _, number = said.partition(".")
    if not re.fullmatch("[0-9]{8}", day) or not re.fullmatch("[0-9]{1,10}", number):
        return None
    try:
        return Key(date.fromisoformat(f"{day[:4]}-{day[4:6]}-{day[6:]}"), int(number))
    except ValueError:
        return None
