"""All use cases of an activation as one object, each chapter from a module of its own."""

from app.services.bank_apps import BankAppService
from app.services.card_attempts import CardAttemptService
from app.services.erasure import ErasureService
from app.services.invitations import InvitationService
from app.services.links import LinkService
from app.services.orders import OrderService
from app.services.reminders import ReminderService


class Activations(
    OrderService,
    InvitationService,
    ReminderService,
    LinkService,
    CardAttemptService,
    BankAppService,
    ErasureService,
):
    """All use cases over one context."""
