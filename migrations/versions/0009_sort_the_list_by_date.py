"""Let the portal's list be sorted by date, searched in the middle of words, and filtered from its indexes.

Expands: columns and indexes only.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
EXPANDS = True

_LABEL_SINCE = (
    "CASE WHEN state = 'expired' THEN expires_at "
    "WHEN state IN ('awaiting_bank', 'invited', 'terms_accepted') AND NOT problem THEN invited_at "
    "ELSE changed_at END"
)
_UNORDERED = sa.text("NOT ordered")
_BEFORE = {
    "ix_activation_dossier_id": ("activation", ["dossier_id"]),
    "ix_activation_listed": ("activation", ["office_id", "label", "dossier_key", "id"]),
    "ix_dossier_listed": ("dossier", ["office_id", "code_key", "id"]),
    "ix_dossier_named": ("dossier", ["office_id", "name_key", "id"]),
}
_NOW = {
    "ix_activation_of_dossier": ("activation", ["dossier_id", "label", "bank", "language"]),
    "ix_activation_listed": (
        "activation",
        ["office_id", "label", "dossier_key", "dossier_id", "id", "bank", "language"],
    ),
    "ix_activation_waiting": (
        "activation",
        ["office_id", "label", "label_since", "dossier_id", "id", "bank", "language"],
    ),
    "ix_dossier_listed": ("dossier", ["office_id", "code_key", "id", "name_key"]),
    "ix_dossier_named": ("dossier", ["office_id", "name_key", "id", "code_key"]),
    "ix_dossier_ordered": ("dossier", ["office_id", "ordered", "code_key", "id"]),
}


def upgrade() -> None:
    """Add the moment that each label speaks of, which the database computes for what is there as well."""
    # SQLite adds a computed column to a table only where it is not stored; an index on it is the same.
    since = sa.Computed(_LABEL_SINCE, persisted=op.get_context().dialect.name != "sqlite")
    op.add_column("activation", sa.Column("label_since", sa.DateTime(timezone=True), since, nullable=False))
    for name, (table, _) in _BEFORE.items():
        op.drop_index(name, table_name=table)
    op.drop_index("ix_dossier_unordered", table_name="dossier")
    for name, (table, columns) in _NOW.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    """Take the column away, and narrow the indexes."""
    for name, (table, _) in _NOW.items():
        op.drop_index(name, table_name=table)
    for name, (table, columns) in _BEFORE.items():
        op.create_index(name, table, columns)
    op.create_index(
        "ix_dossier_unordered",
        "dossier",
        ["office_id", "code_key", "id"],
        sqlite_where=_UNORDERED,
        postgresql_where=_UNORDERED,
    )
    op.drop_column("activation", "label_since")
