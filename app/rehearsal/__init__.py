"""What testers do on a running server: an office of one's own, time that goes by, a look behind the pages."""

from app.rehearsal.ageing import LONGEST, Ageing
from app.rehearsal.bank import BankTools
from app.rehearsal.ground import UNSHOWN, Impossible, Unknown
from app.rehearsal.mailbox import Mailbox, Posted
from app.rehearsal.moments import Moment, moments
from app.rehearsal.offices import Offices, TestDossier, TestOffice
from app.rehearsal.posted import Mails
from app.rehearsal.records import Record

__all__ = [
    "LONGEST",
    "UNSHOWN",
    "BankTools",
    "Impossible",
    "Mailbox",
    "Moment",
    "Posted",
    "Record",
    "Rehearsals",
    "TestDossier",
    "TestOffice",
    "Unknown",
    "moments",
]


class Rehearsals(Offices, Ageing, Mails):
    """All that testers can do; only a simulation has it."""
