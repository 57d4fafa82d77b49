"""What is needed to fetch one message from its server: whose it is, where it lies."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from core.errors import NotFound
from core.model import Integration
from core.store import integrations
from core.store.schema import folder, integration, message, placement

PLACES_MOST = 5


@dataclass(frozen=True, slots=True)
class Lies:
    """A message in a folder, as the last sync saw it; `folder` is the raw name."""

    folder: str
    uidvalidity: int
    uid: int


@dataclass(frozen=True, slots=True)
class Sought:
    """A message to be fetched; `privacy` is the integration's level."""

    integration: Integration
    privacy: str
    is_live: bool
    identity: str
    subject: str
    size_bytes: int
    places: tuple[Lies, ...]


def sought(conn: Connection, integration_id: int, message_id: int) -> Sought:
    """Give what is known of a message of an integration, and where it lies now.

    Raises:
        NotFound: the integration has no such message.

    """
    found = integrations.get(conn, integration_id)
    m, i = message.c, integration.c
    row = conn.execute(
        select(m.identity, m.subject, m.size_bytes, i.privacy, i.disconnected_at)
        .join(integration, i.id == m.integration_id)
        .where(m.id == message_id, m.integration_id == integration_id)
    ).first()
    if row is None:
        raise NotFound(what="message", id=message_id)
    return Sought(
        found,
        row.privacy,
        row.disconnected_at is None,
        row.identity,
        row.subject,
        row.size_bytes,
        places(conn, integration_id, message_id),
    )


def places(conn: Connection, integration_id: int, message_id: int) -> tuple[Lies, ...]:
    """Tell where a message lies now, as the last sync saw it; at most five places."""
    f, p = folder.c, placement.c
    rows = conn.execute(
        select(f.name, f.uidvalidity, p.uid)
        .join(folder, f.id == p.folder_id)
        .where(
            p.message_id == message_id,
            p.generation == f.generation,
            f.integration_id == integration_id,
            f.missing_since.is_(None),
            f.uidvalidity.is_not(None),
        )
        .order_by(f.id, p.uid.desc())
        .limit(PLACES_MOST)
    )
    return tuple(Lies(row.name, row.uidvalidity, row.uid) for row in rows)
