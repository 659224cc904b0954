"""Keep the telephone number of each office, which its cardholders are shown."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
EXPANDS = True


def upgrade() -> None:
    """Add the number; an office has none until somebody sets it."""
    op.add_column("office", sa.Column("telephone", sa.String(12), nullable=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("office", "telephone")
