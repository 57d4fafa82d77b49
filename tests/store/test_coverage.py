"""How whole the mailboxes are that numbers stand on: which are behind, since when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event, insert, update

from core import coverage, scopes
from core.coverage import LATE, Quality
from core.runtime import Runtime
from core.scopes import ALL, Scope
from core.store.counting_tables import counting_mark, team
from core.store.engine import writing
from core.store.rollups import SLOT_MS
from core.store.schema import folder, integration, owner, rollup
from tests.store.building import connected, listed

SLOT = 1_700_000_000_000 // SLOT_MS


def followed(runtime: Runtime, name: str, **changes: Any) -> int:
    """Store a mailbox that is followed and whole, but for some changes."""
    one, now = connected(runtime, name, f"{name.lower()}@example.org"), runtime.clock()
    folders = listed(runtime, one, "inbox")
    well = {"last_sync_at": now, "seen_at": now, "short": 0}
    with writing(runtime.engine) as conn:
        mine = update(integration).where(integration.c.id == one)
        conn.execute(mine.values(**well | changes))
        whole = update(folder).where(folder.c.id == folders["inbox"])
        conn.execute(whole.values(low=1, high=9, held=9, on_server=9))
    return one


def look(runtime: Runtime, scope: Scope = ALL) -> Quality:
    return coverage.quality(runtime, scope)


def test_no_mailbox_at_all(runtime: Runtime) -> None:
    assert look(runtime) == Quality(0, 0, 0, None, None, 0)


def test_all_is_well(runtime: Runtime) -> None:
    followed(runtime, "Ana")
    followed(runtime, "Bia")
    assert look(runtime) == Quality(2, 0, 0, None, None, 0)


def test_who_is_behind_is_so_since_mail_was_seen_last(runtime: Runtime) -> None:
    now = runtime.clock()
    days = [now - timedelta(days=n) for n in range(10)]
    followed(runtime, "Ana")
    followed(runtime, "Bia", problem_code="login_refused", seen_at=days[2])
    followed(runtime, "Caio", paused=True, seen_at=days[5])
    followed(runtime, "Davi", seen_at=now - LATE - timedelta(minutes=1))
    never = followed(runtime, "Eva", last_sync_at=None, seen_at=None)
    found = look(runtime)
    assert (found.live, found.behind, found.partial) == (5, 4, 0)
    assert found.incomplete == 4
    assert found.since == to_the_ms(days[5])
    at = to_the_ms(days[8])
    with writing(runtime.engine) as conn:
        mine = integration.c.id == never
        conn.execute(update(integration).where(mine).values(connected_at=at))
    assert look(runtime).since == at


@pytest.mark.parametrize(
    "changes",
    [
        {"low": None},
        {"low": 7},
        {"building_uidvalidity": 5},
        {"capped": True},
        {"problem_code": "folder_refused"},
    ],
    ids=str,
)
def test_a_folder_that_is_not_held_to_its_end(
    runtime: Runtime, changes: dict[str, Any]
) -> None:
    one = followed(runtime, "Ana")
    with writing(runtime.engine) as conn:
        conn.execute(update(folder).values(**changes))
    assert (look(runtime).behind, look(runtime).partial) == (0, 1)
    assert look(runtime).since is None
    with writing(runtime.engine) as conn:
        conn.execute(update(folder).values(missing_since=runtime.clock()))
    assert look(runtime, Scope(one, "")).partial == 0


def test_what_lacks_messages_is_partial_and_not_counted_twice(runtime: Runtime) -> None:
    followed(runtime, "Ana", short=3)
    followed(runtime, "Bia", short=3, paused=True)
    found = look(runtime)
    assert (found.live, found.behind, found.partial) == (2, 1, 1)


def test_an_ended_mailbox_is_not_told_but_its_first_day_is(runtime: Runtime) -> None:
    one = followed(runtime, "Ana", disconnected_at=runtime.clock(), short=3)
    two = followed(runtime, "Bia")
    with writing(runtime.engine) as conn:
        for of, slot in ((one, SLOT + 9), (one, SLOT), (two, SLOT + 5)):
            row = {"direction": "sent", "kind": "person", "aside": "no"}
            numbers = {"messages": 1, "size_bytes": 1, "slot": slot}
            conn.execute(insert(rollup).values(integration_id=of, **row, **numbers))
    found = look(runtime)
    assert (found.live, found.incomplete) == (1, 0)
    assert found.first is not None
    assert found.first.timestamp() * 1000 == SLOT * SLOT_MS
    of_two = look(runtime, Scope(two, "")).first
    assert of_two is not None
    assert of_two.timestamp() * 1000 == (SLOT + 5) * SLOT_MS


def test_a_team_and_what_is_still_to_be_counted(runtime: Runtime) -> None:
    followed(runtime, "Ana", paused=True)
    followed(runtime, "Bia")
    with writing(runtime.engine) as conn:
        conn.execute(insert(team).values(name="Vendas"))
        conn.execute(update(owner).where(owner.c.name == "Ana").values(team="Vendas"))
        marks = [{"name": "until", "number": 90}, {"name": "done", "number": 60}]
        for one in marks:
            there = update(counting_mark).where(counting_mark.c.name == one["name"])
            if not conn.execute(there.values(number=one["number"])).rowcount:
                conn.execute(insert(counting_mark).values(words="", **one))
    (sales,) = scopes.teams(runtime)
    found = look(runtime, sales)
    assert (found.live, found.behind, found.to_count) == (1, 1, 30)


def test_two_queries_however_many_mailboxes(runtime: Runtime) -> None:
    for name in ("Ana", "Bia", "Caio", "Davi"):
        followed(runtime, name)
    asked: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    event.listen(runtime.engine, "before_cursor_execute", note)
    look(runtime)
    assert len([one for one in asked if "SELECT" in one]) == 2


def to_the_ms(at: datetime) -> datetime:
    """Give an instant as it is stored."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)
