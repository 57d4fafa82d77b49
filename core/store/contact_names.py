"""With whom a message is: their addresses and domains, and the ids of such names."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from core.domains import addresses_in, domain_of, registered_of
from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.counted import Fact
from core.store.counting_tables import correspondent

ADDRESS, DOMAIN, EVERY = "address", "domain", "all"  # `what` of contact_month
NOBODY = ""  # the name under which every message is counted once
NAME_CHARS = correspondent.c.name.type.length  # type: ignore[attr-defined]  # a String


def whom(fact: Fact, own: str) -> set[str]:
    """Give the addresses that a message came from, or went to, each once.

    `own`: the address of the mailbox, which is no correspondent of itself.
    """
    if fact.direction == "sent":
        found = {*addresses_in(fact.recipients), *addresses_in(fact.copied)}
    else:
        found = {fact.from_address}
    mine = own.strip().lower()
    lowered = {one.strip().lower() for one in found}
    return {one for one in lowered - {mine} if _is_address(one)}


def names(fact: Fact, own: str) -> set[tuple[str, str]]:
    """Give (what, name) of everything that a message is counted under, each once."""
    others = whom(fact, own)
    found = {(ADDRESS, one[:NAME_CHARS]) for one in others}
    found |= {(DOMAIN, f"@{registered_of(one)}"[:NAME_CHARS]) for one in others}
    return found | {(EVERY, NOBODY)}


def ids(conn: Connection, wanted: Collection[str]) -> dict[str, int]:
    """Give the id of each name, new ones too; whoever writes is alone."""
    found: dict[str, int] = {}
    for some in chunks(sorted(wanted), CHUNK):
        found |= _known(conn, some)
        new = [(name,) for name in some if name not in found]
        if new:
            otherwise = "ON CONFLICT (name) DO NOTHING"
            insert_rows(conn, correspondent, ("name",), new, otherwise)
            found |= _known(conn, [name for (name,) in new])
    return found


def by_id(conn: Connection, wanted: Collection[int]) -> dict[int, str]:
    """Give names by id."""
    c = correspondent.c
    found: dict[int, str] = {}
    for some in chunks(wanted, CHUNK):
        rows = conn.execute(select(c.id, c.name).where(c.id.in_(some)))
        found |= {row[0]: row[1] for row in rows}
    return found


def _known(conn: Connection, some: Collection[str]) -> dict[str, int]:
    c = correspondent.c
    rows = conn.execute(select(c.name, c.id).where(c.name.in_(some)))
    return {row[0]: row[1] for row in rows}


def _is_address(text: str) -> bool:
    local, _, _ = text.rpartition("@")
    return bool(local and domain_of(text))
