"""The activities that go with the demo mailbox."""

from __future__ import annotations

from dataclasses import asdict

from core.activities.changing import ALONE
from core.demo import plans
from core.planned import Draft
from core.runtime import Runtime
from core.store import activities, locks, runs
from core.store.engine import writing


def import_demo(runtime: Runtime, actor: str) -> int:
    """Store the activities that go with the demo mailbox; give how many are new."""
    now = runtime.clock()
    drafts = [Draft(**asdict(one)) for one in plans.activities(now.date())]
    with writing(runtime.engine) as conn:
        locks.alone(conn, ALONE)
        made = activities.add(conn, drafts, now)
        facts = {"new": str(made), "given": str(len(drafts))}
        runs.record_each(conn, "import_demo_activities", actor, now, [facts])
    return made
