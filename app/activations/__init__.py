"""The use cases: everything that can be done with an activation, one transaction each."""

from app.activations.bank_apps import BankAppService
from app.activations.cards import BrowserInfo, CardAttemptService
from app.activations.desk import Context
from app.activations.directory import Directory
from app.activations.entries import ConsentEvidence, LinkService
from app.activations.erasures import ErasureRecord, ErasureService
from app.activations.followed import ActivationDetail, AttemptRow, DossierDetail, EventRow
from app.activations.following import Following
from app.activations.invitations import InvitationService
from app.activations.listing import ActivationSummary, Listings
from app.activations.orders import (
    InvalidOrder,
    OrderOptions,
    OrderRequest,
    OrderService,
    PlacedOrder,
    parse_order_reference,
)
from app.activations.refusals import ActionRefused, LinkUnavailable, OrderProblem
from app.activations.reminders import ReminderService
from app.activations.standing import ActivationView, AttemptView
from app.activations.totals import OperatorTotals, Overview

__all__ = [
    "ActionRefused",
    "ActivationDetail",
    "ActivationSummary",
    "ActivationView",
    "Activations",
    "AttemptRow",
    "AttemptView",
    "BrowserInfo",
    "ConsentEvidence",
    "Context",
    "DossierDetail",
    "ErasureRecord",
    "EventRow",
    "InvalidOrder",
    "LinkUnavailable",
    "OperatorTotals",
    "OrderOptions",
    "OrderProblem",
    "OrderRequest",
    "PlacedOrder",
    "parse_order_reference",
]


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
    """All use cases over one desk; each chapter stands in a module of its own."""
