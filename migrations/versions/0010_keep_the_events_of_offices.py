"""Keep what an accountant does with the office as a whole: who took the list as a file, and how much of it.

Expands: a table only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
EXPANDS = True


def upgrade() -> None:
    """Add the table and the index by which an office reads its latest events."""
    op.create_table(
        "office_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(64), nullable=False),
        sa.Column("event_type", sa.String(32), nullable=False),
        sa.Column("row_count", sa.Integer()),
        sa.Column("detail", sa.String(255)),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_office_event_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office_event")),
    )
    op.create_index("ix_office_event_recent", "office_event", ["office_id", "at"])


def downgrade() -> None:
    """Take the table away."""
    op.drop_table("office_event")
