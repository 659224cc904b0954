"""The use cases: everything that can be done with an activation, one transaction each."""

from app.activations.bank_apps import BankApps
from app.activations.cards import Browser, Cards
from app.activations.desk import Desk
from app.activations.directory import Directory
from app.activations.entries import Agreement, Entries
from app.activations.erasures import Erasure, Erasures
from app.activations.followed import Followed, FollowedDossier, Happened, Tried
from app.activations.following import Following
from app.activations.invitations import Invitations
from app.activations.listing import Line, Listings
from app.activations.orders import NewOrder, Offer, Order, Orders, WrongFields, checked_reference
from app.activations.refusals import OrderProblem, Refused, Unavailable
from app.activations.reminders import Reminders
from app.activations.standing import LastAttempt, Standing
from app.activations.totals import Overview, Totals

__all__ = [
    "Activations",
    "Agreement",
    "Browser",
    "Desk",
    "Erasure",
    "Followed",
    "FollowedDossier",
    "Happened",
    "LastAttempt",
    "Line",
    "NewOrder",
    "Offer",
    "Order",
    "OrderProblem",
    "Refused",
    "Standing",
    "Totals",
    "Tried",
    "Unavailable",
    "WrongFields",
    "checked_reference",
]


class Activations(
    Orders,
    Invitations,
    Reminders,
    Listings,
    Following,
    Directory,
    Entries,
    Cards,
    BankApps,
    Erasures,
    Overview,
):
    """All use cases over one desk; each chapter stands in a module of its own."""
