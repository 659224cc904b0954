"""Name the request behind each attempt and mail; keep which workers live, and which builds may go on."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
EXPANDS = True

_TRACED = ("attempt", "outbox_message")


def upgrade() -> None:
    """Add two columns that may be empty, and two tables."""
    for table in _TRACED:
        op.add_column(table, sa.Column("request_id", sa.String(64), nullable=True))
    op.create_table(
        "worker_heartbeat",
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("beaten_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_worker_heartbeat"),
    )
    op.create_table(
        "schema_support",
        sa.Column("oldest_revision", sa.String(32), nullable=False),
        sa.PrimaryKeyConstraint("oldest_revision", name="pk_schema_support"),
    )


def downgrade() -> None:
    """Take them away again."""
    op.drop_table("schema_support")
    op.drop_table("worker_heartbeat")
    for table in _TRACED:
        op.drop_column(table, "request_id")
