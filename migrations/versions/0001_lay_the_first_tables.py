"""Lay the first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
EXPANDS = True


def upgrade() -> None:
    """Create every table with its constraints and indexes."""
    op.create_table(
        "office",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_office")),
        sa.UniqueConstraint("name", name=op.f("uq_office_name")),
    )
    op.create_table(
        "accountant",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_accountant_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_accountant")),
        sa.UniqueConstraint("email", name=op.f("uq_accountant_email")),
    )
    op.create_index(op.f("ix_accountant_office_id"), "accountant", ["office_id"], unique=False)
    op.create_table(
        "dossier",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_dossier_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dossier")),
        sa.UniqueConstraint("office_id", "code", name=op.f("uq_dossier_office_id_code")),
    )
    op.create_table(
        "activation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(length=32), nullable=False),
        sa.Column("office_id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("accountant_id", sa.Integer(), nullable=False),
        sa.Column("bank", sa.String(length=32), nullable=False),
        sa.Column("client_reference", sa.String(length=10), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=True),
        sa.Column("address", sa.String(length=254), nullable=True),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "invited",
                "terms_accepted",
                "awaiting_bank",
                "active",
                "expired",
                "cancelled",
                "revoked",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("activated_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("generation >= 1 AND round >= 1", name=op.f("ck_activation_counted")),
        sa.ForeignKeyConstraint(
            ["accountant_id"], ["accountant.id"], name=op.f("fk_activation_accountant_id_accountant")
        ),
        sa.ForeignKeyConstraint(
            ["dossier_id"], ["dossier.id"], name=op.f("fk_activation_dossier_id_dossier")
        ),
        sa.ForeignKeyConstraint(["office_id"], ["office.id"], name=op.f("fk_activation_office_id_office")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activation")),
        sa.UniqueConstraint("public_id", name=op.f("uq_activation_public_id")),
    )
    op.create_index(op.f("ix_activation_dossier_id"), "activation", ["dossier_id"], unique=False)
    op.create_index(
        "uq_activation_held_reference",
        "activation",
        ["office_id", "client_reference"],
        unique=True,
        sqlite_where=sa.text("state IN ('active', 'awaiting_bank', 'invited', 'terms_accepted')"),
        postgresql_where=sa.text("state IN ('active', 'awaiting_bank', 'invited', 'terms_accepted')"),
    )
    op.create_table(
        "mandate",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("dossier_id", sa.Integer(), nullable=False),
        sa.Column("bank", sa.String(length=32), nullable=False),
        sa.Column("iban", sa.String(length=34), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "active",
                "archived",
                name="mandatestate",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["dossier_id"], ["dossier.id"], name=op.f("fk_mandate_dossier_id_dossier")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mandate")),
        sa.UniqueConstraint("dossier_id", "iban", name=op.f("uq_mandate_dossier_id_iban")),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column("transaction", sa.String(length=36), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("brand", sa.String(length=20), nullable=False),
        sa.Column("last_four", sa.String(length=4), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("acs_transaction", sa.String(length=36), nullable=True),
        sa.Column("challenge_url", sa.String(length=2048), nullable=True),
        sa.Column("challenged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("concluded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum(
                "succeeded",
                "failed",
                "superseded",
                name="outcome",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "failure",
            sa.Enum(
                "wrong_card",
                "not_credit",
                "card_data",
                "pin",
                "card_expired",
                "not_permitted",
                "refused",
                "bank_refused",
                "card_blocked",
                "card_never_used",
                "technical",
                "too_frequent",
                "timed_out",
                "cancelled",
                "handoff_late",
                name="failure",
                native_enum=False,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("problem", sa.Boolean(), nullable=False),
        sa.Column("bank_status", sa.String(length=1), nullable=True),
        sa.Column("bank_reason", sa.String(length=2), nullable=True),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_attempt_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        sa.UniqueConstraint("transaction", name=op.f("uq_attempt_transaction")),
    )
    op.create_index(
        "ix_attempt_due",
        "attempt",
        ["next_check_at"],
        unique=False,
        sqlite_where=sa.text("next_check_at IS NOT NULL"),
        postgresql_where=sa.text("next_check_at IS NOT NULL"),
    )
    op.create_index("ix_attempt_history", "attempt", ["activation_id", "concluded_at"], unique=False)
    op.create_index(
        "uq_attempt_open",
        "attempt",
        ["activation_id"],
        unique=True,
        sqlite_where=sa.text("concluded_at IS NULL"),
        postgresql_where=sa.text("concluded_at IS NULL"),
    )
    op.create_table(
        "consent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("client_reference", sa.String(length=10), nullable=False),
        sa.Column("office", sa.String(length=120), nullable=False),
        sa.Column("terms_version", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("terms_sha256", sa.String(length=64), nullable=False),
        sa.Column("labels_sha256", sa.String(length=64), nullable=False),
        sa.Column("reference_confirmed", sa.Boolean(), nullable=False),
        sa.Column("conditions_accepted", sa.Boolean(), nullable=False),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("build", sa.String(length=64), nullable=False),
        sa.Column("bank_status", sa.String(length=1), nullable=True),
        sa.Column("bank_transaction", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_consent_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent")),
    )
    op.create_index(op.f("ix_consent_activation_id"), "consent", ["activation_id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=64), nullable=False),
        sa.Column(
            "happening",
            sa.Enum(
                "ordered",
                "resent",
                "link_replaced",
                "link_copied",
                "relaunched",
                "terms_accepted",
                "card_submitted",
                "challenge_started",
                "attempt_failed",
                "started_over",
                "late_result",
                "activated",
                "cancelled",
                "revoked",
                "expired",
                "mail_sent",
                "mail_dead",
                "address_erased",
                name="happening",
                native_enum=False,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("detail", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_event_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index(op.f("ix_event_activation_id"), "event", ["activation_id"], unique=False)
    op.create_table(
        "outbox_message",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("activation_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "invitation", "instructions", "confirmation", name="mailkind", native_enum=False, length=32
            ),
            nullable=False,
        ),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("dead_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["activation_id"], ["activation.id"], name=op.f("fk_outbox_message_activation_id_activation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint(
            "activation_id", "kind", "round", name=op.f("uq_outbox_message_activation_id_kind_round")
        ),
    )
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
        postgresql_where=sa.text("sent_at IS NULL AND dead_at IS NULL"),
    )


def downgrade() -> None:
    """Drop the tables, the ones that others point to last."""
    for table in (
        "outbox_message",
        "event",
        "consent",
        "attempt",
        "mandate",
        "activation",
        "dossier",
        "accountant",
        "office",
    ):
        op.drop_table(table)
