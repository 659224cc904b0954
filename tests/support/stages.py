"""One request in each stage of its life, brought there by the use cases themselves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from app.domain.bank_results import (
    AppDecision,
    BankResult,
    CardVerification,
    RegisterRefusal,
    TransactionStatus,
)
from app.domain.order_rules import OrderRequest
from app.queries.dossier_detail import ActivationDetail, read_dossier
from app.web.extensions import Services
from tests.support.office import order_for
from tests.support.world import FakeBank, FakeBankApp, MovableClock
from tests.usecases.conftest import CardholderSteps

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

    def reach(self, name: str) -> str:
        """Bring a request to a stage and return its public id."""
        return STAGES[name](self)

    def follow(self, public_id: str) -> ActivationDetail:
        """Return how the request stands now."""
        dossier = read_dossier(self.services.context, self.services.orders.find_dossier_id(public_id))
        assert dossier is not None
        return next(one for one in dossier.requests if one.public_id == public_id)

    def invited(self) -> str:
        return self.services.orders.place_order(self.orders()).public_id

    def holder(self) -> CardholderSteps:
        """Order, and let the cardholder accept the terms."""
        placed = self.services.orders.place_order(self.orders())
        assert placed.link is not None
        holder = CardholderSteps(self.services, placed.link)
        holder.accept()
        return holder

    def at_bank(self) -> str:
        holder = self.holder()
        holder.submit()
        return holder.public_id

    def active(self) -> str:
        holder = self.holder()
        holder.submit()
        self.bank.decides(SIGNED)
        self.services.attempt_results.check_open_attempt(holder.activation)
        return holder.public_id

    def problem(self, times: int = 1) -> str:
        holder = self.holder()
        self.bank.answer = RegisterRefusal.NOT_LINKED
        for _ in range(times):
            holder.submit()
        return holder.public_id

    def over(self) -> str:
        """The link is dead by the clock, and the worker has not marked it yet."""
        public_id = self.invited()
        self.clock.advance(days=56)
        return public_id

    def expired(self) -> str:
        public_id = self.over()
        self.services.invitations.expire_due_activations()
        return public_id

    def cancelled(self) -> str:
        public_id = self.invited()
        self.services.invitations.cancel_activation(public_id, "anne")
        return public_id

    def revoked(self) -> str:
        public_id = self.active()
        self.services.invitations.revoke_activation(public_id, "anne")
        return public_id

    def at_kbc(self) -> str:
        return self.services.orders.place_order(self.orders(bank="kbc", iban=IBAN)).public_id

    def refused_at_kbc(self) -> str:
        public_id = self.at_kbc()
        self.bank_app.decides(public_id, AppDecision.REFUSED)
        self.services.bank_apps.exchange_with_bank_apps()
        return public_id


STAGES: Mapping[str, Callable[[ActivationFactory], str]] = {
    "invited": ActivationFactory.invited,
    "terms_accepted": lambda stage: stage.holder().public_id,
    "at_bank": ActivationFactory.at_bank,
    "problem": ActivationFactory.problem,
    "active": ActivationFactory.active,
    "over": ActivationFactory.over,
    "expired": ActivationFactory.expired,
    "cancelled": ActivationFactory.cancelled,
    "revoked": ActivationFactory.revoked,
    "at_kbc": ActivationFactory.at_kbc,
    "refused_at_kbc": ActivationFactory.refused_at_kbc,
}
