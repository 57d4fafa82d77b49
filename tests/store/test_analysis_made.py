"""What `make bench` makes in the store agrees with itself, and can be asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from sqlalchemy import Connection, func, select

from core.runtime import Runtime
from core.scopes import ALL, Scope, teams
from core.store import contacts, responses, totals
from core.store.counting_tables import contact_month, response, total_day
from core.store.engine import reading, writing
from core.store.schema import message, rollup
from tests.bench import analysis
from tests.bench.analysis import PAGES, Made
from tests.bench.analysis_made import fill

MAILBOXES, MESSAGES = 8, 4_000


@pytest.fixture
def made(runtime: Runtime) -> Runtime:
    """Give a small installation of the bench."""
    fill(runtime, MAILBOXES, MESSAGES, lambda _: None)
    return runtime


def test_sums_are_what_resumming_makes_of_mailboxes(made: Runtime):
    with writing(made.engine) as conn:
        assert totals.resum(conn) == 0
        assert contacts.resum(conn) == 0
        assert responses.resum(conn) == 0


def test_each_table_counts_the_same_messages(made: Runtime):
    with reading(made.engine) as conn:
        by_day = _by(conn, total_day, {"kind": ("person", "list"), "aside": ("no",)})
        every = contact_month.c.what == "all"
        assert by_day == _by(conn, contact_month, {"what": ("all",)})
        whole = _by(conn, total_day, {})
        of_mailboxes = select(rollup.c.integration_id, func.sum(rollup.c.messages))
        rolled = conn.execute(of_mailboxes.group_by(rollup.c.integration_id))
        found = {int(one): int(n) for one, n in rolled}
        names = conn.scalar(
            select(func.count(contact_month.c.name_id.distinct())).where(every)
        )
    assert {one: n for one, n in whole.items() if one > 0} == found
    assert whole[0] == MESSAGES
    assert names == 1  # the one under which every message is counted


def test_who_waits_longest_can_be_listed(made: Runtime):
    with reading(made.engine) as conn:
        first = select(response.c.message_id).where(response.c.answered_ms.is_(None))
        oldest = set(conn.scalars(first.order_by(response.c.asked_ms).limit(100)))
        there = set(conn.scalars(select(message.c.id)))
    assert oldest <= there


@pytest.mark.parametrize("page", PAGES)
def test_every_page_asks_and_is_answered(made: Runtime, page: str):
    scopes = dict(zip(analysis.OF, (ALL, teams(made)[0], Scope(1)), strict=True))
    one = Made(made, scopes)
    for scope in scopes.values():
        for work in PAGES[page](one, scope).values():
            work()


def _by(
    conn: Connection, table: Any, which: Mapping[str, tuple[str, ...]]
) -> dict[int, int]:
    """Sum messages by scope."""
    query = select(table.c.scope, func.sum(table.c.messages))
    for name, values in which.items():
        query = query.where(table.c[name].in_(values))
    return {int(a): int(b) for a, b in conn.execute(query.group_by(table.c.scope))}
