"""Keep the conditions as they were published."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
EXPANDS = True


def upgrade() -> None:
    """Create the table; the product publishes its conditions in it when it starts."""
    op.create_table(
        "published_terms",
        sa.Column("version", sa.String(16), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("version", "language", name=op.f("pk_published_terms")),
    )


def downgrade() -> None:
    """Drop the table; consents keep version and hash."""
    op.drop_table("published_terms")
