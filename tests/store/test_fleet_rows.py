"""A row of the fleet: its state, reason, coverage, today's mail, and its team."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import insert, select, update

from core import fleet
from core.clock import to_ms
from core.errors import BadInput, NotFound
from core.fleet import Group, Question
from core.runtime import Runtime
from core.store import incidents, integrations, leases, quarters
from core.store.engine import reading, writing
from core.store.quarters import Attempt
from core.store.rollups import SLOT_MS
from core.store.schema import audit, folder, rollup
from tests.store.building import connected, listed

UTC = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
LONG_AGO = pd.Timestamp("2026-01-01", tz="UTC")


@pytest.mark.parametrize(
    ("search", "owners"),
    [
        ("conceicao", {"Ana Conceição"}),
        ("CONCEIÇÃO ana", {"Ana Conceição"}),
        ("example.org", {"Ana Conceição", "100% Bia", "Caio_X"}),
        ("ME@", {"Ana Conceição", "100% Bia", "Caio_X"}),
        ("%", {"100% Bia"}),
        ("_", {"Caio_X"}),
        ("/", set()),
        ("\\", set()),
        ("' OR 1=1 --", set()),
    ],
)
def test_search_in_owner_and_address(
    runtime: Runtime, search: str, owners: set[str]
) -> None:
    for name in ("Ana Conceição", "100% Bia", "Caio_X"):
        connected(runtime, name)
    found = fleet.page(runtime, Question(search=search), UTC)
    assert set(found.rows["owner"]) == owners
    assert found.count == len(owners)


def test_the_reason_is_the_problem_else_the_worst_warning(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, last_sync_at=now)
        incidents.observe(conn, one, "issuer_changed", now - 3 * HOUR, host="a")
        incidents.observe(conn, one, "quota_full", now - HOUR, used_kib="1")
    (row,) = fleet.page(runtime, Question(), UTC).rows.to_dict("records")
    assert (row["group"], row["code"]) == ("warning", "quota_full")
    assert row["facts"] == {"used_kib": "1"}
    assert to_ms(row["since"]) == to_ms(now - HOUR)
    values = {"problem_code": "no_answer", "problem_since": now, "state": "retrying"}
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, **values)
    (row,) = fleet.page(runtime, Question(), UTC).rows.to_dict("records")
    assert (row["group"], row["code"], row["facts"]) == ("retrying", "no_answer", {})


def test_states_are_told_as_people_are(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()

    def state() -> str:
        return str(fleet.page(runtime, Question(), UTC).rows["state"].iloc[0])

    assert state() == "waiting"
    with writing(runtime.engine) as conn:
        leases.take(conn, one, "test:0:0", now)
    assert state() == "syncing"
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, lease_until=None, last_sync_at=now)
    assert state() == "ok"
    with writing(runtime.engine) as conn:
        integrations.change(conn, one, paused=True, lease_until=now + HOUR)
    assert state() == "paused"
    with writing(runtime.engine) as conn:
        integrations.disconnect(conn, one, now)
    assert fleet.page(runtime, Question(), UTC).count == 0
    ended = fleet.page(runtime, Question(group=Group.ENDED), UTC)
    assert list(ended.rows["state"]) == ["disconnected"]


@pytest.mark.parametrize(
    ("values", "short", "told"),
    [
        ({"low": 1}, 0, "complete"),
        ({"low": 1, "capped": True}, 0, "capped"),
        ({"low": 400}, 0, "reading"),
        ({"low": 1, "building_uidvalidity": 5}, 0, "reading"),
        ({"low": 1, "capped": True}, 7, "short"),
        ({"low": None, "problem_code": "folder_refused"}, 0, "complete"),
        ({"low": None, "missing_since": LONG_AGO}, 0, "complete"),
    ],
)  # fmt: skip
def test_coverage(
    runtime: Runtime, values: dict[str, Any], short: int, told: str
) -> None:
    one = connected(runtime)
    listed(runtime, one, "Inbox")
    with writing(runtime.engine) as conn:
        conn.execute(update(folder).values(**values))
        integrations.change(conn, one, short=short, last_sync_at=runtime.clock())
    assert list(fleet.page(runtime, Question(), UTC).rows["coverage"]) == [told]


def test_today_is_cut_in_the_readers_zone(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()
    places = [ZoneInfo(f"Etc/GMT{hours:+d}") for hours in range(-12, 13, 4)]
    first = to_ms(now) // SLOT_MS - 96
    with writing(runtime.engine) as conn:
        for slot in range(first, first + 97):
            for aside, direction in (
                ("no", "received"),
                ("no", "sent"),
                ("junk", "received"),
            ):
                values = (one, slot, direction, "person", aside, 1, 1)
                conn.execute(insert(rollup).values(values))
    for zone in places:
        midnight = now.astimezone(zone).replace(
            hour=0, minute=0, second=0, microsecond=0
        )
        slots = to_ms(now) // SLOT_MS - to_ms(midnight) // SLOT_MS + 1
        assert list(fleet.page(runtime, Question(), zone).rows["today"]) == [slots]


def test_cells_tell_how_a_day_went(runtime: Runtime) -> None:
    one, now = connected(runtime), runtime.clock()
    slots = fleet.day(runtime)
    quarter = timedelta(minutes=15)
    with writing(runtime.engine) as conn:
        quarters.note(
            conn,
            [
                Attempt(one, now),
                Attempt(one, now - quarter, "", fleet.SLOW_MS + 1),
                Attempt(one, now - 2 * quarter),
                Attempt(one, now - 2 * quarter, "wrong_password"),
                Attempt(one, now - 96 * quarter, "no_answer"),
            ],
        )
    found = fleet.cells(runtime, [one], slots).sort_values("slot")
    assert list(found["cell"]) == ["refused", "slow", "ok"]
    assert list(found["slot"]) == [slots[-3], slots[-2], slots[-1]]
    assert len(slots) == 96
    assert fleet.cells(runtime, [], slots).empty


def test_a_team_is_set_and_written_into_the_audit_log(runtime: Runtime) -> None:
    one = connected(runtime, "Ana")
    assert fleet.set_team(runtime, one, "  Vendas  Sul\n", "test") == "Vendas Sul"
    assert fleet.teams(runtime) == ["Vendas Sul"]
    assert fleet.page(runtime, Question(team="Vendas Sul"), UTC).ids == (one,)
    assert fleet.page(runtime, Question(team=""), UTC).ids == ()
    with reading(runtime.engine) as conn:
        (written,) = conn.execute(select(audit).where(audit.c.act == "set_team"))
    assert (written.actor, written.facts) == ("test", {"team": "Vendas Sul"})
    assert fleet.set_team_of(runtime, "ANA", "", "test") == ""
    with pytest.raises(NotFound):
        fleet.set_team(runtime, one + 1, "x", "test")
    with pytest.raises(NotFound):
        fleet.set_team_of(runtime, "nobody", "x", "test")
    with pytest.raises(BadInput):
        fleet.set_team(runtime, one, "x" * 81, "test")
