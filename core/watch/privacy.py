"""How much is kept of a mailbox, and changing that: each change is in the audit log."""

from __future__ import annotations

from collections.abc import Callable

from core.model import Privacy
from core.runtime import Runtime
from core.store import integrations, runs, subjects
from core.store.engine import reading, writing

OnErased = Callable[[int, int], None]  # messages looked after, and of how many


def privacy_of(runtime: Runtime, integration_id: int) -> Privacy:
    """Tell how much is kept of a mailbox.

    Raises:
        NotFound: there is none with this id.

    """
    with reading(runtime.engine) as conn:
        return integrations.get(conn, integration_id).privacy


def set_privacy(
    runtime: Runtime,
    integration_id: int,
    level: Privacy,
    actor: str,
    on_erased: OnErased = lambda _done, _all: None,
) -> int:
    """Keep more or less of a mailbox from now on; give how many subjects were erased.

    Where no subject may be kept any more, what is stored is erased, a batch at a time;
    the worker goes on with it if this process dies. A run at hand keeps to the new
    level from its next batch.

    Raises:
        NotFound: there is none with this id.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        before = integrations.get(conn, integration_id).privacy
        if level is not before:
            integrations.change(conn, integration_id, privacy=str(level))
            facts = {"before": str(before), "after": str(level)}
            runs.record(conn, "privacy", actor, now, integration_id, **facts)
            runs.tell(conn, integration_id, "privacy", now, level=str(level))
        if level.allows_subject:
            subjects.give_up(conn, integration_id)
        else:
            subjects.begin(conn, integration_id)
    if level.allows_subject:
        return 0
    return erase_subjects(runtime, integration_id, on_erased)


def erase_subjects(
    runtime: Runtime,
    integration_id: int,
    on_erased: OnErased = lambda _done, _all: None,
) -> int:
    """Erase what subjects are to be erased of a mailbox; give how many were."""
    with reading(runtime.engine) as conn:
        total = subjects.count(conn, integration_id)
    erased = 0
    while some := _erase_some(runtime, integration_id):
        erased += some
        on_erased(erased, max(total, erased))
    subjects.leave_no_trace(runtime.engine)
    return erased


def finish_erasing(runtime: Runtime) -> None:
    """Erase what somebody has begun to erase, and did not end."""
    with reading(runtime.engine) as conn:
        waiting = subjects.waiting(conn)
    for one in waiting:
        erase_subjects(runtime, one)


def _erase_some(runtime: Runtime, integration_id: int) -> int:
    with subjects.erasing(runtime.engine) as conn:
        return subjects.erase_some(conn, integration_id)
