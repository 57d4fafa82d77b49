"""Make, change, end and delete one activity; each act is in the audit log."""

from __future__ import annotations

from typing import Any

from core.errors import BadInput
from core.model import Integration
from core.planned import CHANGING, Draft, cleaned, problems
from core.runtime import Runtime
from core.store import activities, integrations, locks, runs
from core.store.engine import reading, writing

ALONE = "activities"  # who reads which there are and then writes


def create(runtime: Runtime, draft: Draft, actor: str) -> bool:
    """Store one activity; False when the same one exists.

    Raises:
        BadInput: the first field that cannot be used.

    """
    for problem in problems(draft):
        raise problem
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        locks.alone(conn, ALONE)
        made = activities.add(conn, [cleaned(draft)], now)
        runs.record(conn, "create_activity", actor, now, new=str(made), given="1")
    return made == 1


def change(runtime: Runtime, activity_id: int, draft: Draft, actor: str) -> bool:
    """Change an activity; False when nothing is different.

    What was changed is in the audit log: "before → after" by field.

    Raises:
        NotFound: there is no such activity.
        BadInput: a field cannot be used, or another activity is the same.

    """
    for problem in problems(draft):
        raise problem
    draft, now = cleaned(draft), runtime.clock()
    with writing(runtime.engine) as conn:
        locks.alone(conn, ALONE)
        changes = _differences(draft_of(activities.get(conn, activity_id)), draft)
        if not changes:
            return False
        same = activities.known(conn, [draft]).get(draft.identity)
        if same is not None and same.id != activity_id:
            raise BadInput("subject", "exists")
        activities.change(conn, activity_id, draft, now)
        facts = {"id": str(activity_id), **changes}
        runs.record_each(conn, "change_activity", actor, now, [facts])
    return True


def delete(runtime: Runtime, activity_id: int, actor: str) -> bool:
    """Delete an activity; False: mail was written for it, so it stays.

    Raises:
        NotFound: there is no such activity.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        gone = draft_of(activities.get(conn, activity_id))
        if not activities.remove(conn, activity_id):
            return False
        facts = {name: str(getattr(gone, name)) for name in _FIELDS}
        facts |= {"id": str(activity_id)}
        runs.record_each(conn, "delete_activity", actor, now, [facts])
    return True


def mark_done(
    runtime: Runtime, activity_id: int, actor: str, *, done: bool = True
) -> None:
    """Mark an activity as done, or as open again."""
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        activities.get(conn, activity_id)
        activities.set_done(conn, activity_id, now if done else None)
        runs.record(conn, "done" if done else "reopen", actor, now, id=str(activity_id))


def sender_for(runtime: Runtime, activity_id: int) -> tuple[Any, Integration | None]:
    """Give an activity, and its owner's live integration if there is one.

    Raises:
        NotFound: there is no such activity.

    """
    with reading(runtime.engine) as conn:
        row = activities.get(conn, activity_id)
        return row, integrations.live_of(conn, row.owner)


def has_mail(runtime: Runtime, activity_id: int) -> bool:
    """Tell whether mail was written for an activity: then it is not deleted."""
    with reading(runtime.engine) as conn:
        return activities.has_mail(conn, activity_id)


def draft_of(row: Any) -> Draft:
    """Give an activity, a row of `sender_for`, as a draft to be changed."""
    return Draft(**{name: getattr(row, name) for name in _FIELDS})


_FIELDS = ("model", "subject", "contact_address", "owner", "due_on", *CHANGING)


def _differences(before: Draft, after: Draft) -> dict[str, str]:
    pairs = {name: (getattr(before, name), getattr(after, name)) for name in _FIELDS}
    return {name: f"{old} → {new}" for name, (old, new) in pairs.items() if old != new}
