"""One request for card statements, its attempts at the bank and the consents given for it."""

from datetime import datetime

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    Index,
    String,
    TextClause,
    bindparam,
    false,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db import UtcDateTime
from app.domain.failures import Failure
from app.domain.history import AttemptOutcome
from app.domain.states import HOLDING, OPEN, ActivationState, LifecycleAction, StatusLabel, source_states
from app.models.base import NOT_PERSONAL, PERSONAL, Base, SearchKey, enum_column, request_id_column


def _state_in(states: frozenset[ActivationState]) -> TextClause:
    return text("state IN ({})".format(", ".join(f"'{state}'" for state in sorted(states))))


_HOLDING = _state_in(HOLDING)
_OPEN = _state_in(OPEN)
#: What `app.domain.states` says, but for the moments between a link's end and the worker's mark.
_LABEL = (
    "CASE WHEN state IN ('cancelled', 'revoked') THEN 'cancelled' WHEN state = 'active' THEN 'active' "
    "WHEN state = 'expired' THEN 'expired' WHEN problem THEN 'problem' ELSE 'invitation_sent' END"
)
#: The moment that the label speaks of, as `app.domain.states.SINCE` has it.
_LABEL_SINCE = (
    "CASE WHEN state = 'expired' THEN expires_at "
    "WHEN state IN ('awaiting_bank', 'invited', 'terms_accepted') AND NOT problem THEN invited_at "
    "ELSE changed_at END"
)
_HAS_BANK_CHECK = text("bank_check_at IS NOT NULL")
_OPEN_ATTEMPT = text("concluded_at IS NULL")
_HAS_NEXT_CHECK = text("next_check_at IS NOT NULL")


_LISTED, _FILTERED = ("office_id", "label"), ("dossier_id", "id", "bank", "language")


class Activation(Base):
    """The order for one client reference, from invitation to active service.

    `address` is the only place where the cardholder's e-mail address exists.
    `generation` tells which signed links are good; `round` counts the invitations sent.
    `next_reminder_at` is empty after the last reminder. `bank_check_at` is when a bank with an app of its own
    is asked next, and empty once there is nothing left to ask; `refused_at` is of this round. `problem` is of
    the last attempt that ended, or of that refusal; a new round clears it. `dossier_key` repeats the one of
    the dossier, so that one index sorts the portal's list. The database computes `label` and `label_since`.
    """

    __tablename__ = "activation"
    __table_args__ = (
        Index(
            "uq_activation_held_reference",
            "office_id",
            "client_reference",
            unique=True,
            sqlite_where=_HOLDING,
            postgresql_where=_HOLDING,
        ),
        Index("ix_activation_to_remind", "next_reminder_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index("ix_activation_to_expire", "expires_at", sqlite_where=_OPEN, postgresql_where=_OPEN),
        Index(
            "ix_activation_bank_to_ask",
            "bank_check_at",
            sqlite_where=_HAS_BANK_CHECK,
            postgresql_where=_HAS_BANK_CHECK,
        ),
        # The list reads them in their order, and filters by what stands last in them.
        Index("ix_activation_listed", *_LISTED, "dossier_key", *_FILTERED),
        Index("ix_activation_waiting", *_LISTED, "label_since", *_FILTERED),
        Index("ix_activation_of_dossier", "dossier_id", "label", "bank", "language"),
        Index("ix_activation_reference", "office_id", "client_reference", "id"),
        # Rare ones are read from here, and sorted.
        Index("ix_activation_filtered", "office_id", "bank", "language", "id"),
        CheckConstraint("generation >= 1 AND round >= 1", name="counted"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), unique=True, info=NOT_PERSONAL)
    office_id: Mapped[int] = mapped_column(ForeignKey("office.id"))
    dossier_id: Mapped[int] = mapped_column(ForeignKey("dossier.id"))
    accountant_id: Mapped[int] = mapped_column(ForeignKey("accountant.id"))
    bank: Mapped[str] = mapped_column(String(32), info=NOT_PERSONAL)
    client_reference: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    iban: Mapped[str | None] = mapped_column(String(34), info=NOT_PERSONAL)
    address: Mapped[str | None] = mapped_column(String(254), info=PERSONAL)
    language: Mapped[str] = mapped_column(String(2), info=NOT_PERSONAL)
    state: Mapped[ActivationState] = mapped_column(enum_column(ActivationState, check="state"))
    generation: Mapped[int] = mapped_column(default=1)
    round: Mapped[int] = mapped_column(default=1)
    ordered_at: Mapped[datetime] = mapped_column(UtcDateTime)
    invited_at: Mapped[datetime] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)
    activated_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    next_reminder_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    bank_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    refused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    dossier_key: Mapped[str] = mapped_column(SearchKey, server_default="", info=NOT_PERSONAL)
    problem: Mapped[bool] = mapped_column(default=False, server_default=false())
    label: Mapped[StatusLabel] = mapped_column(enum_column(StatusLabel), Computed(_LABEL, persisted=True))
    label_since: Mapped[datetime] = mapped_column(UtcDateTime, Computed(_LABEL_SINCE, persisted=True))


