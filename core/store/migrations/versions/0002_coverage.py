"""folders by their id, capped folders, messages read counted apart"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column(
        "folder",
        sa.Column("mailbox_id", sa.String(255), nullable=False, server_default=""),
    )
    op.add_column(
        "folder",
        sa.Column("capped", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column(
        "run", sa.Column("read", sa.Integer(), nullable=False, server_default="0")
    )
