"""The cards of servers: what each showed of itself last, and the incidents of that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select

from core.card import CODES, Card, Quota, Tls, doubts, succeeding
from core.store import incidents
from core.store.bulk import put_row
from core.store.schema import integration
from core.store.watch_tables import server_card

SECONDS_MOST = 2**31 - 1


def of(conn: Connection, integration_id: int) -> Card | None:
    """Give the card of an integration's server; nothing before its first probe."""
    mine = server_card.c.integration_id == integration_id
    row = conn.execute(select(server_card).where(mine)).first()
    return _card(row) if row else None


def keep(conn: Connection, integration_id: int, new: Card) -> None:
    """Put a new card in the place of the one before; begin and end its incidents."""
    c = integration.c
    both = select(c.imap_host, c.credentials_at, server_card).outerjoin(server_card)
    row = conn.execute(both.where(c.id == integration_id)).one()
    before = _card(row) if row.noted_at else None
    if before and row.credentials_at and before.noted_at < row.credentials_at:
        before = None  # of another server, maybe: it was reconnected meanwhile
    card = succeeding(new, before)
    _write(conn, integration_id, card)
    _note(conn, integration_id, card, row.imap_host)


def _note(conn: Connection, integration_id: int, card: Card, host: str) -> None:
    is_open = {one.code for one in incidents.open_of(conn, integration_id)}
    found = doubts(card, host, is_open & set(CODES))
    for code, facts in found.there.items():
        incidents.observe(conn, integration_id, code, card.noted_at, **facts)
    if over := found.over & is_open:
        incidents.end(conn, integration_id, over, card.noted_at)


def _write(conn: Connection, integration_id: int, card: Card) -> None:
    tls, quota, ahead = card.tls, card.quota, card.clock_ahead_s
    values = {
        "noted_at": card.noted_at,
        "software": card.software,
        "capabilities": list(card.capabilities),
        "tls_version": tls.version if tls else "",
        "cipher": tls.cipher if tls else "",
        "issuer": tls.issuer if tls else "",
        "fingerprint": tls.fingerprint if tls else "",
        "expires_at": tls.expires_at if tls else None,
        "issuer_before": card.issuer_before,
        "issuer_changed_at": card.issuer_changed_at,
        "clock_ahead_s": None if ahead is None else min(ahead, SECONDS_MOST),
        "quota_used": quota.used if quota else None,
        "quota_limit": quota.limit if quota else None,
    }
    put_row(conn, server_card, {"integration_id": integration_id}, values)


def _card(row: Row[Any]) -> Card:
    tls = Tls(
        row.tls_version,
        row.cipher,
        row.issuer,
        row.fingerprint,
        expires_at=row.expires_at,
    )
    limited = row.quota_limit is not None
    return Card(
        noted_at=row.noted_at,
        software=row.software,
        capabilities=tuple(row.capabilities),
        tls=tls if row.tls_version else None,
        quota=Quota(row.quota_used, row.quota_limit) if limited else None,
        ahead_s=row.clock_ahead_s,
        issuer_before=row.issuer_before,
        issuer_changed_at=row.issuer_changed_at,
    )
