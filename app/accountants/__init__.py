"""The accounting offices: who they are and which dossiers they bring."""

from app.accountants.dossier_file import BadFile, Fault
from app.accountants.dossiers import Imported, import_dossiers
from app.accountants.sessions import Visitor
from app.accountants.sign_ins import NotAnAddress
from app.accountants.staff import Member, NoSuchAccountant
from app.accountants.visits import Visits

__all__ = [
    "BadFile",
    "Fault",
    "Imported",
    "Member",
    "NoSuchAccountant",
    "NotAnAddress",
    "Visitor",
    "Visits",
    "import_dossiers",
]
