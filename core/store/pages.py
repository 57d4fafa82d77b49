"""Pages of messages, newest first, found by key: never by counting rows off.

Every way to what is wanted is an index in the order of time. The one that has least is
walked, and of each message there it is seen whether it is all that was asked for. So a
page costs what it shows; where much must be looked through for little, it ends early,
says so, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import NamedTuple

import pandas as pd
from sqlalchemy import Connection, func, select

from core.positions import key_of, position_of
from core.store.frames import frame
from core.store.instants import to_ms
from core.store.placements import stays
from core.store.schema import folder, message, placement, rollup
from core.store.search_tables import listing
from core.store.walks import Reach, Way, ways
from core.store.wanted import Wanted, told

COUNT_MOST = 10_000
PROBE = 64  # positions by which ways are compared
FIRST_CHUNK, CHUNK = 64, 10_000
SCAN_MOST = 25_000  # positions that are looked at for one page


class Found(NamedTuple):
    """Positions, in the order of the walk; `seen_to`: where it stopped looking.

    `seen_to` None: it looked at everything there is.
    """

    positions: list[int]
    seen_to: int | None


def find(conn: Connection, asked: Wanted, reach: Reach, most: int) -> Found:
    """Give up to `most` positions of what is wanted within a reach, in its order."""
    out: list[int] = []
    looked = 0
    for some, way in _chunks(conn, asked, reach, most, out):
        looked += len(some)
        out += some if way.whole else _wanted(conn, asked, some, way)
        if len(out) >= most:
            return Found(out[:most], out[most - 1])
        if looked >= SCAN_MOST:
            return Found(out, some[-1])
    return Found(out, None)


def _wanted(conn: Connection, asked: Wanted, some: list[int], way: Way) -> list[int]:
    with_terms = bool(asked.terms) and not way.of_words
    wanted = told(conn, asked.without(way.proven), some, with_terms=with_terms)
    return [position for position in some if position in wanted]


def count(conn: Connection, asked: Wanted) -> tuple[int, bool]:
    """Count what is wanted, exactly up to 10,000; and tell whether that is all."""
    low, high = asked.span
    found = find(conn, asked, Reach(low - 1, high), COUNT_MOST + 1)
    exact = found.seen_to is None
    return min(len(found.positions), COUNT_MOST), exact


def about(conn: Connection, asked: Wanted) -> int | None:
    """Give about how many there are, from what is counted anyway; None: not known."""
    plain = Wanted(asked.integrations, asked.whole, asked.folder_id)
    if asked != plain:
        return None
    c = folder.c
    held = conn.scalar(
        select(func.sum(c.held)).where(
            c.integration_id.in_(asked.integrations),
            c.missing_since.is_(None),
            *([] if asked.folder_id is None else [c.id == asked.folder_id]),
        )
    )
    ever = conn.scalar(
        select(func.sum(rollup.c.messages)).where(
            rollup.c.integration_id.in_(asked.integrations)
        )
    )
    # A message in two folders is held twice; what is gone was counted once.
    return min(int(held or 0), int(ever or 0)) or None


def rows(conn: Connection, positions: list[int]) -> pd.DataFrame:
    """Give what a table shows of messages, in this order.

    position, message_id, integration_id, at, direction, kind, from_name, from_address,
    recipients, copied, subject, size_bytes, attachment, thread, in_thread, folders
    (titles, comma-separated), unread, flagged, answered.
    """
    m = message.c
    ids = [key_of(position)[1] for position in positions]
    query = select(
        m.id.label("message_id"), m.integration_id, m.at, m.direction, m.kind,
        m.from_name, m.from_address, m.recipients, m.copied, m.subject, m.size_bytes,
        m.attachment,
    ).where(m.id.in_(ids))  # fmt: skip
    found = frame(conn, query)
    order = {number: at for at, number in enumerate(ids)}
    found = found.sort_values("message_id", key=lambda ids: ids.map(order))
    found = found.reset_index(drop=True)
    found.insert(0, "position", pd.Series(positions, dtype="int64"))
    return _with_places(conn, _with_threads(conn, found))


def one(conn: Connection, message_id: int) -> pd.DataFrame:
    """Give one message with every column, and the folders it lies in."""
    found = frame(conn, select(message).where(message.c.id == message_id))
    names = {"message_id": "header_message_id", "id": "message_id"}
    found = found.rename(columns=names)
    found["position"] = [
        position_of(to_ms(at.to_pydatetime()), int(number))
        for at, number in zip(found["at"], found["message_id"], strict=True)
    ]
    return _with_places(conn, _with_threads(conn, found))


def integrations_of(conn: Connection, message_ids: Collection[int]) -> dict[int, int]:
    """Give the integration of each message, by id."""
    c = message.c
    query = select(c.id, c.integration_id).where(c.id.in_(message_ids))
    return {row[0]: row[1] for row in conn.execute(query)}


def _chunks(
    conn: Connection, asked: Wanted, reach: Reach, most: int, out: list[int]
) -> Iterator[tuple[list[int], Way]]:
    """Yield positions to look at, in the order of the reach, and the way they came.

    `out`: those that were wanted so far; by them it is guessed how many to look at.
    """
    low, high = asked.span
    reach = reach._replace(low=max(reach.low, low - 1), high=min(reach.high, high))
    if reach.low + 1 >= reach.high:
        return
    some = ways(conn, asked)
    size = max(FIRST_CHUNK, min(most + most // 4, CHUNK))
    if len(some) > 1:
        size = PROBE
    read = [(way, way.read(conn, reach, size)) for way in some]
    way, found = max(read, key=lambda one: _thinness(one[1], size))
    looked = 0
    while found:
        yield found, way
        if len(found) < size:
            return
        looked += len(found)
        needed = (most - len(out)) * looked // max(len(out), 1)
        grown = min(max(size * 4, most), CHUNK)
        reach = reach.after(found[-1])
        size = min(grown, max(needed + needed // 4, FIRST_CHUNK))
        found = way.read(conn, reach, size)


def _thinness(found: list[int], size: int) -> tuple[int, int]:
    """Tell how little a way has: it is at its end, or its messages lie far apart."""
    if len(found) < size:
        return size - len(found), 0
    return 0, abs(found[-1] - found[0])


def _with_threads(conn: Connection, found: pd.DataFrame) -> pd.DataFrame:
    """Add the conversation of each, and how many messages it has."""
    c = listing.c
    positions = [int(one) for one in found["position"]]
    query = select(c.position, c.integration_id, c.thread).where(
        c.position.in_(positions)
    )
    held = {row[0]: (row[1], row[2]) for row in conn.execute(query)}
    pairs = set(held.values())
    counts: dict[tuple[int, int], int] = {}
    for integration_id in {pair[0] for pair in pairs}:
        threads = [thread for one, thread in pairs if one == integration_id]
        counted = (
            select(c.thread, func.count())
            .where(c.integration_id == integration_id, c.thread.in_(threads))
            .group_by(c.thread)
        )
        counts |= {(integration_id, row[0]): row[1] for row in conn.execute(counted)}
    found["thread"] = [held.get(one, (0, 0))[1] for one in positions]
    found["in_thread"] = [counts.get(held.get(one, (0, 0)), 1) for one in positions]
    return found


def _with_places(conn: Connection, found: pd.DataFrame) -> pd.DataFrame:
    ids = [int(i) for i in found["message_id"]]
    rows = conn.execute(
        select(placement.c.message_id, folder.c.title, placement.c.flags)
        .join(folder, folder.c.id == placement.c.folder_id)
        .where(
            placement.c.message_id.in_(ids),
            placement.c.generation == folder.c.generation,
            folder.c.missing_since.is_(None),
            stays(),
        )
        .order_by(folder.c.id)
    ).all()
    titles: dict[int, list[str]] = {}
    flags: dict[int, list[int]] = {}
    for message_id, title, bits in rows:
        titles.setdefault(message_id, []).append(title)
        flags.setdefault(message_id, []).append(bits)
    found["folders"] = [", ".join(dict.fromkeys(titles.get(i, ()))) for i in ids]
    found["unread"] = [any(not bits & 1 for bits in flags.get(i, ())) for i in ids]
    found["answered"] = [any(bits & 2 for bits in flags.get(i, ())) for i in ids]
    found["flagged"] = [any(bits & 4 for bits in flags.get(i, ())) for i in ids]
    return found
