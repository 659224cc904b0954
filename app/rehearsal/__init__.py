"""What testers do on a running server: an office of one's own, time that goes by, a look behind the pages."""

from app.rehearsal.ageing import LONGEST, TimeTravel
from app.rehearsal.bank import BankControlClient
from app.rehearsal.ground import UNSHOWN, NotPossibleNow, UnknownSandboxItem
from app.rehearsal.mailbox import MaildirReader, SentMail
from app.rehearsal.moments import Milestone, milestones
from app.rehearsal.offices import SandboxDossier, SandboxOffice, SandboxOfficeService
from app.rehearsal.posted import Mails
from app.rehearsal.records import ActivationRecord

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
