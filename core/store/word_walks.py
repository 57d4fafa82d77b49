"""Walk the messages that have certain words, in the order of time.

FTS5 keeps its lists in that order. GIN of PostgreSQL gives all of a list and no order,
and PostgreSQL does not know how rare a rare word is: left to itself it may look through
all messages to find forty. So messages are looked at one after the other, in steps that
grow, for as long as there is enough in sight; where hits are rare the index is asked
for all of them, once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

from core.store.bulk import tuples
from core.store.matching import Matching

if TYPE_CHECKING:
    from core.store.walks import Reach

SAMPLE = 1_000  # messages that are looked at first
STEP_MOST = 16_000  # of many more PostgreSQL would rather read the whole table
GROWTH = 8  # of a step: what few messages tell is not sure
FAR = 60_000  # messages: they take as long as what the index has of a million
KEPT = 10_000  # hits of the index that are kept for what is asked for next

FTS5 = (
    "SELECT rowid FROM message_words WHERE message_words MATCH :asked"
    " AND rowid > :low AND rowid < :high ORDER BY rowid {order} LIMIT :most"
)
# The last that was looked at comes, too, whether it has the words or not.
LOOKED_AT = (
    "SELECT position, hit, number FROM (SELECT position, hit,"
    " row_number() OVER (ORDER BY position {order}) AS number FROM (SELECT position,"
    " words @@ CAST(:asked AS tsquery) AS hit FROM message_words WHERE position > :low"
    " AND position < :high ORDER BY position {order} LIMIT :rows) AS some_rows)"
    " AS looked WHERE hit OR number = :rows ORDER BY position {order} LIMIT :most"
)
# What takes long to find is asked of the few only that have the rest of it.
INDEXED = (
    "WITH hits AS MATERIALIZED (SELECT position, words FROM message_words"
    " WHERE words @@ CAST(:rough AS tsquery)) SELECT position FROM hits"
    " WHERE position > :low AND position < :high AND words @@ CAST(:asked AS tsquery)"
    " ORDER BY position {order} LIMIT :most"
)


class WordWalk:
    """One walk; it learns on its way how rare its hits are."""

    def __init__(self, matching: Matching) -> None:
        """Take what is looked for."""
        self._matching = matching
        self._looked = self._hits = 0
        self._kept: list[int] | None = None  # of the index, from where it was asked on
        self._is_all = False

    def __call__(self, conn: Connection, reach: Reach, most: int) -> list[int]:
        """Give up to so many positions within a reach, in its order."""
        if conn.dialect.name == "sqlite":
            return [row[0] for row in self._ask(conn, FTS5, reach, most=most)]
        found: list[int] = []
        while rows := self._step(most - len(found)):
            left = most - len(found)
            seen = self._ask(conn, LOOKED_AT, reach, most=left, rows=rows)
            hits = [position for position, hit, _ in seen if hit]
            found += hits
            if len(hits) == left or not seen or seen[-1][2] < rows:
                return found
            self._looked, self._hits = self._looked + rows, self._hits + len(hits)
            reach = reach.after(seen[-1][0])
        return found + self._indexed(conn, reach, most - len(found))

    def _step(self, most: int) -> int:
        """Tell how many messages to look at for so many hits; 0: ask the index."""
        if self._kept is not None:
            return 0
        if not self._looked:
            return SAMPLE
        needed = most * self._looked // max(self._hits, 1)
        if needed > FAR and self._looked > SAMPLE:
            return 0
        return max(SAMPLE, min(needed + needed // 4, self._looked * GROWTH, STEP_MOST))

    def _indexed(self, conn: Connection, reach: Reach, most: int) -> list[int]:
        kept = [one for one in self._kept or () if reach.low < one < reach.high]
        if self._kept is None or (len(kept) < most and not self._is_all):
            asked_for = max(most, KEPT)
            rows = self._ask(conn, INDEXED, reach, most=asked_for)
            kept = [row[0] for row in rows]
            self._kept, self._is_all = kept, len(kept) < asked_for
        return kept[:most]

    def _ask(
        self, conn: Connection, statement: str, reach: Reach, **more: int
    ) -> list[tuple[Any, ...]]:
        statement = statement.format(order="DESC" if reach.newest else "ASC")
        params = {
            "low": reach.low, "high": reach.high, "asked": self._matching.query,
            "rough": self._matching.rough, **more,
        }  # fmt: skip
        used = {name: one for name, one in params.items() if f":{name}" in statement}
        return tuples(conn, text(statement), used)
