"""Rows, and the constraints that carry the invariants."""

from app.models.activation import Activation, Attempt, Consent
from app.models.base import Base
from app.models.bulk_action import BulkAction, BulkActionRow, BulkOrderRow
from app.models.dossier_upload import DossierUpload
from app.models.event import Event, OfficeEvent
from app.models.installation import SchemaSupport, WorkerHeartbeat
from app.models.office import (
    Accountant,
    ColleagueInvitation,
    Dossier,
    Mandate,
    Office,
    PortalSession,
    QaOffice,
    SignInLink,
)
from app.models.outbox_message import OutboxMessage
from app.models.published_terms import PublishedTerms

__all__ = [
    "Accountant",
    "Activation",
    "Attempt",
    "Base",
    "BulkAction",
    "BulkActionRow",
    "BulkOrderRow",
    "ColleagueInvitation",
    "Consent",
    "Dossier",
    "DossierUpload",
    "Event",
    "Mandate",
    "Office",
    "OfficeEvent",
    "OutboxMessage",
    "PortalSession",
    "PublishedTerms",
    "QaOffice",
    "SchemaSupport",
    "SignInLink",
    "WorkerHeartbeat",
]
