"""The tables of analysis: what is counted as messages are taken into the index.

`scope` says of whom: 0 is everybody, an integration's id that mailbox, and a team's id
below zero its mailboxes. `month` is the number of months since the year 0, `day` of
days since 1970. Who fills them: `core.store.counting`.
"""

from __future__ import annotations

from sqlalchemy import (
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
    text,
)

from core.store.schema import Key, metadata

team = Table(
    "team",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(80), nullable=False, unique=True),
)

# Whom mail comes from and goes to: an address, or "@" and a registered domain.
correspondent = Table(
    "correspondent",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(330), nullable=False, unique=True),
)

# Messages of a day of UTC. `slots` holds what was in each quarter of an hour, so that
# days can be cut in every zone: `core.store.totals` packs it.
total_day = Table(
    "total_day",
    metadata,
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    Column("day", Integer, primary_key=True, autoincrement=False),
    Column("direction", String(8), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("aside", String(8), primary_key=True),
    Column("internal", Boolean, primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("slots", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Mail of persons and lists with each correspondent, by month of the organisation.
# `what`: "address", "domain", or "all": every message once, with an empty name.
contact_month = Table(
    "contact_month",
    metadata,
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    Column("what", String(8), primary_key=True),
    Column("direction", String(8), primary_key=True),
    Column("name_id", ForeignKey("correspondent.id"), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("messages", Integer, nullable=False),
    Index(
        "ix_contact_month_top",
        "scope", "what", "direction", "month", "messages", "name_id",
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

# The same over all months, with the first and the last.
contact = Table(
    "contact",
    metadata,
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    Column("what", String(8), primary_key=True),
    Column("direction", String(8), primary_key=True),
    Column("name_id", ForeignKey("correspondent.id"), primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("first_month", Integer, nullable=False),
    Column("last_month", Integer, nullable=False),
    Index(
        "ix_contact_first",
        "scope", "what", "direction", "first_month", "messages", "name_id",
    ),
    Index(
        "ix_contact_top",
        "scope", "what", "direction", "messages", "last_month", "name_id",
    ),
    sqlite_with_rowid=False,
)  # fmt: skip

# Messages that may be answered, each with the first answer to it. `side`: "ours", a
# message of a person that we are to answer; "theirs", one that was sent.
response = Table(
    "response",
    metadata,
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("side", String(8), nullable=False),
    Column("domain_id", ForeignKey("correspondent.id"), nullable=False),
    Column("hash", BigInteger, nullable=False),  # of its Message-ID
    Column("asked_ms", BigInteger, nullable=False),
    Column("answered_ms", BigInteger),
    Column("answer_id", BigInteger),
    Index(None, "integration_id", "side", "asked_ms"),
    Index(None, "integration_id", "hash"),
    Index(
        "ix_response_waiting",
        "side",
        "asked_ms",
        sqlite_where=text("answered_ms IS NULL"),
        postgresql_where=text("answered_ms IS NULL"),
    ),
    Index(
        "ix_response_waiting_here",
        "integration_id",
        "side",
        "asked_ms",
        sqlite_where=text("answered_ms IS NULL"),
        postgresql_where=text("answered_ms IS NULL"),
    ),
)

# The first message of each direction that names a Message-ID, by its hash.
answer_link = Table(
    "answer_link",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("hash", BigInteger, primary_key=True, autoincrement=False),
    Column("direction", String(8), primary_key=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("message_id", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# How long answers took, by the month of the organisation in which the message came.
# `facet`: "all" (value 0), "weekday" (1 is Monday), "domain" (a correspondent). The
# three are histograms: `core.store.responses` packs them.
response_month = Table(
    "response_month",
    metadata,
    Column("scope", BigInteger, primary_key=True, autoincrement=False),
    Column("side", String(8), primary_key=True),
    Column("facet", String(8), primary_key=True),
    Column("month", Integer, primary_key=True, autoincrement=False),
    Column("value", BigInteger, primary_key=True, autoincrement=False),
    Column("answered", Integer, nullable=False),
    Column("waiting", Integer, nullable=False),
    Column("calendar", LargeBinary, nullable=False),
    Column("business", LargeBinary, nullable=False),
    Column("open_days", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# What counting remembers: how far older messages were counted, and by which calendar.
counting_mark = Table(
    "counting_mark",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("number", BigInteger, nullable=False),
    Column("words", Text, nullable=False),
)
