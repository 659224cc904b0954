"""The accounting offices: who they are and which dossiers they bring."""

from app.accountants.dossier_file import BadFile, Fault
from app.accountants.dossiers import Imported, import_dossiers

__all__ = ["BadFile", "Fault", "Imported", "import_dossiers"]
