"""Whom the organisation does not write to: addresses, and domains with all below them.

A pattern is an address, or "@" and a domain, without case and with the domain in ASCII
(RFC 5890), as the addresses of recipients have it, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from core.errors import NotFound
from core.store.bulk import CHUNK, chunks, put_new
from core.store.sending_tables import blocked


@dataclass(frozen=True, slots=True)
class Blocked:
    """An address, or "@" and a domain, that nothing is sent to; who said so and why."""

    id: int
    pattern: str
    reason: str
    actor: str
    at: datetime


def add(conn: Connection, pattern: str, reason: str, actor: str, at: datetime) -> bool:
    """Block an address or a domain; False: it is blocked already."""
    row = {"pattern": pattern, "reason": reason, "actor": actor, "at": at}
    return put_new(conn, blocked, row)


def listed(conn: Connection) -> list[Blocked]:
    """List all that is blocked, by pattern."""
    rows = conn.execute(select(blocked).order_by(blocked.c.pattern))
    return [Blocked(**row._mapping) for row in rows]  # noqa: SLF001 - a public name


def take_out(conn: Connection, blocked_id: int) -> str:
    """Unblock; give what was blocked.

    Raises:
        NotFound: there is none with this id.

    """
    mine = blocked.c.id == blocked_id
    gone = delete(blocked).where(mine).returning(blocked.c.pattern)
    pattern: str | None = conn.scalar(gone)
    if pattern is None:
        raise NotFound(what="blocked", id=blocked_id)
    return pattern


def among(conn: Connection, addresses: Iterable[str]) -> dict[str, Blocked]:
    """Give which of some addresses are blocked, and by what."""
    asked = {address: tuple(_patterns(address)) for address in addresses}
    wanted = {pattern for some in asked.values() for pattern in some}
    found: dict[str, Blocked] = {}
    for part in chunks(sorted(wanted), CHUNK):
        for row in conn.execute(select(blocked).where(blocked.c.pattern.in_(part))):
            found[row.pattern] = Blocked(**row._mapping)  # noqa: SLF001 - as above
    return {
        address: found[pattern]
        for address, patterns in asked.items()
        for pattern in patterns
        if pattern in found
    }


def _patterns(address: str) -> Iterator[str]:
    """Give what would block an address: itself, its domain, and those above it."""
    whole = address.casefold()
    yield whole
    domain = whole.rpartition("@")[2]
    while domain:
        yield f"@{domain}"
        domain = domain.partition(".")[2]
