"""The fleet: the worst first, filters, pages, and totals that a recount gives too."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from sqlalchemy import select, update

from core import fleet
from core.fleet import Group, Question, Sort
from core.incidents import RANK, WARNINGS
from core.runtime import Runtime
from core.store import frames, incidents, integrations
from core.store.engine import reading, writing
from core.store.schema import integration, owner
from core.store.watch_tables import incident
from tests.store.fleet_made import fill

UTC = ZoneInfo("UTC")
HOUR = timedelta(hours=1)
NEEDS = ("needs_password", "needs_permission", "needs_attention")


@pytest.fixture(params=range(3))
def many(runtime: Runtime, request: pytest.FixtureRequest) -> Runtime:
    """Make 130 integrations whose state, clocks and warnings are drawn by lot."""
    fill(runtime, 130, history=False)
    lot, now = random.Random(request.param), runtime.clock()
    states = ("ok", "ok", "ok", "retrying", *NEEDS)
    with writing(runtime.engine) as conn:
        incidents_now = update(incident).values(ended_at=now)
        conn.execute(incidents_now)
        for one in range(1, 131):
            state = lot.choice(states)
            bad = state != "ok"
            integrations.change(
                conn,
                one,
                state=state,
                paused=lot.random() < 0.1,
                disconnected_at=now if lot.random() < 0.1 else None,
                problem_code="no_answer" if bad else None,
                problem_since=now - HOUR * lot.randrange(50) if bad else None,
                seen_at=lot.choice((None, now - HOUR * lot.randrange(50))),
                last_sync_at=lot.choice((None, now)),
                unread=lot.randrange(9),
                short=lot.choice((0, 0, 3)),
            )
            for code in lot.sample(WARNINGS, lot.choice((0, 0, 0, 1, 2))):
                since = now - HOUR * lot.randrange(50)
                incidents.observe(conn, one, code, since)
    return runtime


def recounted(runtime: Runtime) -> pd.DataFrame:
    """Give one row per integration with its group, worked out without the database."""
    with reading(runtime.engine) as conn:
        rows = frames.frame(
            conn,
            select(
                integration,
                owner.c.name.label("owner"),
                owner.c.folded,
                owner.c.team,
            ).join(owner),
        ).set_index("id", drop=False)
        wrong = frames.frame(conn, select(incident))
    wrong = wrong[wrong["ended_at"].isna() & wrong["code"].isin(WARNINGS)]
    wrong = wrong.assign(rank=wrong["code"].map(RANK)).sort_values(["rank", "since"])
    worst = wrong.groupby("integration_id").first()
    rows["rank"] = worst["rank"].reindex(rows.index)
    rows["warned_at"] = worst["since"].reindex(rows.index)
    rows["group"] = [_group(row) for row in rows.to_dict("records")]
    return rows


def _group(row: dict[Any, Any]) -> Group:
    if not pd.isna(row["disconnected_at"]):
        return Group.ENDED
    if row["paused"]:
        return Group.PAUSED
    if row["state"] in NEEDS:
        return Group.NEEDS_PERSON
    if row["state"] == "retrying":
        return Group.RETRYING
    if not pd.isna(row["rank"]):
        return Group.WARNING
    return Group.WAITING if pd.isna(row["last_sync_at"]) else Group.OK


def walked(runtime: Runtime, asked: Question, size: int = 17) -> list[int]:
    """Go through all pages."""
    found: list[int] = []
    first = fleet.page(runtime, asked, UTC, size)
    for number in range(1, first.pages + 1):
        values = {name: getattr(asked, name) for name in Question.__slots__}
        question = Question(**{**values, "page": number})
        found += fleet.page(runtime, question, UTC, size).ids
    return found


def test_totals_are_those_of_a_recount(many: Runtime) -> None:
    counts = recounted(many)["group"].value_counts()
    shown = fleet.page(many, Question(), UTC)
    assert shown.totals == {group: int(counts.get(group, 0)) for group in Group}
    assert shown.live == 130 - int(counts.get(Group.ENDED, 0))


def test_totals_follow_the_other_filters(many: Runtime) -> None:
    rows = recounted(many)
    rows = rows[(rows["provider"] == "uol") & (rows["team"] == "Suporte")]
    counts = rows["group"].value_counts()
    for group in (None, Group.RETRYING):
        asked = Question(group=group, provider="uol", team="Suporte")
        totals = fleet.page(many, asked, UTC).totals
        assert totals == {one: int(counts.get(one, 0)) for one in Group}


@pytest.mark.parametrize("group", [None, *Group])
def test_each_is_on_one_page_under_its_group(
    many: Runtime, group: Group | None
) -> None:
    rows = recounted(many)
    wanted = rows["group"] != Group.ENDED if group is None else rows["group"] == group
    found = walked(many, Question(group=group))
    assert len(found) == len(set(found))
    assert set(found) == set(rows[wanted]["id"])


def test_the_worst_comes_first_and_of_equals_the_longest(many: Runtime) -> None:
    rows = recounted(many).loc[walked(many, Question())]
    assert rows["group"].is_monotonic_increasing
    warned = rows[rows["group"] == Group.WARNING]
    keys = list(zip(warned["rank"], warned["warned_at"], strict=True))
    assert keys == sorted(keys)
    assert len(set(warned["rank"])) > 1
    for group in (Group.NEEDS_PERSON, Group.RETRYING):
        since = rows[rows["group"] == group]["problem_since"]
        assert since.is_monotonic_increasing
        assert len(since) > 1


@pytest.mark.parametrize(
    ("sort", "column", "descending"),
    [
        (Sort.OWNER, "folded", False),
        (Sort.ADDRESS, "address", False),
        (Sort.UNREAD, "unread", True),
        (Sort.COVERAGE, "short", True),
    ],
)
def test_other_sorts(many: Runtime, sort: Sort, column: str, descending: bool) -> None:
    values = recounted(many).loc[walked(many, Question(sort=sort))][column]
    assert list(values) == sorted(values, reverse=descending)


def test_the_longest_lag_comes_first_and_never_seen_before_it(many: Runtime) -> None:
    seen = recounted(many).loc[walked(many, Question(sort=Sort.LAG))]["seen_at"]
    never = int(seen.isna().sum())
    assert 0 < never < len(seen)
    assert seen.iloc[:never].isna().all()
    assert seen.iloc[never:].is_monotonic_increasing


def test_the_longest_in_error_comes_first_and_the_well_last(many: Runtime) -> None:
    rows = recounted(many).loc[walked(many, Question(sort=Sort.SINCE))]
    since = rows["problem_since"].fillna(rows["warned_at"])
    wrong = int(since.notna().sum())
    assert since.iloc[:wrong].is_monotonic_increasing
    assert since.iloc[wrong:].isna().all()


def test_a_provider_stands_together_and_those_of_none_last(many: Runtime) -> None:
    found = recounted(many).loc[walked(many, Question(sort=Sort.PROVIDER))]
    blocks = [name for name, _ in found.groupby("provider", sort=False)]
    runs = (found["provider"] != found["provider"].shift()).sum()
    assert len(blocks) == runs
    assert blocks[-1] == ""


def test_a_page_beyond_the_end_is_the_last(runtime: Runtime) -> None:
    fill(runtime, 60, history=False)
    live = fleet.page(runtime, Question(), UTC).live
    last = fleet.page(runtime, Question(page=99), UTC, 25)
    assert (last.number, last.pages, len(last.rows)) == (3, 3, live - 50)
    assert fleet.page(runtime, Question(page=0), UTC, 25).number == 1
    none = fleet.page(runtime, Question(search="nobody", page=5), UTC)
    assert (none.number, none.pages, none.count, none.ids) == (1, 1, 0, ())
