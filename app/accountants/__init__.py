"""The accounting offices: who they are and which dossiers they bring."""

from app.accountants.dossier_file import InvalidDossierFile, LineError
from app.accountants.dossiers import ImportSummary, import_dossiers
from app.accountants.sessions import SignedInAccountant
from app.accountants.sign_ins import InvalidEmailAddress
from app.accountants.staff import AccountantRow, UnknownAccountant
from app.accountants.visits import Visits

__all__ = [
    "AccountantRow",
    "ImportSummary",
    "InvalidDossierFile",
    "InvalidEmailAddress",
    "LineError",
    "SignedInAccountant",
    "UnknownAccountant",
    "Visits",
    "import_dossiers",
]
