"""What a cardholder has done at the bank or at a terminal, and the card reader in their hand."""

import hashlib
import hmac
import re
import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Mapped, mapped_column

from app.domain.typed_text import bare_number
from app.simulation.bank.storage import BankRow, OfficeReference
from app.simulation.scenarios import PIN, SCENARIOS, RecoveryAction, Scenario

#: An unblocked card works after this time; before it, it is refused as just unblocked.
UNBLOCKING_TIME = timedelta(minutes=5)


class RecoveryStep(StrEnum):
    """The four things that a cardholder can do."""

    ALLOW_ONLINE = "allow_online"
    UNBLOCK_CARD = "unblock_card"
    USE_CARD = "use_card"
    UNBLOCK_PIN = "unblock_pin"


class SimulatedCardholder(BankRow):
    """What was done for an office's client reference, at the bank or at the terminal, and when."""

    __tablename__ = "cardholder"

    office: Mapped[str] = mapped_column(primary_key=True)
    client_reference: Mapped[str] = mapped_column(primary_key=True)
    online_allowed_at: Mapped[datetime | None] = mapped_column(default=None)
    card_unblocked_at: Mapped[datetime | None] = mapped_column(default=None)
    card_used_at: Mapped[datetime | None] = mapped_column(default=None)
    pin_blocked_at: Mapped[datetime | None] = mapped_column(default=None)

    def recovered_at(self, recovery: RecoveryAction) -> datetime | None:
        """Return when the cardholder did what cures a card, None where nothing was done."""
        return {
            RecoveryAction.ALLOW_ONLINE: self.online_allowed_at,
            RecoveryAction.UNBLOCK_CARD: self.card_unblocked_at,
            RecoveryAction.USE_CARD: self.card_used_at,
        }.get(recovery)

    @property
    def unblocked_from(self) -> datetime | None:
        """The instant from which an unblocked card works again."""
        return self.card_unblocked_at + UNBLOCKING_TIME if self.card_unblocked_at else None


def read_cardholder(connection: Connection, key: OfficeReference) -> SimulatedCardholder:
    """Read what was done for an office's client reference, else before any office asked about it."""
    rows = (
        select(SimulatedCardholder)
        .where(SimulatedCardholder.office.in_((key.office, "")))
        .filter_by(client_reference=key.client_reference)
        .order_by(SimulatedCardholder.office.desc())
    )
    row = connection.execute(rows).first()
    return SimulatedCardholder(**(dict(row._mapping) if row else {}) | key._asdict())


def record_step(connection: Connection, key: OfficeReference, step: RecoveryStep, now: datetime) -> None:
    """Record a step; doing it again changes nothing, so that no waiting time starts afresh."""
    holder = read_cardholder(connection, key)
    column, value = {
        RecoveryStep.ALLOW_ONLINE: ("online_allowed_at", holder.online_allowed_at or now),
        RecoveryStep.UNBLOCK_CARD: ("card_unblocked_at", holder.card_unblocked_at or now),
        RecoveryStep.USE_CARD: ("card_used_at", holder.card_used_at or now),
        RecoveryStep.UNBLOCK_PIN: ("pin_blocked_at", None),
    }[step]
    _write_column(connection, key, column, value)


def block_pin(connection: Connection, key: OfficeReference, now: datetime) -> None:
    """Record that three wrong tries have blocked the PIN."""
    _write_column(connection, key, "pin_blocked_at", now)


def after_recovery(scenario: Scenario, holder: SimulatedCardholder, now: datetime) -> Scenario:
    """Return what a card leads to once its holder has been to the bank."""
    done_at = holder.recovered_at(scenario.recovery)
    if done_at is None:
        return scenario
    if scenario.recovery is RecoveryAction.UNBLOCK_CARD and now < done_at + UNBLOCKING_TIME:
        return SCENARIOS["just_unblocked"]
    return SCENARIOS["success"]


def _write_column(connection: Connection, key: OfficeReference, column: str, value: datetime | None) -> None:
    new = insert(SimulatedCardholder).values(**key._asdict(), **{column: value})
    connection.execute(new.on_conflict_do_update(index_elements=key._fields, set_={column: value}))


_EIGHT = re.compile(r"[0-9]{8}")
_FOUR = re.compile(r"[0-9]{4}")


class ReaderMode(StrEnum):
    """The reader's keys: M1 identifies, M2 signs."""

    M1 = "M1"
    M2 = "M2"


def new_challenge() -> str:
    """Return eight fresh digits."""
    return f"{secrets.randbelow(10**8):08d}"


def reader_response(secret: str, mode: ReaderMode, challenge: str, pin: str) -> str:
    """Return the eight digits that the reader shows for what was typed into it."""
    typed = f"{mode}|{challenge}|{pin}".encode()
    digest = hmac.new(secret.encode(), typed, hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:8]) % 10**8:08d}"


def is_signature(secret: str, challenge: str, typed: str) -> bool:
    """Tell whether the typed response signs this challenge with the card's own PIN."""
    return hmac.compare_digest(reader_response(secret, ReaderMode.M2, challenge, PIN), typed)


def parse_eight_digits(text: str) -> str | None:
    """Return the eight digits of a typed challenge or response, None where it is not that."""
    bare = bare_number(text)
    return bare if _EIGHT.fullmatch(bare) else None


def parse_pin(text: str) -> str | None:
    """Return a typed PIN, None where it is not four digits."""
    bare = bare_number(text)
    return bare if _FOUR.fullmatch(bare) else None


def group_in_fours(digits: str) -> str:
    """Show eight digits as the reader's display does."""
    return f"{digits[:4]} {digits[4:]}"
