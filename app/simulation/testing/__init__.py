"""What testers do on a running server: an office of one's own, time that goes by, a look behind the pages."""

from app.simulation.testing.activation_records import ActivationRecord
from app.simulation.testing.bank_control import BankControlClient
from app.simulation.testing.maildir import MaildirReader, SentMail
from app.simulation.testing.sandbox_offices import (
    UNSHOWN,
    Mails,
    NotPossibleNow,
    SandboxDossier,
    SandboxOffice,
    SandboxOfficeService,
    UnknownSandboxItem,
)
from app.simulation.testing.time_travel import LONGEST, Milestone, TimeTravel, milestones

__all__ = [
    "LONGEST",
    "UNSHOWN",
    "ActivationRecord",
    "BankControlClient",
    "MaildirReader",
    "Milestone",
    "NotPossibleNow",
    "SandboxDossier",
    "SandboxOffice",
    "SandboxTools",
    "SentMail",
    "UnknownSandboxItem",
    "milestones",
]


class SandboxTools(SandboxOfficeService, TimeTravel, Mails):
    """All that testers can do; only a simulation has it."""
