"""Remind the cardholder, and ask the banks that have an app of their own."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
EXPANDS = True

_INSTANTS = ("next_reminder_at", "bank_check_at", "refused_at")
_OPEN = sa.text("state IN ('awaiting_bank', 'invited', 'terms_accepted')")
_TO_ASK = sa.text("bank_check_at IS NOT NULL")
_INDEXES = (
    ("ix_activation_to_remind", "next_reminder_at", _OPEN),
    ("ix_activation_to_expire", "expires_at", _OPEN),
    ("ix_activation_bank_to_ask", "bank_check_at", _TO_ASK),
)


def upgrade() -> None:
    """Add the instants, and let the worker catch up on the requests that are open."""
    for name in _INSTANTS:
        op.add_column("activation", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    activation = sa.table("activation", *(sa.column(c) for c in ("state", "bank", "invited_at", *_INSTANTS)))
    op.execute(sa.update(activation).where(_OPEN).values(next_reminder_at=activation.c.invited_at))
    op.execute(
        sa.update(activation)
        .where(_OPEN, activation.c.bank.in_(("kbc", "cbc")))
        .values(bank_check_at=activation.c.invited_at)
    )
    for name, column, where in _INDEXES:
        op.create_index(name, "activation", [column], sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Take them away again."""
    for name, _, _ in _INDEXES:
        op.drop_index(name, table_name="activation")
    for name in _INSTANTS:
        op.drop_column("activation", name)
