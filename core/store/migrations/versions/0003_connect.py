"""providers, sign-ins under way, refused logins"""

import sqlalchemy as sa
from alembic import op

from core.store.instants import Instant

revision = "0003"
down_revision = "0002"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column(
        "integration",
        sa.Column("provider", sa.String(40), nullable=False, server_default=""),
    )
    op.add_column("integration", sa.Column("credentials_at", Instant()))
    op.execute("UPDATE integration SET credentials_at = connected_at")
    op.create_table(
        "sign_in",
        sa.Column("ticket", sa.String(64), primary_key=True),
        sa.Column("method", sa.String(16), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("integration_id", KEY, sa.ForeignKey("integration.id")),
        sa.Column("state", sa.String(64), nullable=False),
        sa.Column("browser", sa.String(64), nullable=False, server_default=""),
        sa.Column("key_id", sa.String(16), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("stage", sa.String(12), nullable=False),
        sa.Column("made_id", KEY, sa.ForeignKey("integration.id")),
        sa.Column("problem_code", sa.String(48)),
        sa.Column("problem_facts", sa.JSON()),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_index("ix_sign_in_state", "sign_in", ["state"])
    op.create_table(
        "refused_login",
        sa.Column("id", KEY, primary_key=True),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("login", sa.String(320), nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    for who in ("owner", "login"):
        name = f"ix_refused_login_{who}_host_at"
        op.create_index(name, "refused_login", [who, "host", "at"])
