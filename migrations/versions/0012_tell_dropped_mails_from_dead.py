"""Tell mails that nobody wanted any more from those that were given up.

Expands: one column, which what is there has from the history.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
EXPANDS = True

_FROM_HISTORY = sa.text(
    "UPDATE outbox_message SET dropped = :yes WHERE dead_at IS NOT NULL AND EXISTS ("
    "SELECT 1 FROM event WHERE event.activation_id = outbox_message.activation_id "
    "AND event.happening = 'mail_dropped' AND event.detail = outbox_message.kind "
    "AND event.at = outbox_message.dead_at)"
)


def upgrade() -> None:
    """Add the column; of a link to sign in no history was kept, so that all of those count as given up."""
    op.add_column(
        "outbox_message", sa.Column("dropped", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.execute(_FROM_HISTORY.bindparams(yes=True))


def downgrade() -> None:
    """Take it away again."""
    op.drop_column("outbox_message", "dropped")
