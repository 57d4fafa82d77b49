"""The tables of sending: templates, the outbox, what became of each mail, and rules.

The content of a mail is kept until it is sent and its copy is in Sent, or it is given
up; then it is dropped: who wants to read it opens the copy.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.instants import Instant
from core.store.schema import Key, metadata

template = Table(
    "template",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(120), nullable=False),
    Column("folded", String(240), nullable=False, unique=True),
    Column("subject", Text, nullable=False),
    Column("body", Text, nullable=False),  # Markdown with variables
    Column("bulk", Boolean, nullable=False, default=False),
    Column("changed_at", Instant, nullable=False),
)

mail = Table(
    "mail",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("activity_id", ForeignKey("activity.id")),
    Column("template_id", ForeignKey("template.id")),
    Column("follows_id", ForeignKey("mail.id")),  # it is not sent if that is answered
    Column("actor", String(200), nullable=False),
    Column("message_id", String(255), nullable=False, unique=True),
    Column("header_hash", BigInteger, nullable=False),  # of it, as in `listing`
    Column("sender", Text, nullable=False),
    Column("sender_address", String(320), nullable=False),
    Column("subject", Text, nullable=False),
    Column("content", LargeBinary),
    Column("size_bytes", BigInteger, nullable=False),
    Column("smtputf8", Boolean, nullable=False),
    Column("bulk", Boolean, nullable=False),
    Column("state", String(12), nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("not_before", Instant, nullable=False),
    Column("next_at", Instant, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("holder", String(120)),  # the worker that sends it
    Column("at_brink", Boolean, nullable=False, default=False),
    Column("tried_at", Instant),
    Column("sent_at", Instant),
    Column("said", Text, nullable=False, default=""),
    Column("problem_code", String(48)),
    Column("problem_facts", JSON),
    Column("ended_why", String(16), nullable=False, default=""),
    Column("copy", String(12), nullable=False),
    Column("copy_tries", Integer, nullable=False, default=0),
    Column("copy_next_at", Instant),
    Column("answered_at", Instant),
    # Bits of `core.outgoing.Seen`, out of `evidence`, which writes them.
    Column("seen", Integer, nullable=False, default=0, server_default="0"),
    Index(None, "state", "next_at"),
    Index(None, "integration_id", "state", "sent_at"),
    Index(None, "integration_id", "header_hash"),
    Index(None, "activity_id"),
    Index(None, "follows_id"),
    # What is counted of mails is read from this alone (`core.store.deliveries`).
    Index(
        "ix_mail_counted",
        "not_before", "integration_id", "template_id", "sent_at", "seen",
    ),
    Index(
        "ix_mail_copy_wanted",
        "integration_id",
        sqlite_where=text("copy IN ('wanted', 'begun')"),
        postgresql_where=text("copy IN ('wanted', 'begun')"),
    ),
)  # fmt: skip

mail_recipient = Table(
    "mail_recipient",
    metadata,
    Column("mail_id", ForeignKey("mail.id"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("field", String(4), nullable=False),
    Column("name", Text, nullable=False),
    Column("address", String(320), nullable=False),
    Column("verdict", String(12), nullable=False),
    Column("code", Integer, nullable=False, default=0),
    Column("said", Text, nullable=False, default=""),
    sqlite_with_rowid=False,
)

# What became of a mail: the delivery ladder. The same is told once.
evidence = Table(
    "evidence",
    metadata,
    Column("id", Key, primary_key=True),
    Column("mail_id", ForeignKey("mail.id"), nullable=False),
    Column("step", String(16), nullable=False),
    Column("source", String(12), nullable=False),
    Column("at", Instant, nullable=False),
    Column("recipient", String(320), nullable=False, default=""),
    Column("status", String(16), nullable=False, default=""),
    Column("diagnostic", Text, nullable=False, default=""),
    Column("told_by", BigInteger, nullable=False, default=0),  # a message; 0: none
    UniqueConstraint("mail_id", "step", "recipient", "told_by"),
)

# Up to which message of a mailbox it was looked for what became of its mail.
evidence_mark = Table(
    "evidence_mark",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("upto", BigInteger, nullable=False),
)

# How a person sends: their name, their signature, and bounds.
sender = Table(
    "sender",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("name", String(200), nullable=False, default=""),
    Column("signature", Text, nullable=False, default=""),
    Column("aliases", JSON, nullable=False),  # further addresses of From
    Column("per_hour", Integer, nullable=False),
    Column("per_day", Integer, nullable=False),
)

# Whom the organisation does not write to: an address, or "@" and a domain.
blocked = Table(
    "blocked",
    metadata,
    Column("id", Key, primary_key=True),
    Column("pattern", String(320), nullable=False, unique=True),
    Column("reason", String(200), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)
