"""Let rare banks and languages be read from an index of their own.

Expands: indexes only.
"""

from alembic import op

revision = "0013"
down_revision = "0012"
EXPANDS = True


_NAMED = ["office_id", "name_key", "id", "code_key"]


def upgrade() -> None:
    """Add the index; the one of names tells as well which dossiers nothing was ordered for."""
    op.create_index("ix_activation_filtered", "activation", ["office_id", "bank", "language", "id"])
    op.drop_index("ix_dossier_named", table_name="dossier")
    op.create_index("ix_dossier_named", "dossier", [*_NAMED, "ordered"])


def downgrade() -> None:
    """Take both away again."""
    op.drop_index("ix_dossier_named", table_name="dossier")
    op.create_index("ix_dossier_named", "dossier", _NAMED)
    op.drop_index("ix_activation_filtered", table_name="activation")
