"""The tables of getting in: what is sealed, sign-ins under way, refused logins."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Table,
)

from core.store.instants import Instant
from core.store.schema import Key, metadata

credential = Table(
    "credential",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("field", String(24), primary_key=True),
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),
)

# A sign-in at Google or Microsoft under way; the browser brings its ticket back.
sign_in = Table(
    "sign_in",
    metadata,
    Column("ticket", String(64), primary_key=True),  # hash of what the browser has
    Column("method", String(16), nullable=False),
    Column("owner", String(200), nullable=False),
    Column("address", String(320), nullable=False),  # what was typed, or nothing
    Column("actor", String(200), nullable=False),
    Column("integration_id", ForeignKey("integration.id")),  # of a reconnection
    Column("state", String(64), nullable=False),  # hash of OAuth's state
    Column("browser", String(64), nullable=False, default=""),  # hash of its cookie
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # verifier and nonce, then tokens
    Column("stage", String(12), nullable=False),  # begun, consented, failed, done
    Column("made_id", ForeignKey("integration.id")),  # what came of it
    Column("privacy", String(8), nullable=False, server_default="body"),
    Column("problem_code", String(48)),
    Column("problem_facts", JSON),
    Column("created_at", Instant, nullable=False),
    Index(None, "state"),
)

refused_login = Table(  # passwords that a host refused, to tell people to wait
    "refused_login",
    metadata,
    Column("id", Key, primary_key=True),
    Column("owner", String(200), nullable=False),  # folded, as is the login
    Column("login", String(320), nullable=False),
    Column("host", String(253), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "owner", "host", "at"),
    Index(None, "login", "host", "at"),
)

key_check = Table(
    "key_check",
    metadata,
    Column("key_id", String(16), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)
