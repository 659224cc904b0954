"""Bringing the offices' dossiers in: all of a file or nothing, and a second time changes nothing."""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.db import Database
from app.models import Accountant, Dossier, Mandate, Office
from app.services.dossier_file import (
    CsvColumn,
    DossierFile,
    DossierLine,
    InvalidDossierFile,
    LineError,
    parse_dossier_file,
)

_R = TypeVar("_R", Office, Accountant, Dossier)


class _LineChange(StrEnum):
    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class ImportSummary:
    """What became of the lines of a file."""

    created: int
    updated: int
    unchanged: int


def import_dossiers(database: Database, raw: bytes) -> ImportSummary:
    """Import a dossier file in one transaction; raise InvalidDossierFile, and then nothing has changed."""
    file = parse_dossier_file(raw)
    with database.transaction() as session:
        shelves = _ImportedRows(session, file)
        _refuse_foreign_accountants(shelves, file)
        changes = Counter(shelves.apply_line(entry) for entry in file.entries)
    return ImportSummary(
        created=changes[_LineChange.CREATED],
        updated=changes[_LineChange.UPDATED],
        unchanged=changes[_LineChange.UNCHANGED],
    )


class _ImportedRows:
    """The rows that a file speaks of, read once; what is not there yet is added."""

    def __init__(self, session: Session, file: DossierFile) -> None:
        self._session = session
        names = {entry.office for entry in file.entries}
        emails = {entry.email for entry in file.entries}
        self.offices = {o.name: o for o in session.scalars(select(Office).where(Office.name.in_(names)))}
        self.accountants = {
            a.email: a for a in session.scalars(select(Accountant).where(Accountant.email.in_(emails)))
        }
        ids = [office.id for office in self.offices.values()]
        dossiers = session.scalars(select(Dossier).where(Dossier.office_id.in_(ids)))
        self._dossiers = {(dossier.office_id, dossier.code): dossier for dossier in dossiers}
        mandates = session.scalars(select(Mandate).join(Dossier).where(Dossier.office_id.in_(ids)))
        self._mandates = {(mandate.dossier_id, mandate.iban): mandate for mandate in mandates}

    def apply_line(self, entry: DossierLine) -> _LineChange:
        """Bring the rows of one line up to date; what became of its mandate tells what became of the line."""
        office = self._find_or_add_office(entry)
        known = self._find_or_add_accountant(entry, office)
        dossier, named = self._find_or_add_dossier(entry, office)
        change = self._find_or_add_mandate(entry, dossier)
        if change is _LineChange.UNCHANGED and not (known and named):
            return _LineChange.UPDATED
        return change

    def _find_or_add_office(self, entry: DossierLine) -> Office:
        office = self.offices.get(entry.office)
        if office is None:
            office = self.offices[entry.office] = self._add_row(Office(name=entry.office))
        return office

    def _find_or_add_accountant(self, entry: DossierLine, office: Office) -> bool:
        if entry.email in self.accountants:
            return True
        accountant = Accountant(office_id=office.id, email=entry.email)
        self.accountants[entry.email] = self._add_row(accountant)
        return False

    def _find_or_add_dossier(self, entry: DossierLine, office: Office) -> tuple[Dossier, bool]:
        """Return the dossier, and whether it was there under this name."""
        dossier = self._dossiers.get((office.id, entry.code))
        if dossier is None:
            dossier = self._add_row(Dossier(office_id=office.id, code=entry.code, name=entry.name))
            self._dossiers[office.id, entry.code] = dossier
            return dossier, False
        named = dossier.name == entry.name
        dossier.name = entry.name
        return dossier, named

    def _find_or_add_mandate(self, entry: DossierLine, dossier: Dossier) -> _LineChange:
        mandate = self._mandates.get((dossier.id, entry.iban))
        if mandate is None:
            mandate = Mandate(dossier_id=dossier.id, bank=entry.bank, iban=entry.iban, state=entry.state)
            self._mandates[dossier.id, entry.iban] = mandate
            self._session.add(mandate)
            return _LineChange.CREATED
        same = (mandate.bank, mandate.state) == (entry.bank, entry.state)
        mandate.bank, mandate.state = entry.bank, entry.state
        return _LineChange.UNCHANGED if same else _LineChange.UPDATED

    def _add_row(self, row: _R) -> _R:
        self._session.add(row)
        self._session.flush()
        return row


def _refuse_foreign_accountants(shelves: _ImportedRows, file: DossierFile) -> None:
    """Raise InvalidDossierFile for accountants who are known already, but of another office."""
    faults = []
    for entry in file.entries:
        known, office = shelves.accountants.get(entry.email), shelves.offices.get(entry.office)
        if known is not None and (office is None or known.office_id != office.id):
            reason = "this accountant is known already, at another office"
            faults.append(LineError(entry.line, file.headings[CsvColumn.EMAIL], reason))
    if faults:
        raise InvalidDossierFile(faults)
