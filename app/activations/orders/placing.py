"""Placing an order: checked twice, stored once, and the invitation queued with it."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, exists, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.activations.orders.offers import Offer, Offers
from app.activations.orders.wishes import NewOrder, checked
from app.activations.refusals import OrderProblem, Refused
from app.domain.activation import HOLDING, ActivationState
from app.domain.banks import BANKS, ActivationRoute
from app.domain.history import EventType
from app.links import LinkIdentity
from app.mail.queue import enqueue_mail
from app.models import Accountant, Activation, Dossier, Event

#: An order that comes again from the same person so soon is a second click.
_A_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class Order:
    """What was ordered; there is no link for a bank that activates in its own app."""

    public_id: str
    link: str | None


class Orders(Offers):
    """Ordering."""

    def review(self, order: NewOrder) -> NewOrder:
        """Return the order as it would be kept, nothing stored; raise Refused as ordering would."""
        order = checked(order)
        with self.database.connection() as connection:
            offer = self._offer_for(connection, order)
            holder = _holder(connection, offer, order)
        if holder:
            raise Refused(OrderProblem.ALREADY_ORDERED, holder)
        return order

    def order(self, order: NewOrder) -> Order:
        """Order the service and queue the invitation; raise Refused, and then nothing has changed."""
        order = checked(order)
        activation = self._new(order)
        try:
            with self.database.transaction() as session:
                self._place(session, order, activation)
        except IntegrityError:
            with self.database.connection() as connection:
                holder = _holder(connection, self._offer_for(connection, order), order)
            if holder is None:
                raise
            raise Refused(OrderProblem.ALREADY_ORDERED, holder) from None
        linked = BANKS[order.bank].route is ActivationRoute.LINK
        identity = LinkIdentity(activation.public_id, activation.generation)
        return Order(activation.public_id, self.links.url(identity) if linked else None)

    def is_repeated(self, order: NewOrder, public_id: str) -> bool:
        """Tell whether the same person has just placed this very order: a second click, not a second wish."""
        order = checked(order)
        just_now = exists().where(
            Event.activation_id == Activation.id,
            Event.happening == EventType.ORDERED,
            Event.actor == order.actor,
            Event.at > self.clock() - _A_MOMENT,
        )
        same = select(Activation.id).where(
            Activation.public_id == public_id,
            Activation.dossier_id == order.dossier_id,
            *(getattr(Activation, name) == getattr(order, name) for name in _SAME),
            just_now,
        )
        with self.database.connection() as connection:
            return connection.execute(same).first() is not None

    def dossier_of(self, public_id: str) -> int:
        """Return the dossier that a request is for; raise Refused where the office has no such request."""
        asked = select(Activation.dossier_id).where(Activation.public_id == public_id)
        if self.office_id is not None:
            asked = asked.where(Activation.office_id == self.office_id)
        with self.database.connection() as connection:
            dossier_id = connection.execute(asked).scalar_one_or_none()
        if dossier_id is None:
            raise Refused(OrderProblem.UNKNOWN_ACTIVATION)
        return dossier_id

    def _new(self, order: NewOrder) -> Activation:
        return Activation(
            public_id=secrets.token_hex(12),
            bank=order.bank,
            client_reference=order.client_reference,
            iban=order.iban,
            address=order.address,
            language=order.language,
            state=ActivationState.INVITED,
            generation=1,
            round=1,
            ordered_at=self.clock(),
            **self._invited_now(order.bank),
        )

    def _place(self, session: Session, order: NewOrder, activation: Activation) -> None:
        offer = self._offer_for(session, order)
        activation.office_id, activation.dossier_id = offer.office_id, offer.dossier_id
        activation.dossier_key = offer.code_key
        activation.accountant_id = _accountant(session, offer.office_id, order.accountant)
        session.add(activation)
        session.flush()
        session.execute(update(Dossier).where(Dossier.id == offer.dossier_id).values(ordered=True))
        enqueue_mail(
            session, BANKS[order.bank].invitation_kind, activation.id, activation.round, activation.invited_at
        )
        self._note(session, activation.id, EventType.ORDERED, order.actor, order.bank)


#: What tells one order from another.
_SAME = ("bank", "client_reference", "iban", "address", "language")


def _holder(connection: Connection, offer: Offer, order: NewOrder) -> str | None:
    return connection.execute(
        select(Activation.public_id).where(
            Activation.office_id == offer.office_id,
            Activation.client_reference == order.client_reference,
            Activation.state.in_(HOLDING),
        )
    ).scalar_one_or_none()


def _accountant(session: Session, office_id: int, email: str | None) -> int:
    wanted = select(Accountant.id).where(Accountant.office_id == office_id).order_by(Accountant.id).limit(1)
    if email:
        wanted = wanted.where(Accountant.email == email.strip().lower())
    found = session.execute(wanted).scalar_one_or_none()
    if found is None:
        raise Refused(OrderProblem.NO_DOSSIER)
    return found
