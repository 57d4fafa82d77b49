"""the index of messages, saved views, acts on messages, levels of privacy"""

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"

# What no two dialects have in common. Words come in as `core.store.indexing` cuts them:
# letters and digits, folded; so the tokenizer has nothing to decide.
SQLITE = (
    """CREATE VIRTUAL TABLE message_words USING fts5(subject, sender, recipients, marks,
    content='', columnsize=0, tokenize='ascii', prefix='1 2 3')""",
    "CREATE VIRTUAL TABLE people_word USING fts5(word, tokenize='trigram')",
)
POSTGRESQL = (
    "CREATE TABLE message_words (position BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
    "CREATE INDEX message_words_words ON message_words USING gin (words)",
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    """CREATE INDEX people_word_trigram ON word USING gin (word gin_trgm_ops)
    WHERE people""",
    "INSERT INTO unlisted (message_id) SELECT id FROM message",
)


def upgrade() -> None:
    op.create_table(
        "index_mark",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_index_mark"),
    )
    op.create_table(
        "saved_view",
        sa.Column("id", KEY, nullable=False),
        sa.Column("viewer", sa.String(length=200), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_saved_view"),
        sa.UniqueConstraint("viewer", "name", name="uq_saved_view_viewer_name"),
    )
    op.create_table(
        "unlisted",
        sa.Column("message_id", KEY, autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("message_id", name="pk_unlisted"),
    )
    op.create_table(
        "word",
        sa.Column("word", sa.Text(), nullable=False),
        sa.Column("people", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("word", name="pk_word"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "listing",
        sa.Column("position", KEY, autoincrement=False, nullable=False),
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("attachment", sa.Boolean(), nullable=False),
        sa.Column("size_class", sa.Integer(), nullable=False),
        sa.Column("from_address", sa.Text(), nullable=False),
        sa.Column("header_hash", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("threaded", sa.Boolean(), nullable=False),
        sa.Column("replied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_listing_integration_id"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_listing"),
    )
    op.create_index(
        "ix_listing_attachment",
        "listing",
        ["integration_id", "position"],
        sqlite_where=sa.text("attachment"),
        postgresql_where=sa.text("attachment"),
    )
    op.create_index(
        "ix_listing_integration_id_direction_position",
        "listing",
        ["integration_id", "direction", "position"],
    )
    op.create_index(
        "ix_listing_integration_id_from_address_position",
        "listing",
        ["integration_id", "from_address", "position"],
    )
    op.create_index(
        "ix_listing_integration_id_header_hash",
        "listing",
        ["integration_id", "header_hash"],
    )
    op.create_index(
        "ix_listing_integration_id_kind_position",
        "listing",
        ["integration_id", "kind", "position"],
    )
    op.create_index(
        "ix_listing_integration_id_size_class_position",
        "listing",
        ["integration_id", "size_class", "position"],
    )
    op.create_index(
        "ix_listing_integration_id_thread_position",
        "listing",
        ["integration_id", "thread", "position"],
    )
    op.create_index(
        "ix_listing_replied",
        "listing",
        ["integration_id", "position"],
        sqlite_where=sa.text("replied"),
        postgresql_where=sa.text("replied"),
    )
    op.create_index(
        "ix_listing_threaded",
        "listing",
        ["integration_id", "position"],
        sqlite_where=sa.text("threaded"),
        postgresql_where=sa.text("threaded"),
    )

    op.create_table(
        "thread_link",
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("thread", sa.BigInteger(), nullable=False),
        sa.Column("replied", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_thread_link_integration_id"
        ),
        sa.PrimaryKeyConstraint("integration_id", "hash", name="pk_thread_link"),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_thread_link_integration_id_thread",
        "thread_link",
        ["integration_id", "thread"],
    )

    op.create_table(
        "mail_act",
        sa.Column("id", KEY, nullable=False),
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("act", sa.String(length=16), nullable=False),
        sa.Column("target_id", KEY, nullable=True),
        sa.Column("places", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("problem_code", sa.String(length=48), nullable=True),
        sa.Column("problem_facts", sa.JSON(), nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("target_uidvalidity", sa.BigInteger(), nullable=False),
        sa.Column("target_uidnext", sa.BigInteger(), nullable=False),
        sa.Column("left_marked", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_mail_act_integration_id"
        ),
        sa.ForeignKeyConstraint(
            ["target_id"], ["folder.id"], name="fk_mail_act_target_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mail_act"),
    )
    op.create_index(
        "ix_mail_act_state_integration_id", "mail_act", ["state", "integration_id"]
    )

    op.add_column(
        "integration",
        sa.Column(
            "privacy", sa.String(length=8), server_default="subject", nullable=False
        ),
    )
    op.add_column(
        "integration", sa.Column("erased_upto", sa.BigInteger(), nullable=True)
    )
    op.add_column(
        "sign_in",
        sa.Column(
            "privacy", sa.String(length=8), server_default="body", nullable=False
        ),
    )

    op.create_index(
        "ix_placement_answered",
        "placement",
        ["folder_id", "generation", "at", "message_id"],
        sqlite_where=sa.text("flags & 2 <> 0"),
        postgresql_where=sa.text("flags & 2 <> 0"),
    )
    op.create_index(
        "ix_placement_flagged",
        "placement",
        ["folder_id", "generation", "at", "message_id"],
        sqlite_where=sa.text("flags & 4 <> 0"),
        postgresql_where=sa.text("flags & 4 <> 0"),
    )
    op.create_index(
        "ix_placement_unread",
        "placement",
        ["folder_id", "generation", "at", "message_id"],
        sqlite_where=sa.text("flags & 1 = 0"),
        postgresql_where=sa.text("flags & 1 = 0"),
    )
    own = SQLITE if op.get_bind().dialect.name == "sqlite" else POSTGRESQL
    for statement in own:
        op.execute(statement)
