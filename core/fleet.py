"""Use case: see all mailboxes at once, the worst first, and why each is not well."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from core import metrics
from core.clock import to_ms
from core.errors.classes import ErrorClass, class_of
from core.incidents import RANK, Incident, Level
from core.model import State
from core.providers import catalogue
from core.runtime import Runtime
from core.store import fleet as kept, incidents, integrations, owners, quarters, runs
from core.store.engine import reading, writing
from core.store.fleet import Group, Question, Sort

__all__ = ["ErrorClass", "Group", "Question", "Sort"]
SIZE = 50
CELLS = 96  # quarters of an hour in a day
SLOW_MS = 30_000  # a good sync that takes longer is slow


@dataclass(frozen=True, slots=True)
class Page:
    """A page of the fleet: its rows, and how many there are of each group.

    `rows`: id, owner, team, address, provider, provider_name, group (word), state (as
    people are told), login_ok_at, seen_at, lag_s (None: never seen), coverage
    (complete, short, capped, reading, unknown), short, unread, today, since, code,
    facts. `number` counts from 1 to `pages`; `count` rows are on all of them.
    """

    rows: pd.DataFrame
    totals: Mapping[Group, int]
    number: int
    pages: int
    count: int
    size: int

    @property
    def ids(self) -> tuple[int, ...]:
        """Give the integrations of the rows, in their order."""
        return tuple(int(one) for one in self.rows["id"])

    @property
    def live(self) -> int:
        """Count all that have not ended."""
        return sum(n for group, n in self.totals.items() if group is not Group.ENDED)


def page(runtime: Runtime, asked: Question, zone: ZoneInfo, size: int = SIZE) -> Page:
    """Give a page of rows; beyond the last one it is the last. Days are of `zone`."""
    now = runtime.clock()
    today = now.astimezone(zone).date()
    start, end = metrics.bounds(today, today, zone)
    with reading(runtime.engine) as conn:
        counts = kept.totals(conn, asked)
        live = sum(n for group, n in counts.items() if group is not Group.ENDED)
        count = live if asked.group is None else counts[asked.group]
        pages = max(1, -(-count // size))
        asked = replace(asked, page=min(max(1, asked.page), pages))
        groups = kept.ids(conn, asked, size)
        found = kept.rows(conn, list(groups))
        ways = kept.partly_read(conn, list(groups))
        arrived = kept.arrivals(conn, list(groups), to_ms(start), to_ms(end))
        wrong = incidents.open_of_many(conn, groups)
    rows = _told(found.set_index("id", drop=False), groups, ways, now)
    rows["today"] = [arrived.get(one, 0) for one in groups]
    rows = _with_reasons(rows, wrong)
    return Page(rows, counts, asked.page, pages, count, size)


def totals(runtime: Runtime, asked: Question) -> Mapping[Group, int]:
    """Count the integrations of each group under the other filters of a question."""
    with reading(runtime.engine) as conn:
        return kept.totals(conn, asked)


def is_empty(runtime: Runtime) -> bool:
    """Tell whether nothing was ever connected."""
    with reading(runtime.engine) as conn:
        return not kept.any_at_all(conn)


def day(runtime: Runtime) -> range:
    """Give the quarters of an hour, since 1970, of a day that ends with this one."""
    last = quarters.slot_of(runtime.clock())
    return range(last - CELLS + 1, last + 1)


def cells(runtime: Runtime, ids: Collection[int], slots: range) -> pd.DataFrame:
    """Tell how integrations were followed in some quarters of an hour.

    integration_id, slot, good, failed, slowest_ms, code, cell (ok, slow, or an
    `ErrorClass`); quarters in which nothing ran have no row.
    """
    with reading(runtime.engine) as conn:
        found = quarters.of(conn, ids, slots[0], slots[-1])
    names = "integration_id slot good failed slowest_ms code".split()
    out = pd.DataFrame(found, columns=names)
    out["cell"] = [cell_of(*row[3:6]) for row in found]
    return out


def cell_of(failed: int, slowest_ms: int, code: str | None) -> str:
    """Tell what a quarter of an hour was: one failure in it is told."""
    if failed:
        return str(class_of(code or ""))
    return "slow" if slowest_ms > SLOW_MS else "ok"


def providers(runtime: Runtime) -> dict[str, str]:
    """Give the providers of live integrations: names by id; "" has no name."""
    with reading(runtime.engine) as conn:
        found = kept.providers(conn)
    return {one: provider_name(one) for one in found}


def teams(runtime: Runtime) -> list[str]:
    """List the teams that owners are in; "" for those in none."""
    with reading(runtime.engine) as conn:
        return kept.teams(conn)


def provider_name(provider_id: str) -> str:
    """Give the name of a provider; one that left the catalogue keeps its id."""
    known = catalogue().by_id(provider_id)
    return known.name if known else provider_id


def worst(wrong: Sequence[Incident]) -> Incident | None:
    """Give the worst of the warnings among incidents, the oldest of its kind."""
    warnings = [one for one in wrong if one.level is Level.WARNING]
    last = len(RANK)
    return min(
        warnings, key=lambda one: (RANK.get(one.code, last), one.since), default=None
    )


def set_team(runtime: Runtime, integration_id: int, team: str, actor: str) -> str:
    """Put the owner of an integration into a team, or into none; give its name.

    Raises:
        NotFound: there is no such integration.
        BadInput: the name cannot be used.

    """
    with reading(runtime.engine) as conn:
        owner = integrations.get(conn, integration_id).owner
    return set_team_of(runtime, owner, team, actor, integration_id)


def set_team_of(
    runtime: Runtime,
    owner: str,
    team: str,
    actor: str,
    integration_id: int | None = None,
) -> str:
    """Put an owner into a team by name; as `set_team`."""
    with writing(runtime.engine) as conn:
        named = owners.set_team(conn, owner, team)
        now = runtime.clock()
        runs.record(conn, "set_team", actor, now, integration_id, team=named)
    return named


def _told(
    found: pd.DataFrame,
    groups: Mapping[int, Group],
    ways: Mapping[int, str],
    now: datetime,
) -> pd.DataFrame:
    """Put rows in order, and tell state, lag, coverage and provider of each."""
    rows = found.reindex(list(groups)).reset_index(drop=True)
    records = rows.to_dict("records")
    rows["group"] = [group.word for group in groups.values()]
    rows["state"] = [
        _shown(row, group, now)
        for row, group in zip(records, groups.values(), strict=True)
    ]
    rows["lag_s"] = (pd.Timestamp(now) - rows["seen_at"]).dt.total_seconds()
    rows["coverage"] = [_coverage(row, ways) for row in records]
    rows["provider_name"] = [provider_name(one) for one in rows["provider"]]
    return rows


def _shown(row: Mapping[Any, Any], group: Group, now: datetime) -> str:
    """Give the state as people are told: pause and a run at hand before the rest."""
    if group in {Group.ENDED, Group.PAUSED}:
        return "disconnected" if group is Group.ENDED else str(State.PAUSED)
    lease = row["lease_until"]
    if isinstance(lease, pd.Timestamp) and lease > pd.Timestamp(now):
        return str(State.SYNCING)
    never = not isinstance(row["last_sync_at"], pd.Timestamp)
    return "waiting" if never and row["state"] == State.OK else str(row["state"])


def _coverage(row: Mapping[Any, Any], ways: Mapping[int, str]) -> str:
    if row["short"]:
        return "short"
    if not isinstance(row["last_sync_at"], pd.Timestamp):
        return "unknown"
    return ways.get(int(row["id"]), "complete")


def _with_reasons(
    rows: pd.DataFrame, wrong: Mapping[int, Sequence[Incident]]
) -> pd.DataFrame:
    """Add code, facts and since: of the problem, else of the worst warning."""
    told = [_reason(row, wrong.get(row["id"], ())) for row in rows.to_dict("records")]
    moments = pd.to_datetime(pd.Series([since for *_, since in told]), utc=True)
    rows["code"] = [code for code, *_ in told]
    rows["facts"] = pd.Series([facts for _, facts, _ in told], dtype=object)
    rows["since"] = moments.astype("datetime64[ms, UTC]")
    return rows


def _reason(
    row: Mapping[Any, Any], wrong: Sequence[Incident]
) -> tuple[str, dict[str, str], datetime | None]:
    if isinstance(row["problem_code"], str):
        facts, since = row["problem_facts"], row["problem_since"]
        known = isinstance(since, pd.Timestamp)
        return (
            row["problem_code"],
            facts if isinstance(facts, dict) else {},
            since.to_pydatetime() if known else None,
        )
    warning = worst(wrong)
    if warning is None:
        return "", {}, None
    return warning.code, warning.facts, warning.since
