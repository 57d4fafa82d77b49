"""Walks: the positions of messages in the order of time, as one index has them.

Each reads a part of an index and nothing else, so its cost is that of what it gives,
not of how many messages there are. Which are wanted is seen later, by `wanted`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from heapq import merge
from itertools import islice
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, text

from core.positions import BELOW, END, key_of
from core.store import fresh, matching
from core.store.bulk import tuples
from core.store.schema import folder, message
from core.store.wanted import Wanted
from core.store.word_walks import WordWalk

APART_MOST = 50  # mailboxes that are walked one by one; more are walked as one
PLACES_MOST = 16  # folders that are walked by one query
MOST_OF = 8  # an eighth of all messages
CLASSES = range(1, 64)  # bits of a size
ALL_FLAGS = ("unread", "flagged", "answered")


class Reach(NamedTuple):
    """Positions strictly between two; `newest`: from the upper end down."""

    low: int  # exclusive
    high: int  # exclusive
    newest: bool = True

    def after(self, position: int) -> Reach:
        """Give what is left of it behind a position that was seen."""
        if self.newest:
            return self._replace(high=position)
        return self._replace(low=position)


# Gives up to so many positions of a reach, in its order.
Walk = Callable[[Connection, Reach, int], list[int]]


class Way(NamedTuple):
    """A way to find what is wanted: walks, whose positions have what it is for.

    What waits for the index is asked for all that is wanted (`fresh`).
    """

    name: str
    walks: tuple[Walk, ...]
    proven: frozenset[str] = frozenset()  # fields of what is wanted
    of_words: bool = False  # what it gives has the words that are looked for
    whole: bool = False  # what it gives is all that is asked for

    def read(self, conn: Connection, reach: Reach, most: int) -> list[int]:
        """Give up to so many positions of all its walks, in order and once."""
        return together([walk(conn, reach, most) for walk in self.walks], reach, most)


def together(read: Iterable[list[int]], reach: Reach, most: int) -> list[int]:
    """Merge positions that each walk gave in the order of a reach."""
    merged = merge(*read, reverse=reach.newest)
    return list(islice(dict.fromkeys(merged), most))


def ways(conn: Connection, asked: Wanted) -> list[Way]:
    """Give every way to what is asked for; the best come first if none is short."""
    found = [
        *_by_words(conn, asked),
        *_by_listing(asked),
        *_by_place(conn, asked),
    ]
    return found or [_by_time(asked)]


def _by_words(conn: Connection, asked: Wanted) -> list[Way]:
    if not asked.terms or not any(term.wanted for term in asked.terms):
        return []
    found = matching.query(conn, asked.terms, _marked(conn, asked))
    if found is None:
        return [Way("words", (fresh.walk(asked),), of_words=True)]
    if not found.query:
        return []
    index = WordWalk(found)
    return [Way("words", (index, fresh.walk(asked)), of_words=found.exact)]


def _marked(conn: Connection, asked: Wanted) -> Sequence[int] | None:
    """Tell whether words are looked for in the asked mailboxes only, or everywhere.

    Every word is looked for with the mark of its mailbox; that is work for nothing
    where most of the index is of the mailboxes asked for.
    """
    if asked.whole or len(asked.integrations) > APART_MOST:
        return None
    held = conn.scalar(
        select(func.sum(folder.c.held)).where(
            folder.c.integration_id.in_(asked.integrations)
        )
    )
    ever = conn.scalar(select(func.max(message.c.id)))
    return None if (held or 0) * MOST_OF >= (ever or 0) else asked.integrations


def _by_listing(asked: Wanted) -> list[Way]:
    if len(asked.integrations) > APART_MOST:
        return []
    out: list[Way] = []
    for name, wheres in (
        ("thread", [("thread = :value", asked.thread)] if asked.thread else []),
        ("from_address", [("from_address = :value", asked.from_address)]
         if asked.from_address else []),
        ("replied", [("replied", 0)] if asked.replied else []),
        ("attachment", [("attachment", 0)] if asked.attachment else []),
        ("kinds", [("kind = :value", kind) for kind in asked.kinds]),
        ("size_class", [("size_class = :value", one) for one in _classes(asked)]),
        ("threaded", [("threaded", 0)] if asked.threaded else []),
        ("direction", [("direction = :value", asked.direction)]
         if asked.direction else []),
    ):  # fmt: skip
        if wheres:
            walks = [
                _listed(one, condition, value)
                for one in asked.integrations
                for condition, value in wheres
            ]
            proven = frozenset((name,))  # a class of sizes proves nothing, and is none
            out.append(Way(name, (*walks, fresh.walk(asked)), proven))
    return out


def _by_place(conn: Connection, asked: Wanted) -> list[Way]:
    """Walk placements: of a folder, or of each folder that has such flags."""
    flags = [name for name in ALL_FLAGS if getattr(asked, name)]
    if len(asked.integrations) > APART_MOST or not (flags or asked.folder_id):
        return []
    condition = {
        "unread": "flags & 1 = 0", "flagged": "flags & 4 <> 0",
        "answered": "flags & 2 <> 0", "": "",
    }  # fmt: skip
    out = []
    for flag in flags or [""]:
        places = _places(conn, asked, flag, condition[flag])
        some = range(0, len(places), PLACES_MOST)
        walks = tuple(
            _placed(places[at : at + PLACES_MOST], condition[flag]) for at in some
        )
        alone: dict[str, Any] = dict.fromkeys(flags[:1], True)
        only = Wanted(
            asked.integrations, asked.whole, asked.folder_id, asked.since_ms,
            asked.until_ms, **alone,
        )  # fmt: skip
        out.append(Way(flag or "folder", walks, whole=asked == only))
    return out


def _by_time(asked: Wanted) -> Way:
    if asked.whole and len(asked.integrations) > APART_MOST:
        return Way("time", (_all_listed, fresh.walk(asked)))
    return Way("time", tuple(map(_in_time, asked.integrations)))


def _classes(asked: Wanted) -> list[int]:
    if not asked.larger_bytes and not asked.smaller_bytes:
        return []
    low = asked.larger_bytes.bit_length()
    high = asked.smaller_bytes.bit_length() or CLASSES[-1]
    return [one for one in (0, *CLASSES) if low <= one <= min(high, 40)]


def _listed(integration_id: int, condition: str, value: Any) -> Walk:
    def walk(conn: Connection, reach: Reach, most: int) -> list[int]:
        order = "DESC" if reach.newest else "ASC"
        query = text(
            "SELECT position FROM listing WHERE integration_id = :one"  # noqa: S608 - ours
            f" AND {condition} AND position > :low AND position < :high"
            f" ORDER BY position {order} LIMIT :most"
        )
        params = {"one": integration_id, "low": reach.low, "high": reach.high}
        if ":value" in condition:
            params["value"] = value
        return [row[0] for row in tuples(conn, query, {**params, "most": most})]

    return walk


def _all_listed(conn: Connection, reach: Reach, most: int) -> list[int]:
    order = "DESC" if reach.newest else "ASC"
    query = text(
        "SELECT position FROM listing WHERE position > :low AND position < :high"  # noqa: S608 - ours
        f" ORDER BY position {order} LIMIT :most"
    )
    params = {"low": reach.low, "high": reach.high, "most": most}
    return [row[0] for row in tuples(conn, query, params)]


def _in_time(integration_id: int) -> Walk:
    mine = {"one": integration_id}
    return _keyed("message", ["integration_id = :one"], mine, "id")


def _placed(places: Sequence[tuple[int, int]], condition: str) -> Walk:
    """Walk some folders as one: each is read only as far as it has its share."""
    wheres: list[str] = []
    params: dict[str, int] = {}
    for number, (folder_id, generation) in enumerate(places):
        here = f"folder_id = :folder_{number} AND generation = :generation_{number}"
        stays = f"{here} AND flags & 8 = 0"  # see `core.store.placements.stays`
        wheres.append(f"{stays} AND {condition}" if condition else stays)
        params |= {f"folder_{number}": folder_id, f"generation_{number}": generation}
    return _keyed("placement", wheres, params, "message_id")


def _keyed(table: str, wheres: Sequence[str], params: dict[str, int], key: str) -> Walk:
    """Walk a table that keeps time and id of messages in two columns."""

    def walk(conn: Connection, reach: Reach, most: int) -> list[int]:
        order = "DESC" if reach.newest else "ASC"
        bounds = ""
        values: dict[str, int] = dict(params)
        for name, sign, end in (("low", ">", reach.low), ("high", "<", reach.high)):
            if 0 <= end < END:
                at, number = key_of(end)
                bounds += f" AND (at, {key}) {sign} (:{name}_at, :{name}_id)"
                values |= {f"{name}_at": at, f"{name}_id": number}
        by = f"ORDER BY at {order}, {key} {order} LIMIT :most"
        parts = [f"at, {key} FROM {table} WHERE {one}{bounds}" for one in wheres]
        query = text(
            f"SELECT at / 1000 * {BELOW} + {key}"  # noqa: S608 - ours
            f" FROM ({_once(conn, parts, by)}) AS walked"
        )
        found = tuples(conn, query, {**values, "most": most})
        return sorted([row[0] for row in found], reverse=reach.newest)

    return walk


def _once(conn: Connection, parts: Sequence[str], by: str) -> str:
    """Unite parts in their order; a message may lie in two of them, or in one twice.

    Written so that they are merged, and read only as far as needed: SQLite does that to
    a UNION, PostgreSQL to parts that are in order, and few, each by itself.
    """
    if _is_sqlite(conn) and len(parts) > 1:
        return f"{' UNION '.join(f'SELECT {part}' for part in parts)} {by}"
    each = [f"SELECT DISTINCT {part} {by}" for part in parts]
    if len(each) == 1:
        return each[0]
    every = " UNION ALL ".join(f"({one})" for one in each)
    return f"SELECT DISTINCT * FROM ({every}) AS parts {by}"  # noqa: S608 - ours


def _places(
    conn: Connection, asked: Wanted, flag: str, condition: str
) -> list[tuple[int, int]]:
    """Give the folders, with their generations, that have any such placement."""
    some = ", ".join(str(int(one)) for one in asked.integrations)
    which, params = f"f.integration_id IN ({some})", {}
    if asked.folder_id is not None:
        which, params = f"{which} AND f.id = :folder", {"folder": asked.folder_id}
    # SQLite would look through all of a folder that has none.
    by = f"INDEXED BY ix_placement_{flag} " if flag and _is_sqlite(conn) else ""
    query = text(
        "SELECT f.id, f.generation FROM folder f"  # noqa: S608 - ours
        f" WHERE {which} AND f.missing_since IS NULL AND EXISTS (SELECT 1 FROM"
        f" placement {by}WHERE folder_id = f.id AND generation = f.generation"
        f"{' AND ' + condition if condition else ''})"
    )
    return [(row[0], row[1]) for row in conn.execute(query, params)]


def _is_sqlite(conn: Connection) -> bool:
    return conn.dialect.name == "sqlite"
