"""Which messages are wanted, and how each one is told to be among them."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

from sqlalchemy import Connection, text

from core.positions import BELOW, END, first_at
from core.store.bulk import tuples
from core.terms import Term, is_certain, matches, texts_of

FLAGS = {"unread": "p.flags & 1 = 0", "answered": "p.flags & 2 <> 0"}
STAYS = "p.flags & 8 = 0"  # see `core.store.placements.stays`
FLAGGED = "p.flags & 4 <> 0"
ID = f"(i.value & {BELOW - 1})"  # of the message of a position `i`


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; all of it together. Empty, None or 0: it is all the same.

    `since_ms` and `until_ms` are instants; a message of the second is not wanted.
    `folder_id`: only of this folder. `flags` say of any of its placements there.
    `whole`: `integrations` are all there are.
    """

    integrations: tuple[int, ...]
    whole: bool = False
    folder_id: int | None = None
    since_ms: int | None = None
    until_ms: int | None = None
    direction: str = ""
    kinds: tuple[str, ...] = ()
    terms: tuple[Term, ...] = ()
    from_address: str = ""
    unread: bool | None = None
    flagged: bool | None = None
    answered: bool | None = None
    attachment: bool | None = None
    replied: bool | None = None
    threaded: bool | None = None
    larger_bytes: int = 0
    smaller_bytes: int = 0
    thread: int = 0

    @property
    def span(self) -> tuple[int, int]:
        """Give the positions [low, high) in which the period lies."""
        low = 0 if self.since_ms is None else first_at(self.since_ms)
        high = END if self.until_ms is None else first_at(self.until_ms)
        return max(0, low), max(0, min(high, END))

    def without(self, proven: Collection[str]) -> Wanted:
        """Give what is left to ask of a message of which some of it is proven."""
        given: dict[str, Any] = {
            one.name: one.default for one in fields(self) if one.name in proven
        }
        return replace(self, **given)


def told(
    conn: Connection, asked: Wanted, positions: Collection[int], *, with_terms: bool
) -> set[int]:
    """Give those positions whose messages are wanted; `with_terms`: words, too."""
    some = json.dumps(list(positions))
    params: dict[str, Any] = {
        # An array as it is written in PostgreSQL: psycopg would look at each number.
        "some": some if conn.dialect.name == "sqlite" else f"{{{some[1:-1]}}}",
        "folder": asked.folder_id, "direction": asked.direction,
        "from_address": asked.from_address, "larger": asked.larger_bytes,
        "smaller": asked.smaller_bytes, "thread": asked.thread,
    }  # fmt: skip
    searched = with_terms and bool(asked.terms)
    statement = _statement(conn.dialect.name, asked, searched=searched)
    used = {k: v for k, v in params.items() if f":{k}" in statement}
    found = tuples(conn, text(statement), used)
    if searched:
        found = [row for row in found if has(asked.terms, row[1])]
    return {row[0] for row in found}


def has(terms: Collection[Term], search: str) -> bool:
    """Tell whether a message has all that is looked for in its words."""
    if not all(word in search for t in terms if t.wanted for word in t.words):
        return False  # most have not, and are not cut into words
    unsure = [one for one in terms if not is_certain(one, search)]
    if not unsure:
        return True
    texts = texts_of(search)
    return all(matches(term, texts) for term in unsure)


def lies(asked: Wanted, condition: str = "") -> str:
    """Give SQL: a message lies somewhere now, in the folder if there is one."""
    here = " AND f.id = :folder" if asked.folder_id is not None else ""
    more = f" AND {condition}" if condition else ""
    # Not EXISTS: PostgreSQL would rather read every placement there is.
    return (
        "(SELECT 1 FROM placement p JOIN folder f ON f.id = p.folder_id"  # noqa: S608 - ours
        f" WHERE p.message_id = {ID} AND p.generation = f.generation AND {STAYS}"
        f" AND f.missing_since IS NULL{_within(asked)}{here}{more} LIMIT 1) IS NOT NULL"
    )


def _within(asked: Wanted) -> str:
    """Keep to the mailboxes asked for: a folder, or words, may be of another."""
    if asked.whole:
        return ""
    some = ", ".join(str(int(one)) for one in asked.integrations) or "NULL"
    return f" AND f.integration_id IN ({some})"


def conditions(asked: Wanted) -> list[str]:
    """Give SQL of all that a message `m` must be: its words and places aside."""
    out = []
    if asked.direction:
        out.append("m.direction = :direction")
    if asked.kinds:
        out.append(f"m.kind IN ({', '.join(map(_quoted, asked.kinds))})")
    if asked.from_address:
        out.append("m.from_address = :from_address")
    if asked.attachment is not None:
        out.append("m.attachment" if asked.attachment else "NOT m.attachment")
    if asked.larger_bytes:
        out.append("m.size_bytes >= :larger")
    if asked.smaller_bytes:
        out.append("m.size_bytes <= :smaller")
    return out


def listed(asked: Wanted) -> list[str]:
    """Give SQL of what only the listing `l` knows."""
    out = ["l.thread = :thread"] if asked.thread else []
    for name in ("replied", "threaded"):
        wanted = getattr(asked, name)
        if wanted is not None:
            out.append(f"l.{name}" if wanted else f"NOT COALESCE(l.{name}, false)")
    return out


def _statement(dialect: str, asked: Wanted, *, searched: bool) -> str:
    """Write the question of which among some positions are wanted."""
    # Each is looked up by itself, whatever the planner thinks of reading everything:
    # SQLite keeps the order of a CROSS JOIN, PostgreSQL that of LATERAL with a LIMIT.
    some = "json_each(:some) i"
    of_id = f"CROSS JOIN message m ON m.id = {ID}"
    if dialect != "sqlite":
        some = "unnest(CAST(:some AS bigint[])) AS i(value)"
        one = f"SELECT * FROM message WHERE id = {ID} LIMIT 1"  # noqa: S608 - ours
        of_id = f"CROSS JOIN LATERAL ({one}) m"
    of_message, of_listing = conditions(asked), listed(asked)
    if of_message or searched:  # a wide table, which is not read for nothing
        some += f" {of_id}"
    if of_listing:
        some += " LEFT JOIN listing l ON l.position = i.value"
    places = [lies(asked, _together(asked))]
    places += [f"NOT ({lies(asked, flag)})" for flag in _not(asked)]
    every = " AND ".join([*of_message, *of_listing, *places])
    columns = "i.value, m.search" if searched else "i.value"
    return f"SELECT {columns} FROM {some} WHERE {every}"  # noqa: S608 - ours


def _together(asked: Wanted) -> str:
    """Give what one placement must be: flags that are asked for stand together."""
    wanted = [
        condition
        for name, condition in (*FLAGS.items(), ("flagged", FLAGGED))
        if getattr(asked, name)
    ]
    return " AND ".join(wanted)


def _not(asked: Wanted) -> list[str]:
    return [
        condition
        for name, condition in (*FLAGS.items(), ("flagged", FLAGGED))
        if getattr(asked, name) is False
    ]


def _quoted(word: str) -> str:
    if not word.isalpha():
        msg = f"not a word: {word!r}"
        raise ValueError(msg)
    return f"'{word}'"
