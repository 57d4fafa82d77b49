"""A hundred thousand mails of a thousand mailboxes are counted while a person waits."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import Connection, select, text

from core import deliveries
from core.clock import to_ms
from core.deliveries import Question
from core.runtime import Runtime
from core.scopes import ALL
from core.store.engine import writing
from core.store.sending_tables import mail
from tests.store.building import connected
from tests.store.mails_made import put_mail

MAILS, MAILBOXES, TEMPLATES = 100_000, 1000, 20
WITHIN_S = 0.2
TRIES = 5
START = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_hundred_thousand_mails(runtime: Runtime) -> None:
    one = connected(runtime)
    with writing(runtime.engine) as conn:
        first = put_mail(conn, 1, one, START, sent_at=START)
        for copied in (_integrations, _templates, _mails):
            copied(conn, first)
        conn.execute(text("ANALYZE"))
    last = date(2025, 12, 31)
    asked = Question(ALL, START.date(), last, ZoneInfo("America/New_York"))
    took = []  # of this process, in which SQLite works: others do not count
    for _ in range(TRIES):
        begun = time.process_time()
        found = deliveries.deliveries(runtime, asked)
        took.append(time.process_time() - begun)
    assert found.totals["planned"] > MAILS * 0.99
    assert len(found.mailboxes) == MAILBOXES
    assert len(found.templates) == TEMPLATES + 1
    assert min(took) < WITHIN_S, took


def _numbers(most: int) -> str:
    return (
        "WITH RECURSIVE numbers(n) AS (SELECT 2 UNION ALL"  # noqa: S608 - ours
        f" SELECT n + 1 FROM numbers WHERE n < {most})"
    )


def _integrations(conn: Connection, _first: int) -> None:
    """Give each of a thousand owners an integration like the first one's."""
    for table, own in (
        ("owner", {"id": "n", "name": "'Ana ' || n", "folded": "'ana ' || n"}),
        ("integration", {"id": "n", "owner_id": "n", "address": "'ana' || n"}),
    ):
        _copy(conn, table, own, MAILBOXES)


def _templates(conn: Connection, _first: int) -> None:
    conn.execute(
        text(
            "INSERT INTO template"  # noqa: S608 - numbers of ours
            " (id, name, folded, subject, body, bulk, changed_at)"
            f" {_numbers(TEMPLATES + 1)} SELECT n - 1, 'Modelo ' || n, 'modelo ' || n,"
            f" '', '', 1 = 0, 0 FROM numbers"
        )
    )


def _mails(conn: Connection, _first: int) -> None:
    step = timedelta(days=364) // MAILS // timedelta(milliseconds=1)
    own = {
        "id": "n",
        "integration_id": f"n % {MAILBOXES} + 1",
        "template_id": f"NULLIF(n / {MAILBOXES} % {TEMPLATES + 1}, 0)",
        "message_id": "'<' || n || '@example.org>'",
        "not_before": f"{to_ms(START)} + CAST(n AS BIGINT) * {step}",
        "seen": "n * 7 % 32",
    }
    _copy(conn, "mail", own, MAILS)
    assert conn.scalar(select(mail.c.id).order_by(mail.c.id.desc())) == MAILS


def _copy(conn: Connection, table: str, own: dict[str, str], most: int) -> None:
    """Copy the first row of a table, with some columns of its own by number `n`."""
    names = [column.name for column in mail.metadata.tables[table].columns]
    values = ", ".join(own.get(name, f"t.{name}") for name in names)
    listed = ", ".join(names)
    conn.execute(
        text(
            f"INSERT INTO {table} ({listed}) {_numbers(most)}"  # noqa: S608 - ours
            f" SELECT {values} FROM numbers, {table} t WHERE t.id = 1"
        )
    )
