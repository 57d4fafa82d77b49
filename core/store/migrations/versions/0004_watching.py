"""incidents, quarters of an hour, server cards, habits, recordings, alerts"""

import sqlalchemy as sa
from alembic import op

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.BigInteger()

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "alert_rule",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("codes", sa.JSON(), nullable=False),
        sa.Column("after_s", sa.Integer(), nullable=False),
        sa.Column("provider", sa.String(length=40), nullable=False),
        sa.Column("team", sa.String(length=80), nullable=False),
        sa.Column("sinks", sa.JSON(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_rule"),
    )
    op.create_table(
        "alert_sink",
        sa.Column("id", KEY, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("shown", sa.String(length=300), nullable=False),
        sa.Column("key_id", sa.String(length=16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ok_at", MOMENT),
        sa.Column("failed_at", MOMENT),
        sa.Column("failed_words", sa.String(length=500), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_alert_sink"),
    )
    op.create_table(
        "alert_notice",
        sa.Column("id", KEY, nullable=False),
        sa.Column("sink_id", KEY, nullable=False),
        sa.Column("rule_id", KEY, nullable=False),
        sa.Column("what", sa.String(length=12), nullable=False),
        sa.Column("alerts", sa.JSON(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("due_at", MOMENT),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["alert_rule.id"], name="fk_alert_notice_rule_id"
        ),
        sa.ForeignKeyConstraint(
            ["sink_id"], ["alert_sink.id"], name="fk_alert_notice_sink_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert_notice"),
    )
    op.create_index("ix_alert_notice_created_at", "alert_notice", ["created_at"])
    op.create_index("ix_alert_notice_due_at", "alert_notice", ["due_at"])

    op.create_table(
        "habit",
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("computed_at", MOMENT, nullable=False),
        sa.Column("weeks", sa.Integer(), nullable=False),
        sa.Column("empty", sa.JSON(), nullable=False),
        sa.Column("expected", sa.JSON(), nullable=False),
        sa.Column("last_arrival_at", MOMENT),
        sa.Column("silent_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_habit_integration_id"
        ),
        sa.PrimaryKeyConstraint("integration_id", name="pk_habit"),
    )
    op.create_index("ix_habit_silent_at", "habit", ["silent_at"])

    op.create_table(
        "incident",
        sa.Column("id", KEY, nullable=False),
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("code", sa.String(length=48), nullable=False),
        sa.Column("level", sa.String(length=8), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("since", MOMENT, nullable=False),
        sa.Column("last_at", MOMENT, nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_incident_integration_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_incident"),
    )
    op.create_index("ix_incident_ended_at", "incident", ["ended_at"])
    op.create_index(
        "ix_incident_integration_id_since", "incident", ["integration_id", "since"]
    )
    op.create_index(
        "uq_incident_open",
        "incident",
        ["integration_id", "code"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "quarter",
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("slot", sa.BigInteger(), nullable=False),
        sa.Column("good", sa.Integer(), nullable=False),
        sa.Column("failed", sa.Integer(), nullable=False),
        sa.Column("slowest_ms", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=48)),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_quarter_integration_id"
        ),
        sa.PrimaryKeyConstraint("integration_id", "slot", name="pk_quarter"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_quarter_slot", "quarter", ["slot"])

    op.create_table(
        "recorded",
        sa.Column("id", KEY, nullable=False),
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("who", sa.String(length=8), nullable=False),
        sa.Column("way", sa.String(length=3), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_recorded_integration_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_recorded"),
    )
    op.create_index(
        "ix_recorded_integration_id_id", "recorded", ["integration_id", "id"]
    )

    op.create_table(
        "server_card",
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("noted_at", MOMENT, nullable=False),
        sa.Column("software", sa.String(length=200), nullable=False),
        sa.Column("capabilities", sa.JSON(), nullable=False),
        sa.Column("tls_version", sa.String(length=16), nullable=False),
        sa.Column("cipher", sa.String(length=64), nullable=False),
        sa.Column("issuer", sa.String(length=300), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("expires_at", MOMENT),
        sa.Column("issuer_before", sa.String(length=300), nullable=False),
        sa.Column("issuer_changed_at", MOMENT),
        sa.Column("clock_ahead_s", sa.Integer()),
        sa.Column("quota_used", sa.BigInteger()),
        sa.Column("quota_limit", sa.BigInteger()),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_server_card_integration_id"
        ),
        sa.PrimaryKeyConstraint("integration_id", name="pk_server_card"),
    )
    op.create_table(
        "snooze",
        sa.Column("id", KEY, nullable=False),
        sa.Column("rule_id", KEY),
        sa.Column("integration_id", KEY),
        sa.Column("until", MOMENT, nullable=False),
        sa.Column("actor", sa.String(length=200), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_snooze_integration_id"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["alert_rule.id"], name="fk_snooze_rule_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_snooze"),
    )
    op.create_index("ix_snooze_until", "snooze", ["until"])

    op.create_table(
        "alert",
        sa.Column("id", KEY, nullable=False),
        sa.Column("rule_id", KEY, nullable=False),
        sa.Column("incident_id", KEY, nullable=False),
        sa.Column("integration_id", KEY, nullable=False),
        sa.Column("fired_at", MOMENT, nullable=False),
        sa.Column("told_at", MOMENT),
        sa.Column("recovered_at", MOMENT),
        sa.Column("recovery_told_at", MOMENT),
        sa.ForeignKeyConstraint(
            ["incident_id"], ["incident.id"], name="fk_alert_incident_id"
        ),
        sa.ForeignKeyConstraint(
            ["integration_id"], ["integration.id"], name="fk_alert_integration_id"
        ),
        sa.ForeignKeyConstraint(
            ["rule_id"], ["alert_rule.id"], name="fk_alert_rule_id"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_alert"),
        sa.UniqueConstraint(
            "rule_id", "incident_id", name="uq_alert_rule_id_incident_id"
        ),
    )
    op.create_index("ix_alert_fired_at", "alert", ["fired_at"])
    op.create_index(
        "ix_alert_integration_id_fired_at", "alert", ["integration_id", "fired_at"]
    )
    op.create_index("ix_alert_recovered_at", "alert", ["recovered_at"])

    op.add_column(
        "folder",
        sa.Column(
            "role_by_hand", sa.String(length=16), nullable=False, server_default=""
        ),
    )

    op.add_column("integration", sa.Column("last_sync_at", MOMENT))
    op.add_column(
        "integration",
        sa.Column("unread", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column(
        "integration",
        sa.Column("short", sa.Integer(), nullable=False, server_default="0"),
    )
    op.add_column("integration", sa.Column("probe_at", MOMENT))
    op.add_column("integration", sa.Column("probed_at", MOMENT))
    op.add_column("integration", sa.Column("record_until", MOMENT))

    op.add_column(
        "owner",
        sa.Column("team", sa.String(length=80), nullable=False, server_default=""),
    )
    op.execute(
        "UPDATE integration SET last_sync_at = (SELECT max(run.finished_at) FROM run"
        " WHERE run.integration_id = integration.id AND run.outcome = 'ok')"
    )
