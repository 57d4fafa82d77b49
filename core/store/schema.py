"""The tables. One place; migrations are checked against it.

Instants are whole milliseconds since 1970 in UTC (`Instant`): the same in SQLite
and PostgreSQL, quick to compare and to cut into slots of time. Names of servers are
stored undecoded; texts have been made harmless by `core.imap.headers`.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from core.store.counts import Count
from core.store.instants import Instant

# SQLite makes an alias of the row id only out of INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

owner = Table(
    "owner",
    metadata,
    Column("id", Key, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("folded", String(200), nullable=False, unique=True),
    Column("team", String(80), nullable=False, default=""),
    Column("created_at", Instant, nullable=False),
)

integration = Table(
    "integration",
    metadata,
    Column("id", Key, primary_key=True),
    Column("owner_id", ForeignKey("owner.id"), nullable=False),
    Column("method", String(16), nullable=False),
    Column("address", String(320), nullable=False),
    Column("login", String(320), nullable=False),
    Column("imap_host", String(253), nullable=False),
    Column("imap_port", Integer, nullable=False),
    Column("imap_security", String(8), nullable=False),
    Column("smtp_host", String(253), nullable=False),
    Column("smtp_port", Integer, nullable=False),
    Column("smtp_security", String(8), nullable=False),
    Column("demo", Boolean, nullable=False, default=False),
    Column("provider", String(40), nullable=False, default=""),  # of the catalogue
    Column("privacy", String(8), nullable=False, server_default="subject"),
    # Subjects are being erased: of messages up to this id they are.
    Column("erased_upto", BigInteger),
    Column("credentials_at", Instant),  # when it was last connected, or reconnected
    Column("acknowledged_version", String(32), nullable=False),
    Column("acknowledged_by", String(200), nullable=False),
    Column("acknowledged_at", Instant, nullable=False),
    Column("connected_at", Instant, nullable=False),
    Column("disconnected_at", Instant),
    Column("state", String(24), nullable=False),
    Column("paused", Boolean, nullable=False, default=False),
    Column("problem_code", String(48)),
    Column("problem_facts", JSON),
    Column("problem_since", Instant),
    Column("failures", Integer, nullable=False, default=0),
    Column("login_ok_at", Instant),  # configuration clock
    Column("seen_at", Instant),  # runtime clock: new mail before this was seen
    Column("next_at", Instant),
    Column("requested_at", Instant),
    Column("last_sync_at", Instant),  # when a run went well last
    Column("unread", Count, nullable=False, default=0),  # in the inbox
    Column("short", Count, nullable=False, default=0),  # messages that we lack
    Column("probe_at", Instant),  # when it is to be probed
    Column("probed_at", Instant),  # when a probe was answered last
    Column("record_until", Instant),  # its connections are recorded until then
    Column("lease_holder", String(120)),
    Column("lease_until", Instant),
    # At most one live integration per owner, whatever the code does.
    Index(
        "uq_integration_live",
        "owner_id",
        unique=True,
        sqlite_where=text("disconnected_at IS NULL"),
        postgresql_where=text("disconnected_at IS NULL"),
    ),
)

folder = Table(
    "folder",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("delimiter", String(4), nullable=False),
    Column("role", String(16), nullable=False),
    Column("role_by_hand", String(16), nullable=False, default=""),
    Column("selectable", Boolean, nullable=False),
    Column("missing_since", Instant),
    Column("problem_code", String(48)),
    Column("mailbox_id", String(255), nullable=False, default=""),  # RFC 8474
    Column("capped", Boolean, nullable=False, default=False),  # shows a part only
    Column("generation", Integer, nullable=False, default=1),
    Column("uidvalidity", BigInteger),
    Column("low", BigInteger),
    Column("high", BigInteger),
    Column("modseq", BigInteger),
    Column("held", Integer, nullable=False, default=0),
    Column("building_uidvalidity", BigInteger),
    Column("building_low", BigInteger),
    Column("building_high", BigInteger),
    Column("building_modseq", BigInteger),
    Column("building_held", Integer, nullable=False, default=0),
    Column("on_server", Count),  # messages, as the server states them
    Column("unseen_on_server", Count),
    Column("compared_at", Instant),
    UniqueConstraint("integration_id", "name"),
)

message = Table(
    "message",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("identity", String(64), nullable=False),
    Column("at", Instant, nullable=False),  # time of the message, METRICS.md
    Column("direction", String(8), nullable=False),
    Column("kind", String(12), nullable=False),
    Column("aside", String(8), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("written_at", Instant),
    Column("size_bytes", BigInteger, nullable=False),
    Column("attachment", Boolean, nullable=False),
    Column("from_name", Text, nullable=False),
    Column("from_address", Text, nullable=False),
    Column("recipients", Text, nullable=False),  # To, "Name <a@b>, …"
    Column("copied", Text, nullable=False),  # Cc
    Column("subject", Text, nullable=False),
    Column("message_id", Text, nullable=False),
    Column("in_reply_to", Text, nullable=False),
    Column("refs", Text, nullable=False),
    Column("search", Text, nullable=False),  # folded subject and addresses
    UniqueConstraint("integration_id", "identity"),
    Index(None, "integration_id", "at", "id"),
)

IN_TIME = ("folder_id", "generation", "at", "message_id", "flags")
placement = Table(
    "placement",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("message_id", ForeignKey("message.id"), nullable=False),
    Column("flags", Integer, nullable=False),
    Column("at", Instant, nullable=False),  # the message's, for paging by key
    # With the flags in them, what is listed is read from these alone.
    Index("ix_placement_at", *IN_TIME),
    Index("ix_placement_message_id", "message_id", "flags", "folder_id", "generation"),
    *(
        Index(
            f"ix_placement_{name}",
            *IN_TIME,
            sqlite_where=text(condition),
            postgresql_where=text(condition),
        )
        for name, condition in (
            ("unread", "flags & 1 = 0"),
            ("answered", "flags & 2 <> 0"),
            ("flagged", "flags & 4 <> 0"),
        )
    ),
    sqlite_with_rowid=False,
)

poison = Table(
    "poison",
    metadata,
    Column("folder_id", ForeignKey("folder.id"), primary_key=True),
    Column("generation", Integer, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("reason", String(200), nullable=False),
    Column("at", Instant, nullable=False),
)

# Counts per quarter of an hour, so that days can be cut exactly in every zone,
# those with offsets of 30 and 45 minutes too.
rollup = Table(
    "rollup",
    metadata,
    Column("integration_id", ForeignKey("integration.id"), primary_key=True),
    Column("slot", BigInteger, primary_key=True),  # quarters of an hour since 1970
    Column("direction", String(8), primary_key=True),
    Column("kind", String(12), primary_key=True),
    Column("aside", String(8), primary_key=True),
    Column("messages", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

run = Table(
    "run",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("trigger", String(12), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("outcome", String(12), nullable=False),
    Column("problem_code", String(48)),
    Column("problem_facts", JSON),
    Column("folders", Integer, nullable=False, default=0),
    Column("current", Text),  # title of the folder at hand
    Column("done", Count, nullable=False, default=0),
    Column("total", Count, nullable=False, default=0),
    Column("added", Integer, nullable=False, default=0),
    Column("read", Integer, nullable=False, default=0),
    Column("flagged", Integer, nullable=False, default=0),
    Column("moved", Integer, nullable=False, default=0),
    Column("gone", Integer, nullable=False, default=0),
    Column("poisoned", Integer, nullable=False, default=0),
    Index(None, "integration_id", "started_at"),
)

event = Table(
    "event",
    metadata,
    Column("id", Key, primary_key=True),
    Column("integration_id", ForeignKey("integration.id"), nullable=False),
    Column("at", Instant, nullable=False),
    Column("what", String(48), nullable=False),
    Column("facts", JSON, nullable=False),
    Index(None, "integration_id", "at"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Key, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("act", String(48), nullable=False),
    Column("integration_id", ForeignKey("integration.id")),
    Column("facts", JSON, nullable=False),
)

worker = Table(
    "worker",
    metadata,
    Column("holder", String(120), primary_key=True),
    Column("started_at", Instant, nullable=False),
    Column("seen_at", Instant, nullable=False),
)

wish = Table(  # what a person asked of the worker, by name
    "wish",
    metadata,
    Column("name", String(48), primary_key=True),
    Column("wanted", Boolean, nullable=False),
    Column("since", Instant, nullable=False),
)

activity = Table(
    "activity",
    metadata,
    Column("id", Key, primary_key=True),
    Column("model", String(16), nullable=False),
    Column("subject", String(500), nullable=False),
    Column("contact", String(200), nullable=False),
    Column("contact_address", String(320), nullable=False),
    Column("company", String(200), nullable=False),
    Column("owner_id", ForeignKey("owner.id"), nullable=False),
    Column("due_on", Date, nullable=False),
    Column("template", String(120), nullable=False, server_default=""),  # its name
    Column("done_at", Instant),
    Column("answered_at", Instant),  # by the contact, to a mail of it
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("owner_id", "model", "subject", "contact_address", "due_on"),
    Index(None, "due_on", "id"),
)
