"""What the server of a mailbox showed of itself when it was probed last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.imap.capabilities import Capability, describe
from core.runtime import Runtime
from core.store import frames
from core.store.engine import reading

QUOTA_UNIT = 1024  # octets (RFC 9208 §5.1)


@dataclass(frozen=True, slots=True)
class Quota:
    """How much of the mailbox is in use, in bytes."""

    used_bytes: int
    limit_bytes: int

    @property
    def share(self) -> float:
        """Give what is in use of the whole, from 0 to 1."""
        return min(1.0, self.used_bytes / self.limit_bytes) if self.limit_bytes else 1.0


@dataclass(frozen=True, slots=True)
class Certificate:
    """Who issued a server's certificate, and whether it was somebody else before."""

    issuer: str
    fingerprint: str  # SHA-256, hexadecimal
    expires_at: datetime | None
    issuer_before: str
    changed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ServerCard:
    """A server: its software, what it can do, its TLS (empty: none), quota, clock.

    `clock_ahead_s`: the server's clock against ours, in seconds.
    """

    noted_at: datetime
    software: str
    capabilities: list[Capability]
    tls_version: str
    cipher: str
    certificate: Certificate | None
    quota: Quota | None
    clock_ahead_s: int | None


def server_card(runtime: Runtime, integration_id: int) -> ServerCard | None:
    """Give the card of a mailbox's server; None before its first probe."""
    with reading(runtime.engine) as conn:
        row = frames.server_card(conn, integration_id)
    if row is None:
        return None
    certificate = Certificate(
        row.issuer,
        row.fingerprint,
        row.expires_at,
        row.issuer_before,
        row.issuer_changed_at,
    )
    known = row.quota_used is not None and row.quota_limit is not None
    return ServerCard(
        noted_at=row.noted_at,
        software=row.software,
        capabilities=[describe(name) for name in sorted(row.capabilities or ())],
        tls_version=row.tls_version,
        cipher=row.cipher,
        certificate=certificate if row.issuer or row.expires_at else None,
        quota=Quota(row.quota_used * QUOTA_UNIT, row.quota_limit * QUOTA_UNIT)
        if known
        else None,
        clock_ahead_s=row.clock_ahead_s,
    )
