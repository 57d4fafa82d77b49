"""What a person tells the worker to do with a mailbox; each act is in the audit log."""

from __future__ import annotations

from typing import Any

from core.model import Role, State
from core.runtime import Runtime
from core.store import folders, integrations, roles, runs
from core.store.engine import writing

WAITING = {State.NEEDS_PASSWORD, State.NEEDS_PERMISSION, State.NEEDS_ATTENTION}


def sync_now(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Ask for a sync as soon as a worker is free."""
    act(runtime, integration_id, actor, "sync_now", requested_at=runtime.clock())


def pause(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Stop following a mailbox; a run at hand ends at its next batch."""
    act(runtime, integration_id, actor, "pause", paused=True)


def resume(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Follow a mailbox again, at once."""
    now = runtime.clock()
    act(runtime, integration_id, actor, "resume", paused=False, next_at=now)


def check_again(runtime: Runtime, integration_id: int, actor: str) -> None:
    """Probe and sync a mailbox now, also one that waits for a person.

    Credentials are not touched: if they are refused again, it waits again.
    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        stands = integrations.standing(conn, integration_id)
    values: dict[str, Any] = {"probe_at": now, "requested_at": now}
    if stands.state in WAITING:
        values |= {"state": str(State.RETRYING), "next_at": now}
    act(runtime, integration_id, actor, "check_again", **values)


def set_role(runtime: Runtime, folder_id: int, role: Role | None, actor: str) -> None:
    """Say what a folder is for, for ever; or None, to let Malote guess again.

    A role that only one folder can have is taken from the other. Messages that were
    read already are told by the new role at once; a sync finds out what is guessed.

    Raises:
        BadInput: the inbox is the inbox, and no other folder can be.

    """
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        one = integrations.get(conn, folders.get(conn, folder_id).integration_id)
        changed = roles.choose(conn, folder_id, role)
        roles.retell(conn, changed, {one.address.lower(), one.login.lower()})
        integrations.change(conn, one.id, requested_at=now)
        facts = {"folder": str(folder_id), "role": str(role or "")}
        runs.record(conn, "folder_role", actor, now, one.id, **facts)


def act(
    runtime: Runtime, integration_id: int, actor: str, what: str, **values: Any
) -> None:
    """Change an integration because a person wants it so, and write down who did."""
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        integrations.get(conn, integration_id)
        integrations.change(conn, integration_id, **values)
        runs.record(conn, what, actor, now, integration_id)
        if what in {"pause", "resume"}:
            runs.tell(conn, integration_id, f"{what}d", now)
