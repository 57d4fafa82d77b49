"""Count messages as they are taken into the index, in the transaction that takes them.

Who takes in is alone (`indexing.LOCK`): so what is counted for many mailboxes together
is never waited for by a sync. A message that changes is taken out and in again: then
what was counted of it is taken away. Messages of before there was counting are counted
by and by (`counting_mark`): until then nothing is taken away of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection, select

from core.business import Calendar
from core.store import contacts, responses, scoping, totals
from core.store.counted import Change, Fact, Was
from core.store.counting_tables import counting_mark

DONE, UNTIL = "done", "until"  # of older messages: up to which id, and to which at all


def count(
    conn: Connection, facts: Iterable[Fact], before: Mapping[int, Was | None]
) -> None:
    """Count messages that are taken in; `before`: what waited, as it was counted."""
    done, until = marks(conn)
    changes: list[Change] = []
    for fact in facts:
        if done < fact.id <= until:
            continue  # its turn comes
        was = before.get(fact.id)
        if was is not None:
            old = fact._replace(**was._asdict())
            if old == fact:
                continue
            changes.append(Change(-1, old))
        changes.append(Change(1, fact))
    write(conn, changes)


def write(conn: Connection, changes: Sequence[Change]) -> None:
    """Write changes into everything that is counted."""
    if not changes:
        return
    of = scoping.mailboxes(conn, {one.fact.integration_id for one in changes})
    by = calendar(conn)
    totals.count(conn, changes, of)
    contacts.count(conn, changes, of, by)
    responses.count(conn, changes, of, by)


def marks(conn: Connection) -> tuple[int, int]:
    """Give up to which id older messages were counted, and which is their last."""
    rows = conn.execute(select(counting_mark.c.name, counting_mark.c.number))
    found = {str(name): int(number) for name, number in rows}
    return found.get(DONE, 0), found.get(UNTIL, 0)


def calendar(conn: Connection) -> Calendar:
    """Give the calendar by which months and working time are counted."""
    del conn
    return Calendar()
