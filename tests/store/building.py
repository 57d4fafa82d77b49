"""Ready-made contents for a store: an integration, folders, messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.model import (
    Acknowledgement,
    Address,
    Cursor,
    Fetched,
    Flags,
    Integration,
    Kind,
    Listed,
    Message,
    Method,
    Role,
    Server,
    Status,
)
from core.runtime import Runtime
from core.store import folders, integrations, messages
from core.store.engine import writing
from core.store.messages import Place
from core.store.schema import folder

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = frozenset({"me@example.org"})
PLAIN = Message(
    identity="",
    kind=Kind.PERSON,
    sender=Address("Ana Conceição", "ana@example.net"),
    to=(Address("", "me@example.org"),),
    cc=(),
    subject="Reunião",
    message_id="<1@example.net>",
    in_reply_to="",
    references="",
    written_at=START,
    received_at=START,
    size_bytes=1000,
    attachment=False,
)


def connected(
    runtime: Runtime, owner: str = "Ana", address: str = "me@example.org"
) -> int:
    """Store an integration of an owner."""
    server = Server("imap.example.org", 993)
    new = Integration(0, owner, address, address, Method.IMAP, server, server)
    now = runtime.clock()
    with writing(runtime.engine) as conn:
        return integrations.create(conn, new, Acknowledgement("1", owner, now), now)


def listed(runtime: Runtime, integration_id: int, *names: str) -> dict[str, int]:
    """Store folders (a role's name gives the role); give their ids by name."""
    roles = {str(r): r for r in Role}
    shown = [
        Listed(n, n, "/", roles.get(n.lower(), Role.OTHER), selectable=True)
        for n in names
    ]
    with writing(runtime.engine) as conn:
        folders.reconcile(conn, integration_id, shown, runtime.clock())
        rows = conn.execute(select(folder.c.name, folder.c.id))
        return {row[0]: row[1] for row in rows}


def put(
    runtime: Runtime,
    integration_id: int,
    folder_id: int,
    fetched: Sequence[Fetched],
) -> None:
    """Store messages in a folder, with its counts, as a sync would."""
    with writing(runtime.engine) as conn:
        f = folders.get(conn, folder_id)
        place = Place(integration_id, folder_id, f.generation, f.role, OWN)
        messages.put(conn, place, fetched)
        held = messages.count(conn, folder_id, f.generation)
        high = max((x.uid for x in fetched), default=0) + 1
        folders.set_cursor(conn, folder_id, Cursor(1, 1, high, 0, held))
        folders.compared(conn, folder_id, Status(1, high, 0, held), runtime.clock())


def some(n: int, *, first: int = 1, **changes: object) -> list[Fetched]:
    """Make n messages, an hour apart, with UIDs from `first`; every third is unread."""
    out = []
    for uid in range(first, first + n):
        at = START + timedelta(hours=uid)
        values = {"identity": f"m{uid}", "written_at": at, "received_at": at, **changes}
        message = replace(PLAIN, subject=f"Reunião {uid}", **values)  # type: ignore[arg-type]  # fields by name
        out.append(Fetched(uid, Flags(0) if uid % 3 == 0 else Flags.SEEN, message))
    return out
