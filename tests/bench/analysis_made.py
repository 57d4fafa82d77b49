"""An installation of many mailboxes and any number of messages, made in the store.

What counting writes is written directly: the tables of `core.store.counting_tables`,
and `rollup`. Of `message` there are only those that a list of who waits can show; there
are no placements, no index of words, and nothing that is only read while mail is taken
in (`answer_link`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
from sqlalchemy import Connection, Table, insert, select, update

from core.business import Calendar
from core.clock import to_ms
from core.runtime import Runtime
from core.store.counting_tables import (
    contact,
    contact_month,
    correspondent,
    response,
    response_month,
    team,
    total_day,
)
from core.store.engine import writing
from core.store.schema import activity, folder, integration, message, owner, rollup
from core.store.sending_tables import mail as outbox, template
from tests.bench.analysis_mail import ASIDES, DIRECTIONS, KINDS, Mail, World
from tests.bench.analysis_sums import SIDES, Contacts, Responses, Row, Totals, rollups
from tests.store import fleet_made

TOGETHER = 20  # mailboxes that are written in one transaction
WAITING = 100  # that a list shows
PERIODS = (1, 12, 24)  # months back from now, in which lists of who waits begin
SENT_BY_US = 100  # of so many messages, one was sent from the outbox
TEMPLATES = 12
SEEN = (0, 1, 1, 1, 1, 9, 9, 17, 25, 3, 5, 16)  # bits of `core.outgoing.Seen`
LARGE = (response, contact, contact_month, rollup, total_day, outbox, message)


def fill(
    runtime: Runtime, mailboxes: int, messages: int, say: Callable[[str], object]
) -> World:
    """Make them; `say` hears how far it is."""
    fleet_made.fill(runtime, mailboxes, history=False)
    with writing(runtime.engine) as conn:
        _in_haste(conn)
        teams = _teams(conn)
        _folders(conn, mailboxes)
        of = select(integration.c.address).order_by(integration.c.id)
        addresses = [str(one) for one in conn.scalars(of)]
    calendar = Calendar()
    today = calendar.local(to_ms(runtime.clock())).date()
    world = World(messages, addresses, today - timedelta(days=1), calendar)
    making = _Making(runtime, world, teams)
    making.names()
    for first in range(0, mailboxes, TOGETHER):
        making.some(range(first, min(first + TOGETHER, mailboxes)))
        if first % (TOGETHER * 10) == 0:
            say(f"    {min(first + TOGETHER, mailboxes):,} mailboxes made")
    say("    sums of teams and of everybody ...")
    making.sums()
    with writing(runtime.engine) as conn:
        _sent(conn, world, messages // SENT_BY_US)
        _indexes(conn)
    _settle(runtime)
    return world


class _Making:
    """What is summed while mailboxes are written."""

    def __init__(self, runtime: Runtime, world: World, teams: list[int]) -> None:
        self._runtime, self._world = runtime, world
        self._team_of = teams
        scopes = [0, *sorted({-one for one in teams if one})]
        self._totals = {scope: Totals(world) for scope in scopes}
        self._contacts = {scope: Contacts(world) for scope in scopes}
        self._responses = Responses(world, self._contacts[0])
        self._next_id = 1

    def names(self) -> None:
        """Write whom mail comes from and goes to."""
        with writing(self._runtime.engine) as conn:
            put(conn, correspondent, ("id", "name"), self._contacts[0].names())

    def some(self, numbers: Iterable[int]) -> None:
        """Write what is of some mailboxes."""
        with writing(self._runtime.engine) as conn:
            _in_haste(conn)
            for number in numbers:
                self._one(conn, number + 1, self._world.mail(number))

    def sums(self) -> None:
        """Write what is of teams and of everybody."""
        for scope, totals in self._totals.items():
            contacts = self._contacts[scope]
            with writing(self._runtime.engine) as conn:
                _in_haste(conn)
                put_all(conn, total_day, totals.rows(scope, totals.own()))
                put_all(conn, contact_month, contacts.months(scope, contacts.own()))
                put_all(conn, contact, contacts.spans(scope, contacts.own()))
                rows = self._responses.sums(scope, -scope)
                put_all(conn, response_month, rows)

    def _one(self, conn: Connection, integration_id: int, mail: Mail) -> None:
        team_id = self._team_of[integration_id - 1]
        scopes = (0, -team_id) if team_id else (0,)
        whole, contacts = self._totals[0], self._contacts[0]
        total_cells, contact_cells = whole.cells(mail), contacts.cells(mail)
        for scope in scopes:
            self._totals[scope].add(total_cells)
            self._contacts[scope].add(contact_cells)
        first_id = self._next_id
        self._next_id += len(mail)
        asked = self._responses.questions(integration_id, first_id, mail)
        rows = self._responses.rows(integration_id, team_id, mail)
        put_all(conn, total_day, whole.rows(integration_id, total_cells))
        put_all(conn, rollup, rollups(integration_id, mail))
        put_all(conn, contact_month, contacts.months(integration_id, contact_cells))
        put_all(conn, contact, contacts.spans(integration_id, contact_cells))
        put_all(conn, response, asked)
        put_all(conn, response_month, rows)
        put_rows(conn, message, self._listed(integration_id, first_id, mail))

    def _listed(
        self, integration_id: int, first_id: int, mail: Mail
    ) -> Iterator[dict[str, Any]]:
        """Give the messages that a list of who waits may begin with."""
        waits = mail.asks & (mail.answered_ms == 0)
        wanted: set[int] = set()
        for side in range(len(SIDES)):
            (mine,) = np.nonzero(waits & (mail.direction == side))
            for months in PERIODS:
                since = self._world.end_ms - months * 31 * 86_400_000
                at = np.searchsorted(mail.at_ms[mine], since)
                wanted.update(mine[at : at + WAITING].tolist())
        own = self._world.mailboxes[integration_id - 1]
        for n in sorted(wanted):
            other = self._world.addresses[int(mail.whom[n])]
            sent = bool(mail.direction[n])
            yield {
                "id": first_id + n, "integration_id": integration_id,
                "identity": f"made{n}", "at": int(mail.at_ms[n]),
                "direction": DIRECTIONS[sent], "kind": KINDS[int(mail.kind[n])],
                "aside": ASIDES[int(mail.aside[n])], "received_at": int(mail.at_ms[n]),
                "written_at": int(mail.at_ms[n]), "size_bytes": int(mail.size_bytes[n]),
                "attachment": False, "from_name": "",
                "from_address": own if sent else other,
                "recipients": other if sent else own, "copied": "",
                "subject": f"Pedido {n}",
                "message_id": f"<{first_id + n}@made.example>",
                "in_reply_to": "", "refs": "", "search": "",
            }  # fmt: skip


def put(
    conn: Connection, table: Table, columns: Iterable[str], rows: Iterable[Row]
) -> None:
    """Write rows in bulk: COPY, or one statement for many."""
    names = list(columns)
    listed, raw = ", ".join(names), conn.connection.driver_connection
    if conn.dialect.name == "postgresql":
        copying = f"COPY {table.name} ({listed}) FROM STDIN"
        with raw.cursor() as cursor, cursor.copy(copying) as copy:  # type: ignore[union-attr]  # psycopg's
            for row in rows:
                copy.write_row(row)
        return
    marks = ", ".join("?" * len(names))
    statement = f"INSERT INTO {table.name} ({listed}) VALUES ({marks})"  # noqa: S608 - names of ours
    raw.executemany(statement, rows)  # type: ignore[union-attr]  # sqlite3's


def put_all(conn: Connection, table: Table, rows: Iterable[Row]) -> None:
    """Write rows of all columns."""
    put(conn, table, (column.name for column in table.columns), rows)


def put_rows(conn: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows of some columns, all of the same."""
    listed = list(rows)
    if listed:
        put(conn, table, listed[0], (tuple(row.values()) for row in listed))


