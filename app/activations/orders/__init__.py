"""Ordering CARO for a client's card: every rule, one transaction, one invitation."""

from app.activations.orders.offers import Account, Offer
from app.activations.orders.placing import Order, Orders
from app.activations.orders.wishes import NewOrder, WrongFields, checked_address, checked_reference

__all__ = [
    "Account",
    "NewOrder",
    "Offer",
    "Order",
    "Orders",
    "WrongFields",
    "checked_address",
    "checked_reference",
]
