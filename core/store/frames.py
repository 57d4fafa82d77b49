"""Tables as pandas frames, for pages and for people who count.

Columns have fixed English names. Instants are `datetime64[ms, UTC]`, sizes bytes.
"""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy import (
    BigInteger,
    Connection,
    Row,
    Select,
    and_,
    func,
    select,
    type_coerce,
)

from core.store import watch_tables
from core.store.instants import Instant, from_ms
from core.store.rollups import SLOT_MS
from core.store.schema import (
    event,
    folder,
    integration,
    message,
    owner,
    placement,
    poison,
    rollup,
    run,
)


def frame(conn: Connection, query: Select[Any]) -> pd.DataFrame:
    """Run a query; columns as selected, instants aware and in UTC."""
    rows = conn.execute(query).all()
    out = pd.DataFrame(
        [tuple(r) for r in rows], columns=[c.name for c in query.selected_columns]
    )
    for column in query.selected_columns:
        if isinstance(column.type, Instant):
            out[column.name] = pd.to_datetime(out[column.name], utc=True).astype(
                "datetime64[ms, UTC]"
            )
    return out


def integrations(conn: Connection, only: int | None = None) -> pd.DataFrame:
    """Give one row per integration, live and ended, with its clocks and counts.

    id, owner, address, method, demo, state, paused, problem_code, problem_facts,
    problem_since, failures, connected_at, disconnected_at, login_ok_at, seen_at,
    next_at, requested_at, lease_until, imap_host, smtp_host, held, on_server,
    last_sync_at, provider, team, privacy. `only`: of this one, at the cost of one.
    """
    c = integration.c
    mine = [] if only is None else [folder.c.integration_id == only]
    counts = (
        select(
            folder.c.integration_id,
            func.sum(folder.c.held).label("held"),
            func.sum(folder.c.on_server).label("on_server"),
        )
        .where(folder.c.missing_since.is_(None), folder.c.selectable, *mine)
        .group_by(folder.c.integration_id)
        .subquery()
    )
    columns = (
        c.id, owner.c.name.label("owner"), c.address, c.method, c.demo, c.state,
        c.paused, c.problem_code, c.problem_facts, c.problem_since, c.failures,
        c.connected_at, c.disconnected_at, c.login_ok_at, c.seen_at, c.next_at,
        c.requested_at, c.lease_until, c.imap_host, c.smtp_host, counts.c.held,
        counts.c.on_server, c.last_sync_at, c.provider, owner.c.team,
        c.privacy,
    )  # fmt: skip
    return frame(
        conn,
        select(*columns)
        .join(owner)
        .outerjoin(counts, counts.c.integration_id == c.id)
        .where(*([] if only is None else [c.id == only]))
        .order_by(c.disconnected_at.is_not(None), owner.c.folded, c.id.desc()),
    )


def folders(conn: Connection, integration_id: int) -> pd.DataFrame:
    """Give one row per folder, with its counts here and on the server.

    `held` is what we have, `on_server` what the server stated at `compared_at`; both
    of them exact. `unread` counts what we hold.
    """
    c = folder.c
    here = and_(placement.c.folder_id == c.id, placement.c.generation == c.generation)
    unread = select(func.count()).where(here, placement.c.flags.op("&")(1) == 0)
    bad = select(func.count()).where(
        poison.c.folder_id == c.id, poison.c.generation == c.generation
    )
    columns = (
        c.id, c.name, c.title, c.role, c.selectable, c.held, c.on_server,
        unread.scalar_subquery().label("unread"), c.unseen_on_server,
        bad.scalar_subquery().label("poisoned"), c.low, c.building_uidvalidity,
        c.compared_at, c.missing_since, c.problem_code, c.capped, c.role_by_hand,
    )  # fmt: skip
    return frame(
        conn, select(*columns).where(c.integration_id == integration_id).order_by(c.id)
    )


def runs(conn: Connection, integration_id: int, most: int) -> pd.DataFrame:
    """Give the newest runs, newest first, with what each did."""
    newest = select(run).where(run.c.integration_id == integration_id)
    return frame(conn, newest.order_by(run.c.id.desc()).limit(most))


