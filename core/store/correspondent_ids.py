"""Ids of correspondents by their names: an address, or "@" and a registered domain."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import Connection, select

from core.store.bulk import CHUNK, chunks, insert_rows
from core.store.counting_tables import correspondent

NAME_CHARS = 330
C = correspondent.c


def domain_name(domain: str) -> str:
    """Give the name of a domain as a correspondent."""
    return f"@{domain}"[:NAME_CHARS]


def ids_of(conn: Connection, names: Collection[str]) -> dict[str, int]:
    """Give the ids of names, new ones too. Who counts is alone."""
    found = _known(conn, names)
    if new := set(names) - found.keys():
        insert_rows(conn, correspondent, ("name",), [(one,) for one in sorted(new)])
        found |= _known(conn, new)
    return found


def _known(conn: Connection, names: Collection[str]) -> dict[str, int]:
    query = select(C.name, C.id)
    return {
        str(name): int(id_)
        for some in chunks(names, CHUNK)
        for name, id_ in conn.execute(query.where(C.name.in_(some)))
    }