def _in_haste(conn: Connection) -> None:
    """Let nothing be looked up for each row; indexes come at the end."""
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("SET LOCAL session_replication_role = replica")
    for table in LARGE:
        for index in table.indexes:
            index.drop(conn, checkfirst=True)


def _indexes(conn: Connection) -> None:
    for table in LARGE:
        for index in table.indexes:
            index.create(conn)


def _settle(runtime: Runtime) -> None:
    """Do what databases do by themselves, some time after so many rows came."""
    with runtime.engine.connect() as conn:
        own = conn.execution_options(isolation_level="AUTOCOMMIT")
        if conn.dialect.name == "postgresql":
            own.exec_driver_sql("VACUUM ANALYZE")
        else:
            own.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


def _teams(conn: Connection) -> list[int]:
    """Write the teams; give the one of each mailbox, 0: none."""
    names = sorted({name for name in conn.scalars(select(owner.c.team)) if name})
    ids = {name: number for number, name in enumerate(names, 1)}
    conn.execute(insert(team), [{"id": n, "name": name} for name, n in ids.items()])
    of = select(owner.c.team).join(integration).order_by(integration.c.id)
    return [ids.get(name, 0) for name in conn.scalars(of)]


def _folders(conn: Connection, mailboxes: int) -> None:
    rows = [
        {"integration_id": k, "name": role, "title": role, "delimiter": "/",
         "role": role, "selectable": True, "low": 1, "high": 1000, "uidvalidity": 1,
         "capped": k % 29 == 0 and role == "inbox"}
        for k in range(1, mailboxes + 1)
        for role in ("inbox", "sent", "archive", "trash")
    ]  # fmt: skip
    conn.execute(insert(folder), rows)
    conn.execute(update(integration).values(probe_at=None))


