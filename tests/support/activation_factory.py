"""One request in each stage of its life, brought there by the use cases themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import update

from app.domain.bank_results import (
    AppDecision,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.order_rules import OrderRequest
from app.mail.outbox import WAITING
from app.models import OutboxMessage
from app.queries.activation_detail import ActivationDetail
from app.queries.dossier_detail import read_dossier
from app.web.extensions import Services
from tests.support.cardholder_steps import CardholderSteps
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock
from tests.support.office import order_for

SIGNED = BankResult(TransactionStatus.AUTHENTICATED, verification=CardVerification.APPROVED)
IBAN = "BE78735000000186"


@dataclass(frozen=True)
class ActivationFactory:
    """Everything that moves a request on."""

    services: Services
    bank: FakeBank
    bank_app: FakeBankApp
    clock: MovableClock
    orders: Callable[..., OrderRequest] = order_for

    def create(self, name: str) -> str:
        """Bring a request to a stage, its mails sent, and return its public id."""
        public_id = ACTIVATION_STATES[name](self)
        let_mails_leave(self.services)
        return public_id

    def read_detail(self, public_id: str) -> ActivationDetail:
        """Return how the request stands now."""
        dossier = read_dossier(self.services.context, self.services.orders.find_dossier_id(public_id))
        assert dossier is not None
        return next(one for one in dossier.requests if one.public_id == public_id)

    def create_invited(self) -> str:
        return self.services.orders.place_order(self.orders()).public_id

    def create_cardholder(self) -> CardholderSteps:
        """Order, and let the cardholder accept the terms."""
        placed = self.services.orders.place_order(self.orders())
        assert placed.link is not None
        holder = CardholderSteps(self.services, placed.link)
        holder.accept()
        return holder

    def create_at_bank(self) -> str:
        holder = self.create_cardholder()
        holder.submit()
        return holder.public_id

    def create_active(self) -> str:
        holder = self.create_cardholder()
        holder.submit()
        self.bank.decides(SIGNED)
        self.services.attempt_results.check_open_attempt(holder.activation)
        return holder.public_id

    def create_problem(self, times: int = 1) -> str:
        holder = self.create_cardholder()
        self.bank.answer = RegisterRefusal.NOT_LINKED
        for _ in range(times):
            holder.submit()
        return holder.public_id

    def create_over(self) -> str:
        """The link is dead by the clock, and the worker has not marked it yet."""
        public_id = self.create_invited()
        self.clock.advance(days=56)
        return public_id

    def create_expired(self) -> str:
        public_id = self.create_over()
        self.services.invitations.expire_due_activations()
        return public_id

    def create_cancelled(self) -> str:
        public_id = self.create_invited()
        self.services.invitations.cancel_activation(public_id, "anne")
        return public_id

    def create_revoked(self) -> str:
        public_id = self.create_active()
        self.services.invitations.revoke_activation(public_id, "anne")
        return public_id

    def create_at_kbc(self) -> str:
        return self.services.orders.place_order(self.orders(bank="kbc", iban=IBAN)).public_id

    def create_refused_at_kbc(self) -> str:
        public_id = self.create_at_kbc()
        self.bank_app.decides(public_id, AppDecision.REFUSED)
        self.services.bank_apps.exchange_with_bank_apps()
        return public_id


ACTIVATION_STATES: Mapping[str, Callable[[ActivationFactory], str]] = {
    "invited": ActivationFactory.create_invited,
    "terms_accepted": lambda activation_factory: activation_factory.create_cardholder().public_id,
    "at_bank": ActivationFactory.create_at_bank,
    "problem": ActivationFactory.create_problem,
    "active": ActivationFactory.create_active,
    "over": ActivationFactory.create_over,
    "expired": ActivationFactory.create_expired,
    "cancelled": ActivationFactory.create_cancelled,
    "revoked": ActivationFactory.create_revoked,
    "at_kbc": ActivationFactory.create_at_kbc,
    "refused_at_kbc": ActivationFactory.create_refused_at_kbc,
}


def let_mails_leave(services: Services) -> None:
    """Let the mails that wait be sent, wherever they go."""
    with services.database.transaction() as session:
        session.execute(update(OutboxMessage).where(*WAITING).values(sent_at=services.context.clock()))


def with_policy(services: Services, **changes: Any) -> Services:
    """Return the services as other settings would have them."""
    context = services.context
    return replace(services, context=replace(context, policy=replace(context.policy, **changes)))
