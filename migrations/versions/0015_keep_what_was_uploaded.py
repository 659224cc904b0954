"""Keep what was read of the files of offices, until somebody has looked at it.

Expands: one table only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
EXPANDS = True


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "dossier_upload",
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lines", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_dossier_upload_office_id_office")
        ),
        sa.PrimaryKeyConstraint("office_id", name=op.f("pk_dossier_upload")),
        sa.UniqueConstraint("public_id", name=op.f("uq_dossier_upload_public_id")),
    )


def downgrade() -> None:
    """Take it away again."""
    op.drop_table("dossier_upload")
