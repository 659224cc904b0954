"""Give the people of an office roles.

Expands: one column, by which everybody who is there may do everything, as before.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0014"
EXPANDS = True


def upgrade() -> None:
    """Add the role."""
    op.add_column(
        "accountant", sa.Column("role", sa.String(32), server_default="responsible", nullable=False)
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("accountant", "role")
