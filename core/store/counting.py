"""Count messages as they are taken into the index, in the transaction that takes them.

Who takes in is alone (`marks.LOCK`): so what is counted for many mailboxes together is
never waited for by a sync. A message that changes is taken out and in again: then what
was counted of it is taken away. Messages of before there was counting are counted by
and by, in the order of their ids: until then nothing is taken away of them.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from sqlalchemy import Connection, func, select, update

from core.business import Calendar
from core.store import (
    calendars,
    contacts,
    facts,
    locks,
    marks,
    responses,
    scoping,
    totals,
)
from core.store.bulk import CHUNK, chunks
from core.store.counted import Change, Fact, Mailbox, Was
from core.store.schema import message
from core.store.search_tables import unlisted

U = unlisted.c
AT_ONCE = 1_000  # older messages in one transaction: a tenth of a second
NOT_COUNTED = dict.fromkeys(("was_at", "was_direction", "was_kind", "was_aside"))


def count(
    conn: Connection, facts: Iterable[Fact], before: Mapping[int, Was | None]
) -> None:
    """Count messages that are taken in; `before`: what waited, as it was counted."""
    done, until = marks.counted(conn)
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
    by = calendars.kept(conn)
    totals.count(conn, changes, of)
    contacts.count(conn, changes, of, by)
    responses.count(conn, changes, of, by)


def catch_up(conn: Connection, most: int = AT_ONCE) -> int:
    """Count up to so many older messages; give how many were looked at.

    What waits to be taken in is counted then, as it is then.
    """
    locks.alone(conn, marks.LOCK)
    done, until = marks.counted(conn)
    if done >= until:
        return 0
    some = facts.by_id(conn, done, until, most)
    # After them: who changes in between waits by now.
    waiting = _waiting(conn, [one.id for one in some])
    write(conn, [Change(1, one) for one in some if one.id not in waiting])
    for few in chunks(waiting, CHUNK):
        conn.execute(update(unlisted).where(U.message_id.in_(few)).values(NOT_COUNTED))
    marks.keep(conn, marks.DONE, some[-1].id if len(some) == most else until)
    return len(some)


def left(conn: Connection) -> int:
    """Tell how many older messages are to be counted yet, at most; at no cost."""
    done, until = marks.counted(conn)
    return max(0, until - done)


def use_calendar(conn: Connection, wanted: Calendar) -> bool:
    """Count by another calendar from now on; tell whether it is another one.

    Then all that was counted goes, and is counted anew by and by.
    """
    if marks.words(conn, marks.CALENDAR) == wanted.to_json():
        return False
    locks.alone(conn, marks.LOCK)
    before = calendars.kept(conn)
    marks.keep(conn, marks.CALENDAR, text=wanted.to_json())
    if before == wanted:
        return False
    begin_anew(conn)
    return True


def begin_anew(conn: Connection) -> None:
    """Count nothing any more, and have all messages counted by and by."""
    locks.alone(conn, marks.LOCK)
    totals.clear(conn)
    contacts.clear(conn)
    responses.clear(conn)
    upto = marks.indexed(conn)
    newest = conn.scalar(select(func.max(message.c.id))) if upto is None else upto
    marks.keep(conn, marks.DONE, 0)
    marks.keep(conn, marks.UNTIL, newest or 0)


def move(
    conn: Connection, before: Mapping[int, Mailbox], after: Mapping[int, Mailbox]
) -> None:
    """Count what is of mailboxes in their new teams; who calls is alone."""
    for one, now in after.items():
        if before[one].team_id != now.team_id:
            totals.move(conn, before[one], now)
            contacts.move(conn, before[one], now)
            responses.move(conn, before[one], now)


def _waiting(conn: Connection, ids: Collection[int]) -> set[int]:
    """Give those of some messages that wait to be taken in."""
    upto = marks.indexed(conn)
    found = set() if upto is None else {one for one in ids if one > upto}
    for some in chunks(ids, CHUNK):
        query = select(U.message_id).where(U.message_id.in_(some))
        found.update(conn.scalars(query))
    return found
