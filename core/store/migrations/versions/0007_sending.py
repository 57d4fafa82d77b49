"""templates, the outbox, what became of each mail, rules of sending"""

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "blocked",
        sa.Column("id", KEY, nullable=False),
        sa.Column("pattern", sa.String(length=320), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_blocked"),
        sa.UniqueConstraint("pattern", name="uq_blocked_pattern"),
    )
    op.create_table(
        "template",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("folded", sa.String(length=240), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_template"),
        sa.UniqueConstraint("folded", name="uq_template_folded"),
    )
    op.create_table(
        "evidence_mark",
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("upto", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"],
            ["integration.id"],
            name="fk_evidence_mark_integration_id",
        ),
        sa.PrimaryKeyConstraint("integration_id", name="pk_evidence_mark"),
    )
    op.create_table(
        "mail",
        sa.Column("id", KEY, nullable=False),
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("activity_id", KEY, nullable=True),
        sa.Column("template_id", KEY, nullable=True),
        sa.Column("follows_id", KEY, nullable=True),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("message_id", sa.String(length=255), nullable=False),
        sa.Column("header_hash", sa.BigInteger(), nullable=False),
        sa.Column("sender", sa.Text(), nullable=False),
        sa.Column("sender_address", sa.String(length=320), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("smtputf8", sa.Boolean(), nullable=False),
        sa.Column("bulk", sa.Boolean(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.BigInteger(), nullable=False),
        sa.Column("next_at", sa.BigInteger(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("holder", sa.String(length=120), nullable=True),
        sa.Column("at_brink", sa.Boolean(), nullable=False),
        sa.Column("tried_at", sa.BigInteger(), nullable=True),
        sa.Column("sent_at", sa.BigInteger(), nullable=True),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("problem_code", sa.String(length=48), nullable=True),
        sa.Column("problem_facts", sa.JSON(), nullable=True),
        sa.Column("ended_why", sa.String(length=16), nullable=False),
        sa.Column("copy", sa.String(length=12), nullable=False),
        sa.Column("copy_tries", sa.Integer(), nullable=False),
        sa.Column("copy_next_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["activity_id"], ["activity.id"], name="fk_mail_activity_id"
        ),
        sa.ForeignKeyConstraint(["follows_id"], ["mail.id"], name="fk_mail_follows_id"),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_mail_integration_id"
        ),
        sa.ForeignKeyConstraint(
            ["template_id"], ["template.id"], name="fk_mail_template_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_mail"),
        sa.UniqueConstraint("message_id", name="uq_mail_message_id"),
    )
    op.create_index("ix_mail_activity_id", "mail", ["activity_id"], unique=False)
    op.create_index(
        "ix_mail_copy_wanted",
        "mail",
        ["integration_id"],
        unique=False,
        sqlite_where=sa.text("copy IN ('wanted', 'begun')"),
        postgresql_where=sa.text("copy IN ('wanted', 'begun')"),
    )
    op.create_index("ix_mail_follows_id", "mail", ["follows_id"], unique=False)
    op.create_index(
        "ix_mail_integration_id_header_hash",
        "mail",
        ["integration_id", "header_hash"],
        unique=False,
    )
    op.create_index(
        "ix_mail_integration_id_state_sent_at",
        "mail",
        ["integration_id", "state", "sent_at"],
        unique=False,
    )
    op.create_index("ix_mail_state_next_at", "mail", ["state", "next_at"], unique=False)
    op.create_table(
        "sender",
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("aliases", sa.JSON(), nullable=False),
        sa.Column("per_hour", sa.Integer(), nullable=False),
        sa.Column("per_day", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_sender_integration_id"
        ),
        sa.PrimaryKeyConstraint("integration_id", name="pk_sender"),
    )
    op.create_table(
        "evidence",
        sa.Column("id", KEY, nullable=False),
        sa.Column("mail_id", KEY, nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("diagnostic", sa.Text(), nullable=False),
        sa.Column("told_by", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name="fk_evidence_mail_id"),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
        sa.UniqueConstraint(
            "mail_id",
            "step",
            "recipient",
            "told_by",
            name="uq_evidence_mail_id_step_recipient_told_by",
        ),
    )
    op.create_table(
        "mail_recipient",
        sa.Column("mail_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("field", sa.String(length=4), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("code", sa.Integer(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["mail_id"], ["mail.id"], name="fk_mail_recipient_mail_id"
        ),
        sa.PrimaryKeyConstraint("mail_id", "number", name="pk_mail_recipient"),
        sqlite_with_rowid=False,
    )
    op.add_column(
        "activity",
        sa.Column("template", sa.String(length=120), server_default="", nullable=False),
    )
    op.add_column("activity", sa.Column("answered_at", sa.BigInteger(), nullable=True))
