"""Open the accountant's portal: sign-in links, sessions, and a list that stays quick when it is long."""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
EXPANDS = False

_KEY = sa.String(120).with_variant(sa.String(120, collation="C"), "postgresql")
_LABEL = (
    "CASE WHEN state IN ('cancelled', 'revoked') THEN 'cancelled' WHEN state = 'active' THEN 'active' "
    "WHEN state = 'expired' THEN 'expired' WHEN problem THEN 'problem' ELSE 'invitation_sent' END"
)
_UNORDERED = sa.text("NOT ordered")
_WAITING = sa.text("sent_at IS NULL AND dead_at IS NULL")


def upgrade() -> None:
    """Add the portal's tables and columns, and fill them for what is there."""
    op.add_column("accountant", sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True))
    _sign_in()
    _dossiers()
    _activations()
    _outbox()


def downgrade() -> None:
    """Take the portal away; mails that sign accountants in go with it."""
    op.execute("DELETE FROM outbox_message WHERE activation_id IS NULL")
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    with op.batch_alter_table("outbox_message") as batch:
        batch.drop_constraint(op.f("ck_outbox_message_one_subject"), type_="check")
        batch.drop_constraint(op.f("fk_outbox_message_sign_in_link_id_sign_in_link"), type_="foreignkey")
        batch.drop_constraint(op.f("uq_outbox_message_sign_in_link_id"), type_="unique")
        batch.drop_column("sign_in_link_id")
        batch.alter_column("activation_id", existing_type=sa.Integer(), nullable=False)
    _index_outbox("due_at")
    for index in ("ix_activation_listed", "ix_activation_reference"):
        op.drop_index(index, table_name="activation")
    for column in ("label", "problem", "dossier_key"):
        op.drop_column("activation", column)
    for index in ("ix_dossier_unordered", "ix_dossier_named", "ix_dossier_listed"):
        op.drop_index(index, table_name="dossier")
    for column in ("ordered", "name_key", "code_key"):
        op.drop_column("dossier", column)
    op.drop_table("portal_session")
    op.drop_table("sign_in_link")
    op.drop_column("accountant", "disabled_at")


def _sign_in() -> None:
    op.create_table(
        "sign_in_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(32), nullable=False),
        sa.Column("accountant_id", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["accountant_id"], ["accountant.id"], name="fk_sign_in_link_accountant_id_accountant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_sign_in_link"),
        sa.UniqueConstraint("public_id", name="uq_sign_in_link_public_id"),
    )
    op.create_index("ix_sign_in_link_recent", "sign_in_link", ["accountant_id", "created_at"])
    op.create_table(
        "portal_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("accountant_id", sa.Integer(), nullable=False),
        sa.Column("secret_sha256", sa.String(64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["accountant_id"], ["accountant.id"], name="fk_portal_session_accountant_id_accountant"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_portal_session"),
        sa.UniqueConstraint("secret_sha256", name="uq_portal_session_secret_sha256"),
    )
    op.create_index("ix_portal_session_accountant_id", "portal_session", ["accountant_id"])


def _dossiers() -> None:
    op.add_column("dossier", sa.Column("code_key", _KEY, nullable=False, server_default=""))
    op.add_column("dossier", sa.Column("name_key", _KEY, nullable=False, server_default=""))
    op.add_column("dossier", sa.Column("ordered", sa.Boolean(), nullable=False, server_default=sa.false()))
    dossier = sa.table("dossier", *(sa.column(c) for c in ("id", "code", "name", "code_key", "name_key")))
    connection = op.get_bind()
    found = connection.execute(sa.select(dossier.c.id, dossier.c.code, dossier.c.name)).all()
    keys = [{"own": one.id, "code_key": _key(one.code), "name_key": _key(one.name)} for one in found]
    fill = sa.update(dossier).where(dossier.c.id == sa.bindparam("own"))
    if keys:
        connection.execute(
            fill.values(code_key=sa.bindparam("code_key"), name_key=sa.bindparam("name_key")), keys
        )
    op.execute("UPDATE dossier SET ordered = true WHERE id IN (SELECT dossier_id FROM activation)")
    op.create_index("ix_dossier_listed", "dossier", ["office_id", "code_key", "id"])
    op.create_index("ix_dossier_named", "dossier", ["office_id", "name_key", "id"])
    op.create_index(
        "ix_dossier_unordered",
        "dossier",
        ["office_id", "code_key", "id"],
        sqlite_where=_UNORDERED,
        postgresql_where=_UNORDERED,
    )


def _activations() -> None:
    op.add_column("activation", sa.Column("dossier_key", _KEY, nullable=False, server_default=""))
    op.add_column("activation", sa.Column("problem", sa.Boolean(), nullable=False, server_default=sa.false()))
    # SQLite adds a computed column to a table only where it is not stored; an index on it is the same.
    label = sa.Computed(_LABEL, persisted=op.get_context().dialect.name != "sqlite")
    op.add_column("activation", sa.Column("label", sa.String(32), label, nullable=False))
    op.execute(
        "UPDATE activation SET dossier_key = "
        "(SELECT code_key FROM dossier WHERE dossier.id = activation.dossier_id)"
    )
    op.execute(
        "UPDATE activation SET problem = true WHERE refused_at IS NOT NULL OR EXISTS ("
        "SELECT 1 FROM attempt WHERE attempt.activation_id = activation.id AND attempt.problem "
        "AND attempt.concluded_at >= activation.invited_at AND attempt.id = ("
        "SELECT max(last.id) FROM attempt AS last WHERE last.activation_id = activation.id "
        "AND last.outcome IN ('failed', 'succeeded')))"
    )
    op.create_index("ix_activation_listed", "activation", ["office_id", "label", "dossier_key", "id"])
    op.create_index("ix_activation_reference", "activation", ["office_id", "client_reference", "id"])


def _outbox() -> None:
    op.drop_index("ix_outbox_message_due", table_name="outbox_message")
    with op.batch_alter_table("outbox_message") as batch:
        batch.alter_column("activation_id", existing_type=sa.Integer(), nullable=True)
        batch.add_column(sa.Column("sign_in_link_id", sa.Integer(), nullable=True))
        batch.create_foreign_key(
            op.f("fk_outbox_message_sign_in_link_id_sign_in_link"),
            "sign_in_link",
            ["sign_in_link_id"],
            ["id"],
        )
        batch.create_unique_constraint(op.f("uq_outbox_message_sign_in_link_id"), ["sign_in_link_id"])
        batch.create_check_constraint(
            op.f("ck_outbox_message_one_subject"), "(activation_id IS NULL) <> (sign_in_link_id IS NULL)"
        )
    # The next mail is found without sorting the others that are due.
    _index_outbox("due_at", "id")


def _index_outbox(*columns: str) -> None:
    op.create_index(
        "ix_outbox_message_due",
        "outbox_message",
        [*columns],
        sqlite_where=_WAITING,
        postgresql_where=_WAITING,
    )


def _key(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    return " ".join("".join(letter for letter in plain if not unicodedata.combining(letter)).split())[:120]