class Attempt(Base):
    """One card tried at the bank: brand and last four digits, never more of the card.

    `transaction` is the identity that we chose before the bank was called, so that a crash in
    between can still be asked about; `failure` is the message that the cardholder was shown.
    `next_check_at` is when the bank is asked next, and empty once there is nothing left to ask.
    """

    __tablename__ = "attempt"
    __table_args__ = (
        Index(
            "uq_attempt_open",
            "activation_id",
            unique=True,
            sqlite_where=_OPEN_ATTEMPT,
            postgresql_where=_OPEN_ATTEMPT,
        ),
        Index(
            "ix_attempt_due",
            "next_check_at",
            sqlite_where=_HAS_NEXT_CHECK,
            postgresql_where=_HAS_NEXT_CHECK,
        ),
        Index("ix_attempt_history", "activation_id", "concluded_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"))
    transaction: Mapped[str] = mapped_column(String(36), unique=True, info=NOT_PERSONAL)
    generation: Mapped[int]
    brand: Mapped[str] = mapped_column(String(20), info=NOT_PERSONAL)
    last_four: Mapped[str] = mapped_column(String(4), info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), info=NOT_PERSONAL)
    started_at: Mapped[datetime] = mapped_column(UtcDateTime)
    next_check_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    acs_transaction: Mapped[str | None] = mapped_column(String(36), info=NOT_PERSONAL)
    challenge_url: Mapped[str | None] = mapped_column(String(2048), info=NOT_PERSONAL)
    challenged_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    returned_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    concluded_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    outcome: Mapped[AttemptOutcome | None] = mapped_column(enum_column(AttemptOutcome, check="outcome"))
    failure: Mapped[Failure | None] = mapped_column(enum_column(Failure))
    counted: Mapped[bool] = mapped_column(default=False)
    problem: Mapped[bool] = mapped_column(default=False)
    bank_status: Mapped[str | None] = mapped_column(String(1), info=NOT_PERSONAL)
    bank_reason: Mapped[str | None] = mapped_column(String(2), info=NOT_PERSONAL)
    request_id: Mapped[str | None] = request_id_column()


class Consent(Base):
    """What was agreed to, in which words and when; append-only, completed once by the bank's evidence."""

    __tablename__ = "consent"

    id: Mapped[int] = mapped_column(primary_key=True)
    activation_id: Mapped[int] = mapped_column(ForeignKey("activation.id"), index=True)
    generation: Mapped[int]
    client_reference: Mapped[str] = mapped_column(String(10), info=NOT_PERSONAL)
    office: Mapped[str] = mapped_column(String(120), info=NOT_PERSONAL)
    terms_version: Mapped[str] = mapped_column(String(16), info=NOT_PERSONAL)
    language: Mapped[str] = mapped_column(String(2), info=NOT_PERSONAL)
    terms_sha256: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    labels_sha256: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    reference_confirmed: Mapped[bool]
    conditions_accepted: Mapped[bool]
    accepted_at: Mapped[datetime] = mapped_column(UtcDateTime)
    build: Mapped[str] = mapped_column(String(64), info=NOT_PERSONAL)
    bank_status: Mapped[str | None] = mapped_column(String(1), info=NOT_PERSONAL)
    bank_transaction: Mapped[str | None] = mapped_column(String(36), info=NOT_PERSONAL)


#: SQLite takes a partial index for the very words of its condition alone: they are written out, not bound.
IS_OPEN = Activation.state.in_(bindparam("open", sorted(OPEN), expanding=True, literal_execute=True))

#: Whoever is at the bank is answering; the reminder waits for what comes of it.
UNANSWERED = tuple(sorted(source_states(LifecycleAction.REMIND)))
TO_REMIND = (IS_OPEN, Activation.state.in_(UNANSWERED), Activation.refused_at.is_(None))

#: One at the bank is left until its attempt has ended: its signature may be given.
TO_EXPIRE = (IS_OPEN, Activation.state != ActivationState.AWAITING_BANK)
