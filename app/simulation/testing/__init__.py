"""What testers do on a running server: an office of one's own, time that goes by, a look behind the pages."""

from app.simulation.testing.ageing import LONGEST, TimeTravel
from app.simulation.testing.bank import BankControlClient
from app.simulation.testing.ground import UNSHOWN, NotPossibleNow, UnknownSandboxItem
from app.simulation.testing.mailbox import MaildirReader, SentMail
from app.simulation.testing.moments import Milestone, milestones
from app.simulation.testing.offices import SandboxDossier, SandboxOffice, SandboxOfficeService
from app.simulation.testing.posted import Mails
from app.simulation.testing.records import ActivationRecord

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
