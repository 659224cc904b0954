"""Rows, and the constraints that carry the invariants."""

from app.models.activation import Activation, Attempt, Consent
from app.models.office import Accountant, Dossier, Mandate, Office
from app.models.portal import PortalSession, SignInLink
from app.models.rehearsal import QaOffice
from app.models.schema import Base
from app.models.trail import Event, OutboxMessage

__all__ = [
    "Accountant",
    "Activation",
    "Attempt",
    "Base",
    "Consent",
    "Dossier",
    "Event",
    "Mandate",
    "Office",
    "OutboxMessage",
    "PortalSession",
    "QaOffice",
    "SignInLink",
]
