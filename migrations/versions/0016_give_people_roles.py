"""Give the people of an office roles, invitations, a view of their own sessions, and a choice of news.

Expands: columns that may be empty or have a value, by which everybody who is there may do everything, as
before; a table; and a subject more that a mail may have.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
EXPANDS = True

_WAITING = sa.text("sent_at IS NULL AND dead_at IS NULL")
_NEWS = sa.text("happening IN ('office_message', 'attempt_failed', 'refused_in_app', 'activated', 'expired')")
_TO_CONTACT = sa.text("recipient_id IS NULL")
_ONE_SUBJECT = (
    "(CASE WHEN activation_id IS NULL THEN 0 ELSE 1 END) + "
    "(CASE WHEN sign_in_link_id IS NULL THEN 0 ELSE 1 END) + "
    "(CASE WHEN invitation_id IS NULL THEN 0 ELSE 1 END) + "
    "(CASE WHEN covers_until IS NULL THEN 0 ELSE 1 END) = 1"
)
_TWO_SUBJECTS = "(activation_id IS NULL) <> (sign_in_link_id IS NULL)"


def upgrade() -> None:
    """Add roles and names, invitations, and their mails."""
    op.add_column(
        "accountant", sa.Column("role", sa.String(32), server_default="responsible", nullable=False)
    )
    op.add_column("accountant", sa.Column("name", sa.String(120), nullable=True))
    op.add_column("accountant", sa.Column("signed_in_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("portal_session", sa.Column("browser", sa.String(32), nullable=True))
    op.add_column("office", sa.Column("language", sa.String(2), nullable=True))
    op.add_column(
        "office", sa.Column("news_for_all", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column("accountant", sa.Column("news", sa.String(32), server_default="problems", nullable=False))
    op.add_column("accountant", sa.Column("news_since", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_event_news", "event", ["at"], sqlite_where=_NEWS, postgresql_where=_NEWS)
    _create_invitations()
    _widen_outbox()


def _widen_outbox() -> None:
    """Let a mail have one subject more, and a link two mails: what older builds write still fits."""
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    with op.batch_alter_table("outbox_message") as batch:
        batch.add_column(sa.Column("invitation_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("recipient_id", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("covers_from", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("covers_until", sa.DateTime(timezone=True), nullable=True))
        batch.create_foreign_key(
            op.f("fk_outbox_message_recipient_id_accountant"), "accountant", ["recipient_id"], ["id"]
        )
        batch.drop_constraint(op.f("uq_outbox_message_activation_id_kind_round"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_outbox_message_activation_id_kind_round_recipient_id"),
            ["activation_id", "kind", "round", "recipient_id"],
        )
        batch.create_unique_constraint(
            op.f("uq_outbox_message_recipient_id_covers_until"), ["recipient_id", "covers_until"]
        )
        batch.create_foreign_key(
            op.f("fk_outbox_message_invitation_id_colleague_invitation"),
            "colleague_invitation",
            ["invitation_id"],
            ["id"],
        )
        _replace_check(batch, _ONE_SUBJECT)
        batch.drop_constraint(op.f("uq_outbox_message_sign_in_link_id"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_outbox_message_sign_in_link_id_kind"), ["sign_in_link_id", "kind"]
        )
    op.create_index("ix_outbox_message_invitation_id", "outbox_message", ["invitation_id"])
    op.create_index(
        "uq_outbox_message_contact",
        "outbox_message",
        ["activation_id", "kind", "round"],
        unique=True,
        sqlite_where=_TO_CONTACT,
        postgresql_where=_TO_CONTACT,
    )
    _index_due()


def _create_invitations() -> None:
    op.create_table(
        "colleague_invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("invited_by", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("language", sa.String(2), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["office_id"], ["office.id"], name=op.f("fk_colleague_invitation_office_id_office")
        ),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["accountant.id"], name=op.f("fk_colleague_invitation_invited_by_accountant")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_colleague_invitation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_colleague_invitation_public_id")),
        sa.UniqueConstraint("office_id", "email", name=op.f("uq_colleague_invitation_office_id_email")),
    )


def _replace_check(batch: object, rule: str) -> None:
    batch.drop_constraint(op.f("ck_outbox_message_one_subject"), type_="check")  # type: ignore[attr-defined]
    batch.create_check_constraint(op.f("ck_outbox_message_one_subject"), rule)  # type: ignore[attr-defined]


def _index_due() -> None:
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["due_at", "id"],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def downgrade() -> None:
    """Take all of it away again, with the mails about invitations."""
    op.execute(
        "DELETE FROM outbox_message WHERE invitation_id IS NOT NULL OR kind = 'new_browser' "
        "OR recipient_id IS NOT NULL"
    )
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    op.drop_index("ix_outbox_message_invitation_id", table_name="outbox_message")
    op.drop_index("uq_outbox_message_contact", table_name="outbox_message")
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_constraint(
            op.f("fk_outbox_message_invitation_id_colleague_invitation"), type_="foreignkey"
        )
        _replace_check(batch, _TWO_SUBJECTS)
        batch.drop_constraint(op.f("uq_outbox_message_sign_in_link_id_kind"), type_="unique")
        batch.create_unique_constraint(op.f("uq_outbox_message_sign_in_link_id"), ["sign_in_link_id"])
        batch.drop_constraint(op.f("fk_outbox_message_recipient_id_accountant"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_outbox_message_activation_id_kind_round_recipient_id"), type_="unique")
        batch.drop_constraint(op.f("uq_outbox_message_recipient_id_covers_until"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_outbox_message_activation_id_kind_round"), ["activation_id", "kind", "round"]
        )
        for column in ("invitation_id", "recipient_id", "covers_from", "covers_until"):
            batch.drop_column(column)
    _index_due()
    op.drop_table("colleague_invitation")
    op.drop_index("ix_event_news", table_name="event")
    op.drop_column("accountant", "news_since")
    op.drop_column("accountant", "news")
    op.drop_column("office", "news_for_all")
    op.drop_column("office", "language")
    op.drop_column("portal_session", "browser")
    op.drop_column("accountant", "signed_in_at")
    op.drop_column("accountant", "name")
    op.drop_column("accountant", "role")
