"""The activities and the templates that go with the demo mailbox."""

from __future__ import annotations

from dataclasses import asdict

from core import templates
from core.activities.changing import ALONE
from core.demo import plans
from core.planned import Draft
from core.runtime import Runtime
from core.store import activities, locks, runs
from core.store.engine import writing
from core.templates import Template


def import_demo(runtime: Runtime, actor: str) -> int:
    """Store the demo's templates and activities; give how many activities are new.

    A template that is there by name stays as it is.
    """
    now = runtime.clock()
    for one in plans.TEMPLATES:
        if templates.named(runtime, one.name) is None:
            new = Template(
                0, one.name, one.subject, one.body, bulk=False, changed_at=now
            )
            templates.save(runtime, new, actor)
    drafts = [Draft(**asdict(one)) for one in plans.activities(now.date())]
    with writing(runtime.engine) as conn:
        locks.alone(conn, ALONE)
        made = activities.add(conn, drafts, now)
        facts = {"new": str(made), "given": str(len(drafts))}
        runs.record_each(conn, "import_demo_activities", actor, now, [facts])
    return made
