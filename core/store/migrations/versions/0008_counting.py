"""what analysis counts: totals, correspondents, answers"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "correspondent",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=330), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_correspondent"),
        sa.UniqueConstraint("name", name="uq_correspondent_name"),
    )
    op.create_table(
        "counting_mark",
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_counting_mark"),
    )
    op.create_table(
        "response_month",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column("facet", sa.String(length=8), nullable=False),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("answered", sa.Integer(), nullable=False),
        sa.Column("waiting", sa.Integer(), nullable=False),
        sa.Column("calendar", sa.LargeBinary(), nullable=False),
        sa.Column("business", sa.LargeBinary(), nullable=False),
        sa.Column("open_days", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope", "side", "facet", "month", "value", name="pk_response_month"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "team",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_team"),
        sa.UniqueConstraint("name", name="uq_team_name"),
    )
    op.create_table(
        "total_day",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("aside", sa.String(length=8), nullable=False),
        sa.Column("internal", sa.Boolean(), nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("slots", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint(
            "scope",
            "day",
            "direction",
            "kind",
            "aside",
            "internal",
            name="pk_total_day",
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "contact",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column(
            "name_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.Column("first_month", sa.Integer(), nullable=False),
        sa.Column("last_month", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name_id"], ["correspondent.id"], name="fk_contact_name_id"
        ),
        sa.PrimaryKeyConstraint(
            "scope", "what", "direction", "name_id", name="pk_contact"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_contact_first",
        "contact",
        ["scope", "what", "direction", "first_month", "messages", "name_id"],
        unique=False,
    )
    op.create_index(
        "ix_contact_top",
        "contact",
        ["scope", "what", "direction", "messages", "last_month", "name_id"],
        unique=False,
    )
    op.create_table(
        "contact_month",
        sa.Column("scope", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("what", sa.String(length=8), nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column(
            "name_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("month", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("messages", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["name_id"], ["correspondent.id"], name="fk_contact_month_name_id"
        ),
        sa.PrimaryKeyConstraint(
            "scope", "what", "direction", "name_id", "month", name="pk_contact_month"
        ),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_contact_month_top",
        "contact_month",
        ["scope", "what", "direction", "month", "messages", "name_id"],
        unique=False,
    )
    op.create_table(
        "answer_link",
        sa.Column(
            "integration_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("hash", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("direction", sa.String(length=8), nullable=False),
        sa.Column("at_ms", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_answer_link_integration_id"
        ),
        sa.PrimaryKeyConstraint(
            "integration_id", "hash", "direction", name="pk_answer_link"
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "response",
        sa.Column("message_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column(
            "integration_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("side", sa.String(length=8), nullable=False),
        sa.Column(
            "domain_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            nullable=False,
        ),
        sa.Column("hash", sa.BigInteger(), nullable=False),
        sa.Column("asked_ms", sa.BigInteger(), nullable=False),
        sa.Column("answered_ms", sa.BigInteger(), nullable=True),
        sa.Column("answer_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["correspondent.id"], name="fk_response_domain_id"
        ),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_response_integration_id"
        ),
        sa.PrimaryKeyConstraint("message_id", name="pk_response"),
    )
    op.create_index(
        "ix_response_integration_id_hash",
        "response",
        ["integration_id", "hash"],
        unique=False,
    )
    op.create_index(
        "ix_response_integration_id_side_asked_ms",
        "response",
        ["integration_id", "side", "asked_ms"],
        unique=False,
    )
    op.create_index(
        "ix_response_waiting",
        "response",
        ["side", "asked_ms"],
        unique=False,
        sqlite_where=sa.text("answered_ms IS NULL"),
        postgresql_where=sa.text("answered_ms IS NULL"),
    )
    op.create_index(
        "ix_response_waiting_here",
        "response",
        ["integration_id", "side", "asked_ms"],
        unique=False,
        sqlite_where=sa.text("answered_ms IS NULL"),
        postgresql_where=sa.text("answered_ms IS NULL"),
    )
    op.add_column("unlisted", sa.Column("was_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "unlisted", sa.Column("was_direction", sa.String(length=8), nullable=True)
    )
    op.add_column(
        "unlisted", sa.Column("was_kind", sa.String(length=12), nullable=True)
    )
    op.add_column(
        "unlisted", sa.Column("was_aside", sa.String(length=8), nullable=True)
    )
    op.add_column(
        "mail", sa.Column("seen", sa.Integer(), server_default="0", nullable=False)
    )
    op.create_index(
        "ix_mail_counted",
        "mail",
        ["not_before", "integration_id", "template_id", "sent_at", "seen"],
        unique=False,
    )
    # As `core.store.deliveries.recount` has it.
    op.execute(
        "UPDATE mail SET seen = seen + ("
        "SELECT COALESCE(MAX(CASE WHEN step = 'accepted' AND source = 'smtp'"
        " THEN 1 ELSE 0 END), 0)"
        " + COALESCE(MAX(CASE WHEN source = 'dsn' AND (step IN ('failed', 'delayed')"
        " AND status LIKE '5%' OR step = 'failed' AND status NOT LIKE '4%')"
        " THEN 2 ELSE 0 END), 0)"
        " + COALESCE(MAX(CASE WHEN source = 'dsn' AND (step IN ('failed', 'delayed')"
        " AND status LIKE '4%' OR step = 'delayed' AND status NOT LIKE '5%')"
        " THEN 4 ELSE 0 END), 0)"
        " + COALESCE(MAX(CASE WHEN step = 'displayed' THEN 8 ELSE 0 END), 0)"
        " + COALESCE(MAX(CASE WHEN step = 'answered' THEN 16 ELSE 0 END), 0)"
        " FROM evidence WHERE evidence.mail_id = mail.id)"
    )
    op.execute(
        "INSERT INTO team (name) SELECT DISTINCT team FROM owner WHERE team <> ''"
    )
    # What is in the index by now is counted by and by.
    op.execute(
        "INSERT INTO counting_mark (name, number, words)"
        " SELECT 'until', COALESCE(MAX(id), 0), '' FROM message"
    )
