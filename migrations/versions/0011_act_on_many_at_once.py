"""Keep what is done with many requests at once, and what became of each.

Expands: two tables only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
EXPANDS = True


def upgrade() -> None:
    """Add the action and its rows."""
    op.create_table(
        "bulk_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("event_id", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(32), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["event_id"], ["office_event.id"], name=op.f("fk_bulk_action_event_id_office_event")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_action")),
        sa.UniqueConstraint("event_id", name=op.f("uq_bulk_action_event_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_bulk_action_public_id")),
    )
    op.create_index(
        "ix_bulk_action_unfinished",
        "bulk_action",
        ["leased_until"],
        sqlite_where=sa.text("finished_at IS NULL"),
        postgresql_where=sa.text("finished_at IS NULL"),
    )
    op.create_table(
        "bulk_action_row",
        sa.Column("bulk_action_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column("version_mark", sa.String(64), nullable=False),
        sa.Column("outcome", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_bulk_action_row_activation_id_activation")
        ),
        sa.ForeignKeyConstraint(
            ["bulk_action_id"], ["bulk_action.id"], name=op.f("fk_bulk_action_row_bulk_action_id_bulk_action")
        ),
        sa.PrimaryKeyConstraint("bulk_action_id", "position", name=op.f("pk_bulk_action_row")),
    )


def downgrade() -> None:
    """Take both away."""
    op.drop_table("bulk_action_row")
    op.drop_table("bulk_action")
