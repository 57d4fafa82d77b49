"""The tables of watching: incidents, quarters, server cards, habits, recordings."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    text,
)

from core.store.instants import Instant
from core.store.schema import Key, metadata

# What is wrong with a mailbox, from when until when: errors and warnings alike.
incident = Table(
    "incident",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("code", String(48), nullable=False),
    Column("level", String(8), nullable=False),  # core.incidents.Level
    Column("facts", JSON, nullable=False),
    Column("since", Instant, nullable=False),
    Column("last_at", Instant, nullable=False),  # when it was seen last
    Column("times", Integer, nullable=False, default=1),
    Column("ended_at", Instant),
    # One of a kind at a time, whatever the code does.
    Index(
        "uq_incident_open",
        "integration_id",
        "code",
        unique=True,
        sqlite_where=text("ended_at IS NULL"),
        postgresql_where=text("ended_at IS NULL"),
    ),
    Index(None, "integration_id", "since"),
    Index(None, "ended_at"),
)

# How a mailbox was followed in each quarter of an hour: a cell of the matrix.
quarter = Table(
    "quarter",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("slot", BigInteger, primary_key=True),  # quarters of an hour since 1970
    Column("good", Integer, nullable=False),  # good runs, or proofs by IDLE
    Column("failed", Integer, nullable=False),
    Column("slowest_ms", BigInteger, nullable=False),  # of the good runs
    Column("code", String(48)),  # of the last failure
    Index(None, "slot"),
    sqlite_with_rowid=False,
)

# What a server showed of itself when it was probed last.
server_card = Table(
    "server_card",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("noted_at", Instant, nullable=False),
    Column("software", String(200), nullable=False),  # ID, RFC 2971
    Column("capabilities", JSON, nullable=False),  # names, as the server wrote them
    Column("tls_version", String(16), nullable=False),  # empty: no TLS
    Column("cipher", String(64), nullable=False),
    Column("issuer", String(300), nullable=False),
    Column("fingerprint", String(64), nullable=False),  # SHA-256, hexadecimal
    Column("expires_at", Instant),  # of the certificate
    Column("issuer_before", String(300), nullable=False, default=""),
    Column("issuer_changed_at", Instant),
    Column("clock_ahead_s", Integer),  # the server's clock against ours
    Column("quota_used", BigInteger),  # units of 1,024 octets, RFC 9208 §5.1
    Column("quota_limit", BigInteger),
)

# When mail usually comes: how probable it is that an hour of the week brings none.
habit = Table(
    "habit",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("computed_at", Instant, nullable=False),
    Column("weeks", Integer, nullable=False),  # of history that it is made of
    Column("empty", JSON, nullable=False),  # core.silence.Habit, but for `expected`
    Column("expected", JSON, nullable=False),  # 168 mean counts
    Column("last_arrival_at", Instant),
    Column("silent_at", Instant),  # from when on no mail is improbable
    Index(None, "silent_at"),
)

# Lines of a connection that a person asked to be recorded, without secrets and mail.
recorded = Table(
    "recorded",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("who", String(8), nullable=False),  # sync, idle, probe, peek
    Column("way", String(3), nullable=False),  # out, in
    Column("line", Text, nullable=False),
    Index(None, "integration_id", "id"),
)
