"""The use cases: everything that can be done with an activation, one transaction each."""

from app.activations.cards import Browser, Cards
from app.activations.conclusions import Conclusions
from app.activations.desk import Desk
from app.activations.entries import Agreement, Entries
from app.activations.invitations import Invitations
from app.activations.orders import NewOrder, Order, Orders
from app.activations.refusals import OrderProblem, Refused, Unavailable
from app.activations.standing import LastAttempt, Standing

__all__ = [
    "Activations",
    "Agreement",
    "Browser",
    "Desk",
    "LastAttempt",
    "NewOrder",
    "Order",
    "OrderProblem",
    "Refused",
    "Standing",
    "Unavailable",
]


class Activations(Orders, Invitations, Entries, Cards, Conclusions):
    """All use cases over one desk; each chapter stands in a module of its own."""
