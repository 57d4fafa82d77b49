"""Whom mail comes from and goes to, by month, of each scope.

Counted is mail of persons and lists that was not set aside, as Volume shows it. What is
a domain is counted once of a message, however many addresses of it there are. Who reads
it: `core.store.contact_lists`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, delete, select

from core.business import Calendar
from core.metrics import DEFAULT_ASIDES, DEFAULT_KINDS
from core.store import contact_names, contact_sums, facts
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.counted import Change, Fact, Mailbox
from core.store.counting_tables import contact, contact_month

M, C = contact_month.c, contact.c
MONTHS = tuple(column.name for column in contact_month.columns)
SPANS = tuple(column.name for column in contact.columns)
ADDING = (
    "ON CONFLICT (scope, what, direction, name_id, month)"
    " DO UPDATE SET messages = contact_month.messages + excluded.messages"
)
PUTTING = (
    "ON CONFLICT (scope, what, direction, name_id, month)"
    " DO UPDATE SET messages = excluded.messages"
)
WIDENING = (
    "ON CONFLICT (scope, what, direction, name_id) DO UPDATE SET"
    " messages = contact.messages + excluded.messages,"
    " first_month = {least}(contact.first_month, excluded.first_month),"
    " last_month = {most}(contact.last_month, excluded.last_month)"
)


class Who(NamedTuple):
    """A correspondent in one direction, as a scope has it."""

    scope: int
    what: str
    direction: str
    name: str


class Month(NamedTuple):
    """The same, in a month: what a row of `contact_month` is of."""

    who: Who
    month: int


def count(
    conn: Connection,
    changes: Sequence[Change],
    mailboxes: Mapping[int, Mailbox],
    calendar: Calendar,
) -> None:
    """Count changes of messages in all of their scopes."""
    sums: Counter[Month] = Counter()
    for sign, fact in changes:
        if is_counted(fact):
            mailbox = mailboxes[fact.integration_id]
            _add(sums, sign, fact, mailbox, mailbox.scopes, calendar)
    deltas = {key: sum_ for key, sum_ in sums.items() if sum_}
    ids = contact_names.ids(conn, {key.who.name for key in deltas})
    less = {key.who for key, delta in deltas.items() if delta < 0}
    _add_months(conn, deltas, ids)
    _widen(conn, {k: delta for k, delta in deltas.items() if k.who not in less}, ids)
    _lessen(conn, less, ids)


def is_counted(fact: Fact) -> bool:
    """Tell whether a message is of those that are shown with correspondents."""
    return fact.kind in DEFAULT_KINDS and fact.aside in DEFAULT_ASIDES


def recount(conn: Connection, mailbox: Mailbox, calendar: Calendar) -> int:
    """Make the rows of a mailbox right by its messages; give how many were wrong."""
    sums: Counter[Month] = Counter()
    for fact in facts.in_time(conn, mailbox.id):
        if is_counted(fact):
            _add(sums, 1, fact, mailbox, (mailbox.id,), calendar)
    ids = contact_names.ids(conn, {key.who.name for key in sums})
    right = {_month_row(key, ids): n for key, n in sums.items()}
    rows = conn.execute(select(contact_month).where(M.scope == mailbox.id))
    held = {tuple(key): n for *key, n in rows}
    new = [(*key, n) for key, n in right.items() if held.get(key) != n]
    gone = [(*key, 0) for key in held if key not in right]
    insert_rows(conn, contact_month, MONTHS, [*new, *gone], PUTTING)
    contact_sums.drop_empty(conn, mailbox.id)
    return len(new) + len(gone) + contact_sums.follow(conn, mailbox.id)


def resum(conn: Connection) -> int:
    """Make what is of all and of teams right by mailboxes; give how many were wrong."""
    return contact_sums.resum(conn)


def move(conn: Connection, before: Mailbox, after: Mailbox) -> None:
    """Count what is of a mailbox in its new team, and not in the old one."""
    for sign, team_id in ((-1, before.team_id), (1, after.team_id)):
        if team_id and before.team_id != after.team_id:
            contact_sums.add(conn, before.id, -team_id, sign)


def clear(conn: Connection) -> None:
    """Count nothing any more; names stay, by which others know domains."""
    conn.execute(delete(contact))
    conn.execute(delete(contact_month))


def _add(
    sums: Counter[Month],
    sign: int,
    fact: Fact,
    mailbox: Mailbox,
    scopes: Iterable[int],
    calendar: Calendar,
) -> None:
    month = calendar.month(fact.at_ms)
    names = contact_names.names(fact, mailbox.address)
    for scope in scopes:
        for what, name in names:
            sums[Month(Who(scope, what, fact.direction, name), month)] += sign


def _month_row(key: Month, ids: Mapping[str, int]) -> tuple[Any, ...]:
    return (*key.who[:3], ids[key.who.name], key.month)


def _add_months(
    conn: Connection, deltas: Mapping[Month, int], ids: Mapping[str, int]
) -> None:
    rows = sorted((*_month_row(key, ids), delta) for key, delta in deltas.items())
    insert_rows(conn, contact_month, MONTHS, rows, ADDING)


def _widen(
    conn: Connection, deltas: Mapping[Month, int], ids: Mapping[str, int]
) -> None:
    """Add to who is known, over all months; of them nothing was taken away."""
    spans: dict[Who, tuple[int, int, int]] = {}
    for (who, month), delta in deltas.items():
        sum_, first, last = spans.get(who, (0, month, month))
        spans[who] = (sum_ + delta, min(first, month), max(last, month))
    rows = sorted((*who[:3], ids[who.name], *span) for who, span in spans.items())
    lite = conn.dialect.name == "sqlite"
    least, most = ("min", "max") if lite else ("least", "greatest")
    widening = WIDENING.format(least=least, most=most)
    insert_rows(conn, contact, SPANS, rows, widening)


def _lessen(conn: Connection, less: Iterable[Who], ids: Mapping[str, int]) -> None:
    """Read again, by month, those of whom something was taken away."""
    touched: dict[tuple[int, str, str], list[int]] = {}
    for who in less:
        touched.setdefault(who[:3], []).append(ids[who.name])
    for (scope, what, direction), name_ids in touched.items():
        for some in chunks(sorted(name_ids), CHUNK):
            contact_sums.reread(conn, scope, what, direction, some)
