"""The services that the composition root has built, and how a view reaches them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, Self, TypeVar, cast

from flask import current_app

from app.bank.gateway import BankAppGateway, BankGateway
from app.clock import Clock
from app.context import Context
from app.db import Database
from app.domain.terms import Terms
from app.mail.outbox import Outbox
from app.services.attempt_results import AttemptResultService
from app.services.bank_apps import BankAppService
from app.services.bulk_actions import BulkActionService
from app.services.bulk_orders import BulkOrderService
from app.services.card_attempts import CardAttemptService
from app.services.colleagues import ColleagueService
from app.services.consents import ConsentService
from app.services.dead_mails import DeadMailService
from app.services.dossier_uploads import DossierUploadService
from app.services.erasure import ErasureService
from app.services.invitations import InvitationService
from app.services.links import LinkService
from app.services.list_export import ListExportService
from app.services.news_mails import NewsService
from app.services.office_messages import OfficeMessageService
from app.services.offices import OfficeService
from app.services.orders import OrderService
from app.services.reminders import ReminderService
from app.services.retention import RetentionService
from app.services.sign_in import SignInService
from app.services.terms_publication import TermsService
from app.services.worker_health import WorkerHealthService
from app.settings import Settings
from app.web.rates import RateCounter

EXTENSION = "caro"
_Service = TypeVar("_Service")


class ServiceProperty(Generic[_Service]):
    """A service that needs nothing but the context, made where it is asked for."""

    def __init__(self, service: Callable[[Context], _Service]) -> None:
        self._service = service

    def __get__(self, found: "Services", _owner: type) -> _Service:
        return self._service(found.context)


@dataclass(frozen=True, repr=False)
class Services:
    """Everything that a request, a command or the worker may use; built once, shared by all."""

    settings: Settings
    context: Context
    bank: BankGateway
    bank_app: BankAppGateway
    outbox: Outbox
    rates: RateCounter
    shipped_terms: tuple[Terms, ...]

    def for_office(self, office_id: int) -> Self:
        """Return the same services for one office alone: what is another's does not exist for them."""
        return replace(
            self, context=self.context.for_office(office_id), outbox=self.outbox.for_office(office_id)
        )

    @property
    def clock(self) -> Clock:
        """The clock of all use cases."""
        return self.context.clock

    @property
    def database(self) -> Database:
        """The database of all use cases."""
        return self.context.database

    orders = ServiceProperty(OrderService)
    invitations = ServiceProperty(InvitationService)
    links = ServiceProperty(LinkService)
    bulk_orders = ServiceProperty(BulkOrderService)
    bulk_actions = ServiceProperty(BulkActionService)
    colleagues = ServiceProperty(ColleagueService)
    consents = ServiceProperty(ConsentService)
    reminders = ServiceProperty(ReminderService)
    erasure = ServiceProperty(ErasureService)
    office_messages = ServiceProperty(OfficeMessageService)
    news = ServiceProperty(NewsService)
    offices = ServiceProperty(OfficeService)
    dossier_uploads = ServiceProperty(DossierUploadService)
    list_exports = ServiceProperty(ListExportService)
    dead_mails = ServiceProperty(DeadMailService)
    retention = ServiceProperty(RetentionService)
    worker_health = ServiceProperty(WorkerHealthService)
    sign_in = ServiceProperty(SignInService)

    @property
    def terms(self) -> TermsService:
        """The conditions, version by version."""
        return TermsService(self.context, self.shipped_terms)

    @property
    def card_attempts(self) -> CardAttemptService:
        """Submitting a card."""
        return CardAttemptService(self.context, self.bank, self.attempt_results)

    @property
    def attempt_results(self) -> AttemptResultService:
        """What became of a card at the bank."""
        return AttemptResultService(self.context, self.bank)

    @property
    def bank_apps(self) -> BankAppService:
        """Activations that wait in a bank's own app."""
        return BankAppService(self.context, self.bank_app)


def services() -> Services:
    """Return the services of the application that answers this request."""
    return cast("Services", current_app.extensions[EXTENSION])
