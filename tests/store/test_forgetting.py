"""What is old is forgotten, and what still says how things stand is kept."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Table, insert, select

from core.jobs import forgetting
from core.runtime import Runtime
from core.store import followed, incidents, quarters, runs
from core.store.alert_tables import alert, alert_rule
from core.store.engine import reading, writing
from core.store.quarters import Attempt
from core.store.schema import event, run
from core.store.watch_tables import incident, quarter
from tests.store.building import connected
from tests.store.following import NOW, at

DAY = timedelta(days=1)


def ids(runtime: Runtime, table: Table) -> set[int]:
    with reading(runtime.engine) as conn:
        return set(conn.scalars(select(table.c.id)))


def test_runs_are_kept_as_long_as_they_say_something(runtime: Runtime):
    one = connected(runtime)
    kept = []
    with writing(runtime.engine) as conn:
        for days, outcome, added, stays in (
            (1, "ok", 0, True),
            (3, "ok", 0, False),
            (3, "ok", 2, True),
            (3, "failed", 0, True),
            (3, "cut", 0, True),
            (31, "ok", 2, False),
            (31, "failed", 0, False),
            (31, "running", 0, True),
        ):
            made = insert(run).values(
                integration_id=one,
                trigger="schedule",
                started_at=NOW - days * DAY,
                outcome=outcome,
                added=added,
            )
            number = conn.scalars(made.returning(run.c.id)).one()
            kept += [number] if stays else []
    forgetting.forget_of(at(runtime, NOW), one)
    assert ids(runtime, run) == set(kept)


def test_the_newest_run_stays_however_old_it_is(runtime: Runtime):
    one = connected(runtime)
    with writing(runtime.engine) as conn:
        for days in (300, 200):
            old = {"trigger": "schedule", "started_at": NOW - days * DAY}
            conn.execute(insert(run).values(integration_id=one, outcome="ok", **old))
    forgetting.forget_of(at(runtime, NOW), one)
    with reading(runtime.engine) as conn:
        assert runs.latest(conn, one).started_at == NOW - 200 * DAY
    assert len(ids(runtime, run)) == 1


def test_events_that_say_how_things_stand_stay(runtime: Runtime):
    one = connected(runtime)
    with writing(runtime.engine) as conn:
        for days, what in (
            (200, "polled"),
            (100, "watched"),
            (99, "problem"),
            (1, "x"),
        ):
            runs.tell(conn, one, what, NOW - days * DAY)
        runs.tell(conn, one, "problem", NOW - 95 * DAY)
    forgetting.forget_of(at(runtime, NOW), one)
    with reading(runtime.engine) as conn:
        assert followed.is_watched(conn, one)
        assert len(list(conn.execute(select(event)))) == 4  # one problem went


def test_incidents_go_but_not_open_ones_nor_what_an_alert_tells_of(runtime: Runtime):
    one = connected(runtime)
    with writing(runtime.engine) as conn:
        for code, ended in (("a", 181), ("b", 179), ("c", 181), ("d", None)):
            incidents.observe(conn, one, code, NOW - 200 * DAY)
            if ended:
                incidents.end(conn, one, [code], NOW - ended * DAY)
        told = conn.scalar(select(incident.c.id).where(incident.c.code == "c"))
        rule = {"name": "r", "codes": [], "after_s": 0, "sinks": [], "enabled": True}
        conn.execute(insert(alert_rule).values(id=1, created_at=NOW, **rule))
        fired = {"incident_id": told, "rule_id": 1, "fired_at": NOW - 200 * DAY}
        conn.execute(insert(alert).values(integration_id=one, **fired))
    forgetting.forget_of(at(runtime, NOW), one)
    with reading(runtime.engine) as conn:
        assert set(conn.scalars(select(incident.c.code))) == {"b", "c", "d"}


def test_more_than_one_batch_goes_in_one_turn(runtime: Runtime):
    one = connected(runtime)
    old = {"integration_id": one, "trigger": "schedule", "outcome": "ok"}
    rows = [{**old, "started_at": NOW - (40 + n) * DAY} for n in range(1201)]
    with writing(runtime.engine) as conn:
        conn.execute(insert(run), rows)
    forgetting.forget_of(at(runtime, NOW), one)
    assert len(ids(runtime, run)) == 1


def test_every_mailbox_has_its_turn_and_quarters_go_after_eight_days(runtime: Runtime):
    one, other = connected(runtime, "A"), connected(runtime, "B")
    with writing(runtime.engine) as conn:
        for days in (1, 7, 9, 30):
            quarters.note(conn, [Attempt(i, NOW - days * DAY) for i in (one, other)])
        for i in (one, other):
            for days in (100, 101):
                runs.tell(conn, i, "problem", NOW - days * DAY)
    for minute in range(forgetting.ROUND):
        forgetting.forget(at(runtime, NOW + timedelta(minutes=minute)))
    with reading(runtime.engine) as conn:
        assert len(list(conn.execute(select(quarter)))) == 4
    assert len(ids(runtime, event)) == 2
