"""What is known of many mailboxes, read at once: enough to see if nothing happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Row, bindparam, insert, select, update

from core.model import (
    Cursor,
    Integration,
    Listed,
    Method,
    Outcome,
    Role,
    State,
    Trigger,
)
from core.store import integrations, quarters
from core.store.access_tables import credential
from core.store.bulk import CHUNK, chunks
from core.store.folders import cursor_in
from core.store.schema import folder, integration, poison, run


class KnownFolder(NamedTuple):
    """A folder as it was listed and compared last.

    `settled`: nothing is left to do there, whatever the server says.
    """

    id: int
    listed: Listed
    mailbox_id: str
    cursor: Cursor | None
    settled: bool
    by_hand: Role | None = None  # the role that was chosen for it


class KnownMailbox(NamedTuple):
    """An integration in good standing, its sealed secret, its folders by name.

    `credentials_at`: when it was last connected, or reconnected.
    """

    integration: Integration
    sealed: bytes
    folders: dict[str, KnownFolder]
    credentials_at: datetime | None


class Look(NamedTuple):
    """A look at a mailbox in which nothing had happened; `folders` by id."""

    integration_id: int
    trigger: Trigger
    began: datetime
    ended: datetime
    login_ok_at: datetime
    next_at: datetime
    folders: tuple[int, ...]
    credentials_at: datetime | None


def mailboxes(
    conn: Connection,
    ids: Collection[int],
    fields: Mapping[Method, str],
    poison_due: datetime,
) -> dict[int, KnownMailbox]:
    """Read what is known; leaves out what is not in good standing or incomplete.

    `fields` are the credentials that each method logs in with; a message that was set
    aside before `poison_due` is to be tried again.
    """
    out: dict[int, KnownMailbox] = {}
    for some in chunks(ids, CHUNK):
        sealed = _sealed(conn, some, {*fields.values()})
        unsettled = _unsettled(conn, some, poison_due)
        folders: dict[int, dict[str, KnownFolder]] = {}
        for row in conn.execute(
            select(folder).where(
                folder.c.integration_id.in_(some), folder.c.missing_since.is_(None)
            )
        ):
            known = _folder(row, settled=row.id not in unsettled)
            folders.setdefault(row.integration_id, {})[row.name] = known
        since = integrations.credentials_since(conn, some)
        for one in integrations.in_good_standing(conn, some):
            secret = sealed.get((one.id, fields[one.method]))
            if secret is not None and one.id in folders:
                out[one.id] = KnownMailbox(one, secret, folders[one.id], since[one.id])
    return out


def write_looks(conn: Connection, looks: Iterable[Look]) -> None:
    """Write many looks at once: clocks, when each is due again, and a run for each."""
    noted = list(looks)
    since = integrations.credentials_since(conn, [one.integration_id for one in noted])
    rows = [  # with what was before a reconnection, nothing was seen of what is now
        one._asdict()
        for one in noted
        if one.credentials_at == since.get(one.integration_id)
    ]
    if not rows:
        return
    c = integration.c
    conn.execute(
        update(integration)
        .where(c.id == bindparam("i"), c.disconnected_at.is_(None), c.state == State.OK)
        .values(
            seen_at=bindparam("s"),
            login_ok_at=bindparam("l"),
            next_at=bindparam("n"),
            last_sync_at=bindparam("e"),
        ),
        [
            {
                "i": r["integration_id"],
                "s": r["began"],
                "l": r["login_ok_at"],
                "n": r["next_at"],
                "e": r["ended"],
            }
            for r in rows
        ],
    )
    conn.execute(
        update(folder)
        .where(folder.c.id == bindparam("f"))
        .values(compared_at=bindparam("b")),
        [{"f": f, "b": r["began"]} for r in rows for f in r["folders"]],
    )
    quarters.note(conn, [_attempt(r) for r in rows])
    conn.execute(
        insert(run),
        [
            {
                "integration_id": r["integration_id"],
                "trigger": str(r["trigger"]),
                "started_at": r["began"],
                "finished_at": r["ended"],
                "outcome": str(Outcome.OK),
                "folders": len(r["folders"]),
            }
            for r in rows
        ],
    )


def _attempt(look: Mapping[str, Any]) -> quarters.Attempt:
    took = look["ended"] - look["began"]
    took_ms = round(took.total_seconds() * 1000)
    return quarters.Attempt(look["integration_id"], look["ended"], took_ms=took_ms)


def _sealed(
    conn: Connection, ids: list[int], fields: set[str]
) -> dict[tuple[int, str], bytes]:
    c = credential.c
    rows = conn.execute(
        select(c.integration_id, c.field, c.sealed).where(
            c.integration_id.in_(ids), c.field.in_(fields)
        )
    )
    return {(row[0], row[1]): bytes(row[2]) for row in rows}


def _unsettled(conn: Connection, ids: list[int], poison_due: datetime) -> set[int]:
    due = (
        select(poison.c.folder_id)
        .join(folder)
        .where(folder.c.integration_id.in_(ids), poison.c.at < poison_due)
    )
    return set(conn.scalars(due))


def _folder(row: Row[Any], *, settled: bool) -> KnownFolder:
    listed = Listed(
        row.name, row.title, row.delimiter, Role(row.role), selectable=row.selectable
    )
    quiet = not row.capped and not row.problem_code and not row.building_uidvalidity
    by_hand = Role(row.role_by_hand) if row.role_by_hand else None
    return KnownFolder(
        row.id, listed, row.mailbox_id, cursor_in(row), settled and quiet, by_hand
    )
