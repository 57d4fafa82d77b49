"""The tables of alerts: rules, sinks, what fired, and the notices on their way."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from core.store.instants import Instant
from core.store.schema import Key, metadata

alert_rule = Table(
    "alert_rule",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("codes", JSON, nullable=False),  # of incidents; empty: every error
    Column("after_s", Integer, nullable=False),  # how long it must last to fire
    Column("provider", String(40), nullable=False, default=""),  # empty: all
    Column("team", String(80), nullable=False, default=""),
    Column("sinks", JSON, nullable=False),  # ids; empty: all
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
)

alert_sink = Table(
    "alert_sink",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("language", String(8), nullable=False),
    Column("shown", String(300), nullable=False),  # its URL without secrets
    Column("key_id", String(16), nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the URL, with its secrets
    Column("enabled", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("ok_at", Instant),
    Column("failed_at", Instant),  # since then nothing was sent; None: it works
    Column("failed_words", String(500), nullable=False, default=""),
)

# An incident that a rule told of, or is about to.
alert = Table(
    "alert",
    metadata,
    Column("id", Key, primary_key=True),
    Column("rule_id", ForeignKey("alert_rule.id"), nullable=False),
    Column("incident_id", ForeignKey("incident.id"), nullable=False),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("fired_at", Instant, nullable=False),
    Column("told_at", Instant),  # when its notices were written
    Column("recovered_at", Instant),
    Column("recovery_told_at", Instant),  # or when nothing was left to tell
    UniqueConstraint("rule_id", "incident_id"),
    Index(None, "integration_id", "fired_at"),
    Index(None, "fired_at"),
    Index(None, "recovered_at"),
)

# One message to one sink: several alerts of a kind, told together.
alert_notice = Table(
    "alert_notice",
    metadata,
    Column("id", Key, primary_key=True),
    Column("sink_id", ForeignKey("alert_sink.id"), nullable=False),
    Column("rule_id", ForeignKey("alert_rule.id"), nullable=False),
    Column("what", String(12), nullable=False),  # fired, recovered
    Column("alerts", JSON, nullable=False),  # ids
    Column("created_at", Instant, nullable=False),
    Column("due_at", Instant),  # None: sent, or given up
    Column("tries", Integer, nullable=False, default=0),
    Column("sent_at", Instant),
    Column("words", String(500), nullable=False, default=""),  # why it was not sent
    Index(None, "due_at"),
    Index(None, "created_at"),
)

snooze = Table(
    "snooze",
    metadata,
    Column("id", Key, primary_key=True),
    Column("rule_id", ForeignKey("alert_rule.id")),  # None: every rule
    Column("integration_id", ForeignKey("integration.id")),  # None: every mailbox
    Column("until", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Index(None, "until"),
)
