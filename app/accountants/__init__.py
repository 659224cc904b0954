"""The accounting offices: who they are and which dossiers they bring."""

from app.accountants.dossier_file import BadFile, Fault
from app.accountants.dossiers import Imported, import_dossiers
from app.accountants.visits import Visitor, Visits

__all__ = ["BadFile", "Fault", "Imported", "Visitor", "Visits", "import_dossiers"]
