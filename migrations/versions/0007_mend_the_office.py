"""Find the corrections of an office's last hour; tell who asked for a link to sign in, and where it leads."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
EXPANDS = True

_CHANGES = sa.text("happening IN ('address_corrected', 'relaunched')")


def upgrade() -> None:
    """Add a small index over the lines that name another address, and two columns that may stay empty."""
    op.create_index(
        "ix_event_address_change", "event", ["at"], sqlite_where=_CHANGES, postgresql_where=_CHANGES
    )
    op.add_column("sign_in_link", sa.Column("client", sa.String(16), nullable=True))
    op.add_column("sign_in_link", sa.Column("next_path", sa.String(255), nullable=True))


def downgrade() -> None:
    """Drop them."""
    op.drop_column("sign_in_link", "next_path")
    op.drop_column("sign_in_link", "client")
    op.drop_index("ix_event_address_change", "event")