def _sent(conn: Connection, world: World, many: int) -> None:
    """Write what was sent from the outbox, with what became of it."""
    now = world.end_ms
    conn.execute(
        insert(template),
        [
            {"name": f"Modelo {n}", "folded": f"modelo {n}", "subject": "Visita",
             "body": "", "changed_at": _at(now)}
            for n in range(1, TEMPLATES + 1)
        ],
    )  # fmt: skip
    drawn = np.random.default_rng(world.seed)
    boxes = drawn.integers(1, len(world.mailboxes) + 1, many).tolist()
    span = 730 * 86_400_000
    at_ms = np.sort(now - drawn.integers(0, span, many)).tolist()
    seen = drawn.choice(SEEN, many).tolist()
    put_rows(conn, activity, (
        {"model": "email", "subject": f"Visita {n}", "contact": "Ana",
         "contact_address": f"a{n}@cliente.example", "company": "",
         "owner_id": boxes[n], "due_on": _at(at_ms[n]).date().isoformat(),
         "done_at": at_ms[n], "created_at": at_ms[n]}
        for n in range(many)
    ))  # fmt: skip
    put_rows(conn, outbox, (
        {"integration_id": boxes[n], "template_id": n % (TEMPLATES + 1) or None,
         "actor": "made", "message_id": f"<out{n}@made.example>", "header_hash": n + 1,
         "sender": "", "sender_address": world.mailboxes[boxes[n] - 1],
         "subject": "Visita", "size_bytes": 9000, "smtputf8": False, "bulk": False,
         "state": "sent", "made_at": at_ms[n], "not_before": at_ms[n],
         "next_at": at_ms[n], "tries": 1, "at_brink": False, "sent_at": at_ms[n],
         "said": "", "ended_why": "", "copy": "done", "copy_tries": 0,
         "seen": seen[n]}
        for n in range(many)
    ))  # fmt: skip


def _at(ms: int) -> Any:
    return Calendar("UTC").local(ms)
