"""What is known of many mailboxes, read at once: enough to see if nothing happened."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, select

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
from core.store import integrations, locks, quarters
from core.store.access_tables import credential
from core.store.bulk import CHUNK, chunks, insert_rows, update_rows
from core.store.instants import to_ms
from core.store.schema import folder, integration, poison, run

ROLES = {str(role): role for role in Role}
F = folder.c
FOLDER = (
    F.integration_id, F.id, F.name, F.title, F.delimiter, F.role, F.role_by_hand,
    F.selectable, F.mailbox_id, F.uidvalidity, F.low, F.high, F.modseq, F.held,
    F.capped, F.problem_code, F.building_uidvalidity,
)  # fmt: skip
# What a run did, of each nothing here; and the columns of a run, with them.
COUNTS = ("done", "total", "added", "read", "flagged", "moved", "gone", "poisoned")
RUN = (
    "integration_id", "trigger", "started_at", "finished_at", "outcome", "folders",
    *COUNTS,
)  # fmt: skip


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
            select(*FOLDER).where(
                folder.c.integration_id.in_(some), folder.c.missing_since.is_(None)
            )
        ):
            whose, known = _folder(tuple(row), unsettled)
            folders.setdefault(whose, {})[known.listed.name] = known
        since = integrations.credentials_since(conn, some)
        for one in integrations.in_good_standing(conn, some):
            secret = sealed.get((one.id, fields[one.method]))
            if secret is not None and one.id in folders:
                out[one.id] = KnownMailbox(one, secret, folders[one.id], since[one.id])
    return out


def write_looks(conn: Connection, looks: Iterable[Look]) -> None:
    """Write many looks at once: clocks, when each is due again, and a run for each."""
    noted = sorted(looks, key=lambda one: one.integration_id)
    locks.hold(conn, {one.integration_id for one in noted})
    since = integrations.credentials_since(conn, [one.integration_id for one in noted])
    true = [  # with what was before a reconnection, nothing was seen of what is now
        one for one in noted if one.credentials_at == since.get(one.integration_id)
    ]
    update_rows(
        conn,
        integration,
        ("seen_at", "login_ok_at", "next_at", "last_sync_at"),
        [(*map(to_ms, _clocks(one)), one.integration_id) for one in true],
        f"id = ? AND disconnected_at IS NULL AND state = '{State.OK}'",
    )
    update_rows(
        conn,
        folder,
        ("compared_at",),
        [(to_ms(one.began), f) for one in true for f in one.folders],
        "id = ?",
    )
    quarters.note(conn, map(_attempt, true))
    insert_rows(conn, run, RUN, map(_run, true))


def _clocks(look: Look) -> tuple[datetime, ...]:
    return (look.began, look.login_ok_at, look.next_at, look.ended)


def _run(look: Look) -> tuple[Any, ...]:
    clocks = (to_ms(look.began), to_ms(look.ended))
    happened = (len(look.folders), *[0] * len(COUNTS))
    return (look.integration_id, look.trigger, *clocks, Outcome.OK, *happened)


def _attempt(look: Look) -> quarters.Attempt:
    took_ms = to_ms(look.ended) - to_ms(look.began)
    return quarters.Attempt(look.integration_id, look.ended, took_ms=took_ms)


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


def _folder(row: Sequence[Any], unsettled: set[int]) -> tuple[int, KnownFolder]:
    """Read a row of `FOLDER`, in its order: the names of a row cost a third more."""
    (
        one, number, name, title, delimiter, role, by_hand, selectable, mailbox_id,
        uidvalidity, low, high, modseq, held, capped, problem, building,
    ) = row  # fmt: skip
    listed = Listed(name, title, delimiter, ROLES[role], selectable=selectable)
    cursor = (
        Cursor(uidvalidity, low, high, modseq, held)
        if uidvalidity is not None
        else None
    )
    quiet = not (capped or problem or building or number in unsettled)
    chosen = ROLES[by_hand] if by_hand else None
    return one, KnownFolder(number, listed, mailbox_id, cursor, quiet, chosen)
