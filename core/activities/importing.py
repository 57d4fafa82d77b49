"""What a file would change, and changing it: nothing is written that was not shown."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from core.activities.changing import ALONE
from core.activities.rows import Preview, Row, RowProblem
from core.errors import BadInput
from core.planned import CHANGING
from core.runtime import Runtime
from core.store import activities, locks, runs
from core.store.engine import reading, writing


@dataclass(frozen=True, slots=True)
class Changed:
    """A row that changes an activity: by field, what is there and what comes."""

    row: Row
    id: int
    fields: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do; `refused` rows are left out, `ignored` columns not read.

    `wrong` counts the refused rows: one of them may have several problems.
    """

    new: tuple[Row, ...]
    changed: tuple[Changed, ...]
    same: tuple[Row, ...]
    refused: tuple[RowProblem, ...] = ()
    wrong: int = 0
    ignored: tuple[str, ...] = ()
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    new: int
    changed: int


def plan(runtime: Runtime, preview: Preview) -> Plan:
    """Compare a file with what is there; nothing is written.

    An activity is the same by owner, model, subject, contact's address and day; its
    contact, company and template change where the file has a word on them.
    """
    first, twice = _once(preview.rows)
    with reading(runtime.engine) as conn:
        new, changed, same = _compared(conn, first)
    refused = sorted((*preview.problems, *twice), key=lambda one: one.line)
    return Plan(
        new,
        changed,
        same,
        tuple(refused),
        preview.wrong + len(twice),
        tuple(preview.ignored),
        preview.numbered,
    )


def import_all(runtime: Runtime, shown: Plan, actor: str) -> Imported:
    """Do what a plan says, all of it or nothing; each change is in the audit log.

    Raises:
        BadInput: what is there has changed since the plan was made.

    """
    now = runtime.clock()
    rows = [*shown.new, *(one.row for one in shown.changed), *shown.same]
    with writing(runtime.engine) as conn:
        locks.alone(conn, ALONE)
        new, changed, _ = _compared(conn, rows)
        if (new, changed) != (shown.new, shown.changed):
            raise BadInput("file", "changed_meanwhile")
        made = activities.add(conn, [row.draft for row in new], now)
        known = {one.id: _texts(one) for one in changed}
        activities.change_texts(conn, known)
        runs.record_each(conn, "change_activity", actor, now, map(_facts, changed))
        counts = {"new": made, "changed": len(changed), "refused": shown.wrong}
        facts = {name: str(n) for name, n in counts.items()}
        runs.record_each(conn, "import_activities", actor, now, [facts])
    return Imported(made, len(changed))


def _once(rows: Iterable[Row]) -> tuple[list[Row], list[RowProblem]]:
    """Keep the first row of each activity; what comes again is told."""
    first: dict[tuple[Any, ...], Row] = {}
    twice = []
    for row in rows:
        kept = first.setdefault(row.draft.identity, row)
        if kept is not row:
            problem = BadInput("subject", "twice", line=kept.line)
            twice.append(RowProblem(row.line, problem))
    return list(first.values()), twice


def _compared(
    conn: Connection, rows: list[Row]
) -> tuple[tuple[Row, ...], tuple[Changed, ...], tuple[Row, ...]]:
    known = activities.known(conn, [row.draft for row in rows])
    new, changed, same = [], [], []
    for row in rows:
        there = known.get(row.draft.identity)
        if there is None:
            new.append(row)
        elif fields := _differences(row, there.texts):
            changed.append(Changed(row, there.id, fields))
        else:
            same.append(row)
    return tuple(new), tuple(changed), tuple(same)


def _differences(row: Row, there: dict[str, str]) -> tuple[tuple[str, str, str], ...]:
    told = {name: getattr(row.draft, name) for name in CHANGING if name in row.given}
    return tuple(
        (name, there[name], new) for name, new in told.items() if there[name] != new
    )


def _texts(one: Changed) -> dict[str, str]:
    return {name: new for name, _, new in one.fields}


def _facts(one: Changed) -> dict[str, str]:
    told = {name: f"{old} → {new}" for name, old, new in one.fields}
    return {"id": str(one.id), **told}
