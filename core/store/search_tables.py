"""The tables behind the messages page: what is filtered and searched, and acts.

`listing` has a row per message that was taken into the index, in the order of time: its
key is a position, see `core.positions`. Beside it stands `message_words`, which no
dialect has in common: FTS5 in SQLite, tsvector in PostgreSQL (migration 0005).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.instants import Instant
from core.store.schema import Key, metadata


def _only(column: str) -> dict[str, Any]:
    """Have an index hold those rows only of which a column is true."""
    return {"sqlite_where": text(column), "postgresql_where": text(column)}


listing = Table(
    "listing",
    metadata,
    Column("position", Key, primary_key=True, autoincrement=False),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("message_id", BigInteger, nullable=False),  # of the position, too
    Column("direction", String(8), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("attachment", Boolean, nullable=False),
    Column("size_class", Integer, nullable=False),
    Column("from_address", Text, nullable=False),
    Column("header_hash", BigInteger, nullable=False),  # of the Message-ID; 0: none
    Column("thread", BigInteger, nullable=False),
    Column("threaded", Boolean, nullable=False),  # it answers, or was answered
    Column("replied", Boolean, nullable=False),  # it was answered, in this mailbox
    Index(None, "integration_id", "direction", "position"),
    Index(None, "integration_id", "kind", "position"),
    Index(None, "integration_id", "size_class", "position"),
    Index(None, "integration_id", "from_address", "position"),
    Index(None, "integration_id", "thread", "position"),
    Index(None, "integration_id", "header_hash"),
    Index("ix_listing_attachment", "integration_id", "position", **_only("attachment")),
    Index("ix_listing_threaded", "integration_id", "position", **_only("threaded")),
    Index("ix_listing_replied", "integration_id", "position", **_only("replied")),
)

# Message-IDs that were seen or named, by hash, and the conversation that they are of.
thread_link = Table(
    "thread_link",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("hash", BigInteger, primary_key=True),
    Column("thread", BigInteger, nullable=False),
    Column("replied", Boolean, nullable=False),  # a message names it as answered
    Index(None, "integration_id", "thread"),
    sqlite_with_rowid=False,
)

# Every word of the index once; `people`: it stands in a name or an address.
word = Table(
    "word",
    metadata,
    Column("word", Text, primary_key=True),
    Column("people", Boolean, nullable=False),
    sqlite_with_rowid=False,
)

# SQLite: messages up to this id were taken into the index, but for `unlisted`. And
# how often words were forgotten.
index_mark = Table(
    "index_mark",
    metadata,
    Column("name", String(16), primary_key=True),
    Column("upto", BigInteger, nullable=False),
)
unlisted = Table(
    "unlisted",
    metadata,
    Column("message_id", Key, primary_key=True, autoincrement=False),
    # As it was counted (`core.store.counting`); null: it was not.
    Column("was_at", Instant),
    Column("was_direction", String(8)),
    Column("was_kind", String(12)),
    Column("was_aside", String(8)),
)

saved_view = Table(  # what a person wants to see again: an address, by name
    "saved_view",
    metadata,
    Column("id", Key, primary_key=True),
    Column("viewer", String(200), nullable=False),
    Column("name", String(80), nullable=False),
    Column("asked", Text, nullable=False),  # the query of the address
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("viewer", "name"),
)

# What a person does to messages, on its way to the server.
mail_act = Table(
    "mail_act",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("actor", String(200), nullable=False),
    Column("act", String(16), nullable=False),
    Column("target_id", ForeignKey("folder.id")),  # the folder that is moved to
    Column("places", JSON, nullable=False),  # what is acted on, as it was before
    Column("state", String(12), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("done", Integer, nullable=False, default=0),
    Column("total", Integer, nullable=False, default=0),
    Column("problem_code", String(48)),
    Column("problem_facts", JSON),
    Column("tries", Integer, nullable=False, default=0),
    # The target before the first attempt: what came after may be of one that was cut.
    Column("target_uidvalidity", BigInteger, nullable=False, default=0),
    Column("target_uidnext", BigInteger, nullable=False, default=0),
    Column("left_marked", Integer, nullable=False, default=0),
    Index(None, "state", "integration_id"),
)
