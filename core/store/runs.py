"""Runs (each attempt to sync), events (each thing worth telling) and acts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, insert, select, update

from core.model import Changes, Outcome, Problem, Trigger
from core.store import quarters
from core.store.schema import audit, event, integration, run

REMEMBERED = 20  # events of one kind


def begin(
    conn: Connection, integration_id: int, trigger: Trigger, now: datetime
) -> int:
    """Open a run; one that was left open by a process that died is closed as cut."""
    conn.execute(
        update(run)
        .where(run.c.integration_id == integration_id, run.c.outcome == Outcome.RUNNING)
        .values(outcome=str(Outcome.CUT), finished_at=now)
    )
    row = insert(run).values(
        integration_id=integration_id,
        trigger=str(trigger),
        started_at=now,
        outcome=str(Outcome.RUNNING),
    )
    return int(conn.scalars(row.returning(run.c.id)).one())


def progress(
    conn: Connection, run_id: int, *, done: int, total: int, current: str, folders: int
) -> None:
    """Tell how far a run is: messages fetched, of how many, in which folder."""
    conn.execute(
        update(run)
        .where(run.c.id == run_id)
        .values(done=done, total=total, current=current, folders=folders)
    )


def finish(
    conn: Connection,
    run_id: int,
    outcome: Outcome,
    changes: Changes,
    problem: Problem | None,
    now: datetime,
) -> None:
    """Close a run with what it did; a good one is the integration's last sync."""
    begun = conn.execute(select(run).where(run.c.id == run_id)).one()
    if outcome is Outcome.OK:
        mine = integration.c.id == begun.integration_id
        conn.execute(update(integration).where(mine).values(last_sync_at=now))
    if outcome in {Outcome.OK, Outcome.FAILED}:
        took_ms = round((now - begun.started_at).total_seconds() * 1000)
        code = problem.code if problem else ""
        attempt = quarters.Attempt(begun.integration_id, now, code, took_ms)
        quarters.note(conn, [attempt])
    conn.execute(
        update(run)
        .where(run.c.id == run_id)
        .values(
            finished_at=now,
            outcome=str(outcome),
            current=None,
            problem_code=problem.code if problem else None,
            problem_facts=problem.facts if problem else None,
            added=changes.added,
            read=changes.read,
            flagged=changes.flagged,
            moved=changes.moved,
            gone=changes.gone,
            poisoned=changes.poisoned,
        )
    )


def latest(conn: Connection, integration_id: int) -> Any:
    """Give the newest run as a row, or None."""
    newest = select(run).where(run.c.integration_id == integration_id)
    return conn.execute(newest.order_by(run.c.id.desc()).limit(1)).first()


def tell(
    conn: Connection, integration_id: int, what: str, now: datetime, **facts: str
) -> None:
    """Write down something worth telling about an integration."""
    conn.execute(
        insert(event).values(
            integration_id=integration_id, what=what, at=now, facts=facts
        )
    )


def last_told(
    conn: Connection, integration_id: int, words: Collection[str]
) -> tuple[str, datetime] | None:
    """Give which of some things was told last of an integration, and when."""
    newest = (
        select(event.c.what, event.c.at)
        .where(event.c.integration_id == integration_id, event.c.what.in_(words))
        .order_by(event.c.at.desc(), event.c.id.desc())
    )
    row = conn.execute(newest.limit(1)).first()
    return (row.what, row.at) if row else None


def was_told(conn: Connection, integration_id: int, what: str, **facts: str) -> bool:
    """Tell whether the very same is among the last things told of that kind."""
    same = select(event.c.facts).where(
        event.c.integration_id == integration_id, event.c.what == what
    )
    return facts in conn.scalars(same.order_by(event.c.id.desc()).limit(REMEMBERED))


def record(
    conn: Connection,
    act: str,
    actor: str,
    now: datetime,
    integration_id: int | None = None,
    **facts: str,
) -> None:
    """Write a person's act into the audit log."""
    conn.execute(
        insert(audit).values(
            at=now, actor=actor, act=act, integration_id=integration_id, facts=facts
        )
    )


def record_each(
    conn: Connection,
    act: str,
    actor: str,
    now: datetime,
    facts: Iterable[dict[str, str]],
) -> None:
    """Write an act on many things into the audit log: a record for each."""
    rows = [{"at": now, "actor": actor, "act": act, "facts": one} for one in facts]
    if rows:
        conn.execute(insert(audit), rows)


def was_done(conn: Connection, act: str) -> bool:
    """Tell whether an act is in the audit log."""
    found = select(audit.c.id).where(audit.c.act == act).limit(1)
    return conn.scalar(found) is not None