def events(conn: Connection, integration_id: int, most: int) -> pd.DataFrame:
    """Give the newest events: at, what, facts."""
    query = select(event.c.at, event.c.what, event.c.facts)
    mine = query.where(event.c.integration_id == integration_id)
    return frame(conn, mine.order_by(event.c.id.desc()).limit(most))


def server_card(conn: Connection, integration_id: int) -> Row[Any] | None:
    """Give what a mailbox's server showed of itself, as its row; None: nothing yet."""
    mine = watch_tables.server_card.c.integration_id == integration_id
    return conn.execute(select(watch_tables.server_card).where(mine)).first()


def slots(
    conn: Connection, integration_ids: list[int], start_ms: int, end_ms: int
) -> pd.DataFrame:
    """Give counts per quarter of an hour.

    at, direction, kind, aside, messages, size_bytes.
    """
    at = (rollup.c.slot * SLOT_MS).label("at")
    query = (
        select(
            at,
            rollup.c.direction,
            rollup.c.kind,
            rollup.c.aside,
            func.sum(rollup.c.messages).label("messages"),
            func.sum(rollup.c.size_bytes).label("size_bytes"),
        )
        .where(
            rollup.c.integration_id.in_(integration_ids),
            rollup.c.slot >= start_ms // SLOT_MS,
            rollup.c.slot < -(-end_ms // SLOT_MS),
        )
        .group_by(at, rollup.c.direction, rollup.c.kind, rollup.c.aside)
    )
    return _with_instants(frame(conn, query))


def folder_slots(
    conn: Connection, folder_id: int, start_ms: int, end_ms: int
) -> pd.DataFrame:
    """Give the same counts for the messages that lie in one folder now."""
    ms = type_coerce(message.c.at, BigInteger)
    at = (ms.op("/")(SLOT_MS).op("*")(SLOT_MS)).label("at")
    inside = (
        select(placement.c.message_id)
        .join(folder)
        .where(
            folder.c.id == folder_id,
            placement.c.generation == folder.c.generation,
            placement.c.at >= from_ms(start_ms),
            placement.c.at < from_ms(end_ms),
        )
    )
    query = (
        select(
            at,
            message.c.direction,
            message.c.kind,
            message.c.aside,
            func.count().label("messages"),
            func.sum(message.c.size_bytes).label("size_bytes"),
        )
        .where(message.c.id.in_(inside))
        .group_by(at, message.c.direction, message.c.kind, message.c.aside)
    )
    return _with_instants(frame(conn, query))


def extent(conn: Connection, integration_ids: list[int]) -> tuple[int, int] | None:
    """Give the first and last slot that hold anything, in milliseconds."""
    query = select(func.min(rollup.c.slot), func.max(rollup.c.slot))
    first, last = conn.execute(
        query.where(rollup.c.integration_id.in_(integration_ids))
    ).one()
    return None if first is None else (first * SLOT_MS, (last + 1) * SLOT_MS)


def everything(conn: Connection, integration_id: int) -> Select[Any]:
    """Give the query of all placements with their messages, by folder and UID."""
    del conn
    m, p = message.c, placement.c
    return (
        select(
            folder.c.title.label("folder"), p.uid, p.flags, m.at, m.direction, m.kind,
            m.received_at, m.written_at, m.from_name, m.from_address, m.recipients,
            m.copied, m.subject, m.size_bytes, m.attachment, m.message_id,
        )
        .select_from(placement)
        .join(folder, folder.c.id == p.folder_id)
        .join(message, m.id == p.message_id)
        .where(
            folder.c.integration_id == integration_id,
            folder.c.missing_since.is_(None),
            p.generation == folder.c.generation,
        )
        .order_by(folder.c.id, p.uid)
    )  # fmt: skip


def _with_instants(out: pd.DataFrame) -> pd.DataFrame:
    out["at"] = pd.to_datetime(out["at"].astype("int64"), unit="ms", utc=True)
    numbers = {"messages": "int64", "size_bytes": "int64"}
    return out.astype(numbers)
