"""Roles of folders that were chosen by hand, and what follows for messages."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    and_,
    case,
    func,
    not_,
    or_,
    select,
    type_coerce,
    update,
)

from core.errors import BadInput
from core.folder_roles import ONE_EACH
from core.model import Aside, Role
from core.store import indexing, locks, rollups
from core.store.messages import BELIEVED_MS
from core.store.schema import folder, message, placement


def choose(conn: Connection, folder_id: int, role: Role | None) -> list[int]:
    """Give a folder a role by hand, or None for the guess; give what changed, by id.

    A role that only one folder can have is taken from the other, for which the guess
    counts again. What the guess is, the next sync finds out.

    Raises:
        BadInput: the inbox is the inbox, and no other folder can be.

    """
    mine = select(folder).where(folder.c.id == folder_id)
    locks.hold(conn, [conn.execute(mine).one().integration_id])
    row = conn.execute(mine).one()
    if Role.INBOX in {role, row.role}:
        raise BadInput("role", "inbox_role")
    changed = [folder_id]
    if role in ONE_EACH:
        changed += _take(conn, row, role)
    values = {"role_by_hand": str(role or "")}
    if role is not None:
        values["role"] = str(role)
    conn.execute(update(folder).where(folder.c.id == folder_id).values(**values))
    return changed


def retell(conn: Connection, folder_ids: Collection[int], own: Collection[str]) -> None:
    """Let the messages of folders whose roles changed be told by the new ones.

    What lies there was sent if it is from the mailbox's `own` addresses (lower case) or
    lies in the folder of sent mail, too; else it was received. What lies in an ordinary
    folder is not set aside any more; but what was counted stays counted.
    """
    if not folder_ids:
        return
    rows = conn.execute(select(folder).where(folder.c.id.in_(folder_ids))).all()
    for row in rows:
        here = select(placement.c.message_id).where(
            placement.c.folder_id == row.id, placement.c.generation == row.generation
        )
        one, among = row.integration_id, message.c.id.in_(here)
        before = rollups.counted(conn, one, among)
        _tell_direction(conn, row, here, own)
        _tell_aside(conn, row, here)
        _move_in_time(conn, here)
        rollups.recount(conn, one, before, rollups.counted(conn, one, among))


def _take(conn: Connection, row: Row[Any], role: Role) -> list[int]:
    """Take a role from the folders that have it; give which did."""
    c = folder.c
    others = and_(
        c.integration_id == row.integration_id,
        c.id != row.id,
        or_(c.role == str(role), c.role_by_hand == str(role)),
    )
    ids = list(conn.scalars(select(c.id).where(others)))
    values = {"role": str(Role.OTHER), "role_by_hand": ""}
    conn.execute(update(folder).where(c.id.in_(ids)).values(**values))
    return ids


def _tell_direction(
    conn: Connection, row: Row[Any], here: Select[Any], own: Collection[str]
) -> None:
    c = message.c
    among_sent = (
        select(placement.c.message_id)
        .join(folder, folder.c.id == placement.c.folder_id)
        .where(
            folder.c.integration_id == row.integration_id,
            folder.c.role == str(Role.SENT),
            placement.c.generation == folder.c.generation,
        )
    )
    sent = or_(c.from_address.in_(sorted(own)), c.id.in_(among_sent))
    written, received = (
        type_coerce(i, BigInteger) for i in (c.written_at, c.received_at)
    )
    # METRICS: a Date header is believed for a sent message near to INTERNALDATE.
    believed = and_(
        c.written_at.is_not(None), func.abs(written - received) <= BELIEVED_MS
    )
    at = case((believed, c.written_at), else_=c.received_at)
    mine = (c.integration_id == row.integration_id, c.id.in_(here))
    for old, new, which, time in (
        ("received", "sent", sent, at),
        ("sent", "received", not_(sent), c.received_at),
    ):
        changed = select(c.id).where(*mine, c.direction == old, which)
        indexing.unlist(conn, conn.scalars(changed).all())
        conn.execute(
            update(message)
            .where(*mine, c.direction == old, which)
            .values(direction=new, at=time)
        )


def _tell_aside(conn: Connection, row: Row[Any], here: Select[Any]) -> None:
    c, aside = message.c, str(Aside.of(Role(row.role)))
    other = c.aside.not_in(["no", aside])
    mine = (c.integration_id == row.integration_id, c.id.in_(here), other)
    indexing.unlist(conn, conn.scalars(select(c.id).where(*mine)).all())
    conn.execute(update(message).where(*mine).values(aside=aside))


def _move_in_time(conn: Connection, here: Select[Any]) -> None:
    """Give placements the time of their messages, which may be another now."""
    c = placement.c
    at = select(message.c.at).where(message.c.id == c.message_id).scalar_subquery()
    conn.execute(
        update(placement).where(c.message_id.in_(here), c.at != at).values(at=at)
    )
