"""Mark the offices of testers, so that nothing of any other office can be aged or removed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
EXPANDS = True


def upgrade() -> None:
    """Add the table of marks."""
    op.create_table(
        "qa_office",
        sa.Column("office_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key_sha256", sa.String(64), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_qa_office_office_id_office")),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_qa_office")),
        sa.UniqueConstraint("key_sha256", name=op.f("uq_qa_office_key_sha256")),
    )


def downgrade() -> None:
    """Take the marks away; the offices stay, as ordinary ones."""
    op.drop_table("qa_office")
