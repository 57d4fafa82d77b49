"""flags in the indexes of placements, so that lists are read from these alone"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

IN_TIME = ["folder_id", "generation", "at", "message_id", "flags"]
BY_FLAG = {
    "unread": "flags & 1 = 0",
    "answered": "flags & 2 <> 0",
    "flagged": "flags & 4 <> 0",
}


def upgrade() -> None:
    op.drop_index("ix_placement_folder_id_generation_at_message_id", "placement")
    op.create_index("ix_placement_at", "placement", IN_TIME)
    op.drop_index("ix_placement_message_id", "placement")
    op.create_index(
        "ix_placement_message_id",
        "placement",
        ["message_id", "flags", "folder_id", "generation"],
    )
    for name, condition in BY_FLAG.items():
        op.drop_index(f"ix_placement_{name}", "placement")
        op.create_index(
            f"ix_placement_{name}",
            "placement",
            IN_TIME,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
