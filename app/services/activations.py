"""All use cases of an activation as one object, each chapter from a module of its own."""

from app.queries.activation_list import Directory, Listings
from app.queries.dossier_detail import Following
from app.queries.operator_totals import Overview
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
    Listings,
    Following,
    Directory,
    LinkService,
    CardAttemptService,
    BankAppService,
    ErasureService,
    Overview,
):
    """All use cases over one context."""
