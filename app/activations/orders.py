"""Ordering CARO for a client's card: every rule, one transaction, one invitation."""

import secrets
from dataclasses import dataclass, replace

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.activations.desk import Desk
from app.activations.refusals import OrderProblem, Refused
from app.domain.activation import HOLDING, State
from app.domain.banks import BANKS, Bank, Route
from app.domain.history import Happening
from app.domain.ibans import account_number, serves_bank_app
from app.domain.references import client_reference
from app.i18n import LANGUAGES
from app.links import LinkIdentity
from app.mail.queue import enqueue
from app.models import Accountant, Activation, Dossier, Mandate, Office
from app.models.office import MandateState


@dataclass(frozen=True)
class NewOrder:
    """What an accountant fills in; the IBAN only for a bank that activates in its own app."""

    office: str
    dossier_code: str
    bank: str
    client_reference: str
    address: str
    language: str
    iban: str | None = None
    accountant: str | None = None
    actor: str = "cli"


@dataclass(frozen=True)
class Order:
    """What was ordered; there is no link for a bank that activates in its own app."""

    public_id: str
    link: str | None


class Orders(Desk):
    """Ordering."""

    def order(self, order: NewOrder) -> Order:
        """Order the service and queue the invitation; raise Refused, and then nothing has changed."""
        bank = BANKS.get(order.bank)
        if bank is None:
            raise Refused(OrderProblem.BANK_NOT_OFFERED)
        order = _checked(order, bank)
        activation = self._new(order)
        try:
            with self.database.transaction() as session:
                self._place(session, order, activation)
        except IntegrityError:
            holder = self._holder(order)
            if holder is None:
                raise
            raise Refused(OrderProblem.ALREADY_ORDERED, holder) from None
        linked = bank.route is Route.LINK
        identity = LinkIdentity(activation.public_id, activation.generation)
        return Order(activation.public_id, self.links.url(identity) if linked else None)

    def _new(self, order: NewOrder) -> Activation:
        return Activation(
            public_id=secrets.token_hex(12),
            bank=order.bank,
            client_reference=order.client_reference,
            iban=order.iban,
            address=order.address,
            language=order.language,
            state=State.INVITED,
            generation=1,
            round=1,
            ordered_at=self.clock(),
            **self._invited_now(order.bank),
        )

    def _place(self, session: Session, order: NewOrder, activation: Activation) -> None:
        office_id, dossier_id, dossier_key = self._dossier(session, order)
        activation.office_id, activation.dossier_id = office_id, dossier_id
        activation.dossier_key = dossier_key
        activation.accountant_id = _accountant(session, office_id, order.accountant)
        session.add(activation)
        session.flush()
        session.execute(update(Dossier).where(Dossier.id == dossier_id).values(ordered=True))
        enqueue(session, BANKS[order.bank].invitation, activation.id, activation.round, activation.invited_at)
        self._note(session, activation.id, Happening.ORDERED, order.actor, order.bank)

    def _dossier(self, session: Session, order: NewOrder) -> tuple[int, int, str]:
        found = session.execute(
            select(Office.id, Dossier.id, Dossier.code_key)
            .join(Dossier, Dossier.office_id == Office.id)
            .where(Office.name == order.office, Dossier.code == order.dossier_code)
        ).one_or_none()
        if found is None:
            raise Refused(OrderProblem.NO_DOSSIER)
        offered = session.execute(
            select(Mandate.bank).where(Mandate.dossier_id == found[1], Mandate.state == MandateState.ACTIVE)
        ).scalars()
        banks = set(offered)
        if not banks & set(BANKS):
            raise Refused(OrderProblem.NO_MANDATE)
        if order.bank not in banks:
            raise Refused(OrderProblem.BANK_NOT_OFFERED)
        return found[0], found[1], found[2]

    def _holder(self, order: NewOrder) -> str | None:
        with self.database.connection() as connection:
            return connection.execute(
                select(Activation.public_id)
                .join(Office, Office.id == Activation.office_id)
                .where(
                    Office.name == order.office,
                    Activation.client_reference == order.client_reference,
                    Activation.state.in_(HOLDING),
                )
            ).scalar_one_or_none()


def checked_address(text: str) -> str:
    """Return the one address as any relay takes it; raise Refused for none, several, or a malformed one."""
    try:
        checked = validate_email(text.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise Refused(OrderProblem.BAD_ADDRESS) from None
    return checked.ascii_email or checked.normalized


def _checked(order: NewOrder, bank: Bank) -> NewOrder:
    reference = client_reference(order.client_reference)
    if reference is None:
        raise Refused(OrderProblem.BAD_REFERENCE)
    if order.language not in LANGUAGES:
        raise Refused(OrderProblem.BAD_LANGUAGE)
    return replace(
        order,
        client_reference=reference,
        address=checked_address(order.address),
        iban=_checked_iban(order.iban, bank),
    )


def _checked_iban(text: str | None, bank: Bank) -> str | None:
    if bank.route is Route.LINK:
        if text:
            raise Refused(OrderProblem.IBAN_NOT_NEEDED)
        return None
    if not text:
        raise Refused(OrderProblem.IBAN_MISSING)
    iban = account_number(text)
    if iban is None:
        raise Refused(OrderProblem.BAD_IBAN)
    if not serves_bank_app(iban):
        raise Refused(OrderProblem.IBAN_OF_OTHER_BANK)
    return iban


def _accountant(session: Session, office_id: int, email: str | None) -> int:
    wanted = select(Accountant.id).where(Accountant.office_id == office_id).order_by(Accountant.id).limit(1)
    if email:
        wanted = wanted.where(Accountant.email == email.strip().lower())
    found = session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise Refused(OrderProblem.NO_DOSSIER)
    return found
