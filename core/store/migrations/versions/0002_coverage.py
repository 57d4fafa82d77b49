"""folders by their id, capped folders, messages read apart; identities by day"""

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
    # The day a message was written comes first in its identity (core.imap.parse), but
    # for those that a server gave ("e:", "g:").
    day = "coalesce(written_at, 0) / 86400000"
    sqlite = op.get_bind().dialect.name == "sqlite"
    prefix = f"printf('%05x', {day})" if sqlite else f"lpad(to_hex({day}), 5, '0')"
    op.execute(
        f"UPDATE message SET identity = {prefix} || substr(identity, 1, 27)"  # noqa: S608 - words of ours
        " WHERE identity NOT LIKE '_:%'"
    )
