"""The outbox: mails that are still to go out, or have gone."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, false, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.domain.history import MailKind
from app.models.base import Base, enum_column, request_id_column

_WAITING = text("sent_at IS NULL AND dead_at IS NULL")
_TO_CONTACT = text("recipient_id IS NULL")
ONE_SUBJECT = (
    "(CASE WHEN activation_id IS NULL THEN 0 ELSE 1 END) + "
    "(CASE WHEN sign_in_link_id IS NULL THEN 0 ELSE 1 END) + "
    "(CASE WHEN invitation_id IS NULL THEN 0 ELSE 1 END) + "
    "(CASE WHEN covers_until IS NULL THEN 0 ELSE 1 END) = 1"
)


class OutboxMessage(Base):
    """A mail to send: its kind and its subject only; address, text and link are made at delivery.

    The subject is an activation, a link to sign in, the invitation of a colleague, or what an accountant is
    told of a time, which includes its beginning. `recipient_id` is set for news. `round` is the
    activation's; of what the cardholder says to the office it counts the messages.
    """

    __tablename__ = "outbox_message"
    __table_args__ = (
        UniqueConstraint("activation_id", "kind", "round", "recipient_id"),
        UniqueConstraint("recipient_id", "covers_until"),
        # Two rows without a recipient are the same to nobody but to this.
        Index(
            "uq_outbox_message_contact",
            *("activation_id", "kind", "round"),
            unique=True,
            sqlite_where=_TO_CONTACT,
            postgresql_where=_TO_CONTACT,
        ),
        UniqueConstraint("sign_in_link_id", "kind"),
        CheckConstraint(ONE_SUBJECT, name="one_subject"),
        Index("ix_outbox_message_due", "due_at", "id", sqlite_where=_WAITING, postgresql_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int | None] = mapped_column(ForeignKey("activation.id"))
    sign_in_link_id: Mapped[int | None] = mapped_column(ForeignKey("sign_in_link.id"))
    invitation_id: Mapped[int | None] = mapped_column(ForeignKey("colleague_invitation.id"), index=True)
    recipient_id: Mapped[int | None] = mapped_column(ForeignKey("accountant.id"))
    covers_from: Mapped[datetime | None] = mapped_column(UtcDateTime)
    covers_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    kind: Mapped[MailKind] = mapped_column(enum_column(MailKind))
    round: Mapped[int]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    tries: Mapped[int] = mapped_column(default=0)
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    #: When it was given up, or was no longer wanted: the latter is `dropped`.
    dead_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dropped: Mapped[bool] = mapped_column(default=False, server_default=false())
    request_id: Mapped[str | None] = request_id_column()
