"""The portal's list: one row for each dossier and reference, as quick in a large office as in a small one."""

from app.activations.directory.counts import COUNTED
from app.activations.directory.pages import (
    ActivationPage,
    ActivationRow,
    ListCursor,
    ListQuery,
    NotOrderableReason,
)
from app.activations.directory.reading import Directory
from app.activations.directory.statements import FOUND

__all__ = [
    "COUNTED",
    "FOUND",
    "ActivationPage",
    "ActivationRow",
    "Directory",
    "ListCursor",
    "ListQuery",
    "NotOrderableReason",
]
