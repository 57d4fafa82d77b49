"""How long answers take, by month, of each scope; and what waits for one.

METRICS, "response time". A question is a message that somebody is to answer, with the
first answer to it; `response_links` knows who answers, `response_months` what is summed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select

from core.business import Calendar
from core.domains import addresses_in, registered_of
from core.store import calendars, correspondent_ids, facts, response_months, scoping
from core.store import response_links as links_of
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.correspondent_ids import domain_name
from core.store.counted import ALL, Change, Fact, Mailbox
from core.store.counting_tables import answer_link, response, response_month
from core.store.response_links import Links, Named
from core.store.response_months import Question, Sums

OURS, THEIRS = "ours", "theirs"
ANSWERED_BY = {OURS: "sent", THEIRS: "received"}  # direction, by side
R = response.c
COLUMNS = tuple(column.name for column in response.columns)
UPSERT = "ON CONFLICT (message_id) DO UPDATE SET " + ", ".join(
    f"{name} = excluded.{name}" for name in COLUMNS[1:]
)
Questions = dict[int, Question]  # by the id of the message


@dataclass(frozen=True, slots=True)
class _Asked:
    """A message that somebody is to answer, before its domain has an id."""

    side: str
    domain: str


def count(
    conn: Connection,
    changes: Sequence[Change],
    mailboxes: Mapping[int, Mailbox],
    calendar: Calendar,
) -> None:
    """Count changes of messages that ask, or answer, in all of their scopes."""
    new = [one.fact for one in changes if one.sign > 0]
    domains = _domain_ids(conn, new, mailboxes)
    sums = Sums(calendar)
    for id_, mailbox in mailboxes.items():
        mine = [one for one in changes if one.fact.integration_id == id_]
        before, after = _changed(conn, mine, mailbox, domains)
        for one in before.values():
            if after.get(one.message_id) != one:
                sums.add(one, mailbox, -1)
        for one in after.values():
            if before.get(one.message_id) != one:
                sums.add(one, mailbox)
        _write(conn, after, before)
    response_months.add(conn, sums)


def clear(conn: Connection) -> None:
    """Count nothing any more."""
    for table in (response, answer_link, response_month):
        conn.execute(delete(table))


def recount(conn: Connection, mailbox: Mailbox, calendar: Calendar) -> int:
    """Make what is of a mailbox right by its messages; give how many were wrong."""
    links: Links = {}
    asking: list[Fact] = []
    for fact in facts.in_time(conn, mailbox.id):
        links_of.merge(links, [fact])
        if _asked(fact, mailbox):
            asking.append(fact)
    held = links_of.every(conn, mailbox.id)
    wrong = len(links_of.write(conn, mailbox.id, links, held))
    boxes = {mailbox.id: mailbox}
    right = _questions(asking, mailbox, _domain_ids(conn, asking, boxes))
    right = _answered(right, links)
    wrong += _write(conn, right, _every(conn, mailbox.id))
    sums = Sums(calendar)
    for one in right.values():
        sums.add_in(one, [mailbox.id])
    kept = response_months.of_scope(conn, mailbox.id)
    return wrong + response_months.put(conn, sums.kept(), kept)


def resum(conn: Connection) -> int:
    """Make what is of all and of teams right by questions; give how many were wrong."""
    sums = Sums(calendars.kept(conn))
    for mailbox in scoping.mailboxes(conn).values():
        scopes = [one for one in mailbox.scopes if one <= ALL]
        for one in _every(conn, mailbox.id).values():
            sums.add_in(one, scopes)
    return response_months.put(conn, sums.kept(), response_months.of_many(conn))


def move(conn: Connection, before: Mailbox, after: Mailbox) -> None:
    """Count what is of a mailbox in its new team, and not in the old one."""
    sums = Sums(calendars.kept(conn))
    for one in _every(conn, before.id).values():
        for sign, mailbox in ((-1, before), (1, after)):
            if mailbox.team_id:
                sums.add_in(one, [-mailbox.team_id], sign)
    response_months.add(conn, sums)


def _changed(
    conn: Connection,
    changes: Sequence[Change],
    mailbox: Mailbox,
    domains: Mapping[str, int],
) -> tuple[Questions, Questions]:
    """Write who names what now; give the questions that it may touch: before, after."""
    old = [one.fact for one in changes if one.sign < 0]
    new = [one.fact for one in changes if one.sign > 0]
    fresh = _questions(new, mailbox, domains)
    wanted = {one.hash for one in fresh.values()}
    wanted.update(name.hash for fact in (*old, *new) for name in links_of.names(fact))
    held = links_of.read(conn, mailbox.id, wanted)
    links = _without(conn, mailbox.id, held, old, {one.fact.id for one in changes})
    links_of.merge(links, new)
    renamed = links_of.write(conn, mailbox.id, links, held)
    ids = {one.fact.id for one in changes}
    before = _by(conn, R.message_id, ids)
    hashes = {one.hash for one in renamed}
    before |= _by(conn, R.hash, hashes, R.integration_id == mailbox.id)
    stay = {id_: one for id_, one in before.items() if id_ not in ids}
    return before, _answered(stay | fresh, links)


def _without(
    conn: Connection,
    integration_id: int,
    held: Links,
    old: Iterable[Fact],
    changed: Collection[int],
) -> Links:
    """Give links without messages as they were; who names next is looked for."""
    lost = {
        name
        for fact in old
        for name in links_of.names(fact)
        if name in held and held[name].message_id == fact.id
    }
    links = {name: link for name, link in held.items() if name not in lost}
    if lost:
        links |= links_of.found_anew(conn, integration_id, lost, changed)
    return links


def _answered(questions: Questions, links: Links) -> Questions:
    out = {}
    for id_, one in questions.items():
        link = links.get(Named(one.hash, ANSWERED_BY[one.side]))
        at, by = link or (None, None)
        out[id_] = one._replace(answered_ms=at, answer_id=by)
    return out


def _questions(
    some: Iterable[Fact], mailbox: Mailbox, domains: Mapping[str, int]
) -> Questions:
    return {
        fact.id: Question(
            fact.id,
            mailbox.id,
            asked.side,
            domains[domain_name(asked.domain)],
            fact.own,
            fact.at_ms,
        )
        for fact in some
        if (asked := _asked(fact, mailbox))
    }


def _asked(fact: Fact, mailbox: Mailbox) -> _Asked | None:
    """Tell on which side a message is to be answered, and of which domain it is.

    One without a Message-ID is not: no answer could name it. Nor is mail to oneself.
    """
    if fact.kind != "person" or fact.aside != "no" or not fact.own:
        return None
    mine = {mailbox.address.lower()}
    if fact.direction == "received":
        if fact.from_address.lower() in mine:
            return None
        return _Asked(OURS, registered_of(fact.from_address))
    mine.add(fact.from_address.lower())
    everybody = (*addresses_in(fact.recipients), *addresses_in(fact.copied))
    others = [one for one in everybody if one.lower() not in mine]
    return _Asked(THEIRS, registered_of(others[0])) if others else None


def _domain_ids(
    conn: Connection, some: Iterable[Fact], mailboxes: Mapping[int, Mailbox]
) -> dict[str, int]:
    asked = (_asked(fact, mailboxes[fact.integration_id]) for fact in some)
    names = {domain_name(one.domain) for one in asked if one}
    return correspondent_ids.ids_of(conn, names)


def _write(conn: Connection, right: Questions, held: Questions) -> int:
    """Write questions as they are to be; give how many were otherwise."""
    new = [one for id_, one in right.items() if held.get(id_) != one]
    gone = [id_ for id_ in held if id_ not in right]
    insert_rows(conn, response, COLUMNS, new, UPSERT)
    for some in chunks(gone, CHUNK):
        conn.execute(delete(response).where(R.message_id.in_(some)))
    return len(new) + len(gone)


def _by(
    conn: Connection, column: Any, values: Collection[int], *which: Any
) -> Questions:
    found: Questions = {}
    for some in chunks(values, CHUNK):
        rows = conn.execute(select(response).where(column.in_(some), *which))
        found |= {row[0]: Question(*row) for row in rows}
    return found


def _every(conn: Connection, integration_id: int) -> Questions:
    rows: Iterator[Any] = iter(
        conn.execute(select(response).where(R.integration_id == integration_id))
    )
    return {row[0]: Question(*row) for row in rows}
