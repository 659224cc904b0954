"""Find the corrections of an office's last hour without reading its whole history."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"

_CHANGES = sa.text("happening IN ('address_corrected', 'relaunched')")


def upgrade() -> None:
    """Add a small index over the lines that name another address."""
    op.create_index(
        "ix_event_address_change", "event", ["at"], sqlite_where=_CHANGES, postgresql_where=_CHANGES
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_index("ix_event_address_change", "event")
