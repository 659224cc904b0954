"""Keep what was read of the files of offices: dossiers to be looked at, and orders for many.

Expands: two tables and a column that may be empty.
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
EXPANDS = True


def upgrade() -> None:
    """Add all of it."""
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
    op.add_column("bulk_action", sa.Column("erase_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(
        "ix_bulk_action_erase_at",
        "bulk_action",
        ["erase_at"],
        sqlite_where=sa.text("erase_at IS NOT NULL"),
        postgresql_where=sa.text("erase_at IS NOT NULL"),
    )
    op.create_table(
        "bulk_order_row",
        sa.Column("bulk_action_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(40), nullable=False),
        sa.Column("bank", sa.String(64), nullable=False),
        sa.Column("client_reference", sa.String(64)),
        sa.Column("address", sa.String(254)),
        sa.Column("language", sa.String(32), nullable=False),
        sa.Column("iban", sa.String(64)),
        sa.Column("seen", sa.String(32)),
        sa.Column("activation_id", sa.Integer()),
        sa.Column("outcome", sa.String(32)),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_bulk_order_row_activation_id_activation")
        ),
        sa.ForeignKeyConstraint(
            ["bulk_action_id"], ["bulk_action.id"], name=op.f("fk_bulk_order_row_bulk_action_id_bulk_action")
        ),
        sa.PrimaryKeyConstraint("bulk_action_id", "position", name=op.f("pk_bulk_order_row")),
    )


def downgrade() -> None:
    """Take it away again; an order that was not finished is none for the build of before."""
    op.drop_table("bulk_order_row")
    op.execute("DELETE FROM bulk_action WHERE action = 'order'")
    op.drop_index("ix_bulk_action_erase_at", "bulk_action")
    op.drop_column("bulk_action", "erase_at")
    op.drop_table("dossier_upload")
