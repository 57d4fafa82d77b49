"""Ready-made contents for a store: an integration, folders, messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from core.clock import to_ms
from core.model import (
    Acknowledgement,
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
    Sweep,
)
from core.runtime import Runtime
from core.store import folders, integrations, messages, placements
from core.store.engine import writing
from core.store.placements import Place
from core.store.schema import folder
from core.text import fold

START = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWN = frozenset({"me@example.org"})
PLAIN = Message(
    identity="",
    kind=Kind.PERSON,
    from_name="Ana Conceição",
    from_address="ana@example.net",
    recipients="me@example.org",
    copied="",
    subject="Reunião",
    message_id="<1@example.net>",
    in_reply_to="",
    references="",
    written_ms=to_ms(START),
    received_ms=to_ms(START),
    size_bytes=1000,
    attachment=False,
    folded="",
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
        found = Sweep(shown, {}, {})
        folders.reconcile(conn, integration_id, found, runtime.clock())
        mine = folder.c.integration_id == integration_id
        rows = conn.execute(select(folder.c.name, folder.c.id).where(mine))
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
        held = placements.count(conn, folder_id, f.generation)
        high = max((x.uid for x in fetched), default=0) + 1
        folders.set_cursor(conn, folder_id, Cursor(1, 1, high, 0, held))
        folders.compared(conn, folder_id, Status(1, high, 0, held), runtime.clock())


def made(**changes: object) -> Message:
    """Make a message like `PLAIN`, searched by what it says."""
    one = PLAIN._replace(**changes)  # type: ignore[arg-type]  # fields by name
    who = f"{one.from_name} {one.from_address}"
    text = f"{one.subject}\n{who}\n{one.recipients}\n{one.copied}"
    return one._replace(folded=fold(text))


def some(n: int, *, first: int = 1, **changes: object) -> list[Fetched]:
    """Make n messages, an hour apart, with UIDs from `first`; every third is unread."""
    out = []
    for uid in range(first, first + n):
        at = to_ms(START + timedelta(hours=uid))
        values = {"identity": f"m{uid}", "written_ms": at, "received_ms": at, **changes}
        one = made(subject=f"Reunião {uid}", **values)
        out.append(Fetched(uid, 0 if uid % 3 == 0 else int(Flags.SEEN), one))
    return out
