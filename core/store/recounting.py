"""Compare what is counted with the messages, and make it right."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Engine

from core.store import (
    calendars,
    contacts,
    counting,
    deliveries,
    directory,
    indexing,
    locks,
    marks,
    responses,
    rollups,
    scoping,
    totals,
)
from core.store.engine import reading, writing
from core.store.vocabulary import Vocabulary


class Found(NamedTuple):
    """How many rows were wrong, and are right now, by what they are of.

    `id`: the mailbox; 0: everybody and teams, which are sums of mailboxes.
    """

    id: int
    wrong: dict[str, int]


def repair(engine: Engine) -> Iterator[Found]:
    """Make all that is counted right, a mailbox at a time; then the sums of them.

    What waits is taken in before. While a mailbox is at hand, nobody else takes in.
    """
    with reading(engine) as conn:
        every = directory.ids(conn)
    settle(engine)
    for one in every:
        with writing(engine) as conn:
            found = repair_one(conn, one)
        yield found
    with writing(engine) as conn:
        found = repair_sums(conn)
    yield found


def settle(engine: Engine) -> None:
    """Take in and count all that waits, some at a time."""
    vocabulary, more = Vocabulary(), True
    while more:
        with writing(engine) as conn:
            more = bool(_some(conn, vocabulary))


def repair_one(conn: Connection, integration_id: int) -> Found:
    """Make what is counted of a mailbox right by its messages alone."""
    locks.alone(conn, marks.LOCK)  # first, as for whoever erases subjects
    locks.hold(conn, [integration_id])
    vocabulary = Vocabulary()
    while _some(conn, vocabulary):  # so that every message is counted as it is now
        pass
    mailbox = scoping.mailboxes(conn, [integration_id])[integration_id]
    by = calendars.kept(conn)
    wrong = {
        "rollups": rollups.repair(conn, integration_id),
        "totals": totals.recount(conn, mailbox, by),
        "contacts": contacts.recount(conn, mailbox, by),
        "responses": responses.recount(conn, mailbox, by),
    }
    return Found(integration_id, wrong)


def repair_sums(conn: Connection) -> Found:
    """Make what is of everybody and of teams the sums of mailboxes, and mails right."""
    locks.alone(conn, marks.LOCK)
    wrong = {
        "totals": totals.resum(conn),
        "contacts": contacts.resum(conn),
        "responses": responses.resum(conn),
        "deliveries": deliveries.recount(conn),
    }
    return Found(0, wrong)


def _some(conn: Connection, vocabulary: Vocabulary) -> int:
    return indexing.take_in(conn, vocabulary) + counting.catch_up(conn)
