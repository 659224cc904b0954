"""Ordering CARO for a client's card: every rule, one transaction, one invitation."""

from app.activations.orders.offers import DossierAccount, OrderOptions
from app.activations.orders.placing import OrderService, PlacedOrder
from app.activations.orders.wishes import (
    InvalidOrder,
    OrderRequest,
    parse_email_address,
    parse_order_reference,
)

__all__ = [
    "DossierAccount",
    "InvalidOrder",
    "OrderOptions",
    "OrderRequest",
    "OrderService",
    "PlacedOrder",
    "parse_email_address",
    "parse_order_reference",
]
