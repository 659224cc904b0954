"""Bringing the offices' dossiers in: what a file would change is planned, then done as a whole."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, auto
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from app.db import Database
from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.domain.identifiers import search_key
from app.domain.typed_text import fold_text
from app.models import Accountant, Dossier, Mandate, Office
from app.models.office import MandateState
from app.services.dossier_file import (
    CsvColumn,
    DossierFile,
    DossierLine,
    compare_code,
    find_rival_claims,
    parse_dossier_file,
)


class LineChange(StrEnum):
    """What a line of the file does."""

    CREATED = auto()
    UPDATED = auto()
    UNCHANGED = auto()


@dataclass(frozen=True)
class ImportSummary:
    """What became of the lines of a file."""

    created: int
    updated: int
    unchanged: int


@dataclass(frozen=True)
class _KnownDossier:
    id: int
    code: str
    name: str


@dataclass(frozen=True)
class _KnownMandate:
    id: int
    bank: str
    state: MandateState


@dataclass(frozen=True)
class PlannedLine:
    """A line, what it does, and what is there now; `doubt` is why somebody should look at it first."""

    entry: DossierLine
    change: LineChange
    dossier: _KnownDossier | None
    mandate: _KnownMandate | None
    doubt: FileFault | None


def summarize(plan: Iterable[PlannedLine]) -> ImportSummary:
    """Count the lines by what they do."""
    changes = [planned.change for planned in plan]
    return ImportSummary(**{change.value: changes.count(change) for change in LineChange})


def import_dossiers(database: Database, raw: bytes) -> ImportSummary:
    """Import a file of the operator in one transaction; raise InvalidFile, and then nothing has changed."""
    file = parse_dossier_file(raw)
    with database.write_connection() as connection:
        offices, added = _bring_in_people(connection, file)
        plan: list[PlannedLine] = []
        for office, entries in _group_by_office(file.entries).items():
            own = plan_import(connection, offices[office], entries)
            apply_plan(connection, offices[office], own)
            plan += own
        doubts = [planned.doubt for planned in plan if planned.doubt]
        if doubts:
            raise InvalidFile(*doubts)
    # Whoever is new among the office's people is a change as well.
    news = {planned.entry.line for planned in plan if planned.entry.email in added}
    changed = [p for p in plan if p.change is LineChange.UNCHANGED and p.entry.line in news]
    summary = summarize(plan)
    return ImportSummary(summary.created, summary.updated + len(changed), summary.unchanged - len(changed))


def plan_import(connection: Connection, office_id: int, entries: Sequence[DossierLine]) -> list[PlannedLine]:
    """Tell what each line would do to the dossiers of one office, and which of them are in doubt."""
    known = _OfficeRows(connection, office_id)
    rivals = find_rival_claims(list(entries))
    given_up = {(e.dossier_key, e.iban) for e in entries if e.state is MandateState.ARCHIVED}
    names: dict[tuple[str, str], str] = {}
    plan = []
    for entry in entries:
        dossier = known.find_dossier(entry.code)
        mandate = known.mandates.get((dossier.id, entry.iban)) if dossier else None
        name = names.setdefault(entry.dossier_key, entry.name)
        doubt = None
        if mandate is None or mandate.state is not entry.state:
            doubt = known.find_doubt(entry, rivals.get(entry), given_up)
        plan.append(PlannedLine(entry, _change(entry, name, dossier, mandate), dossier, mandate, doubt))
    return plan


def apply_plan(connection: Connection, office_id: int, plan: Sequence[PlannedLine]) -> None:
    """Bring the rows of an office up to date with the lines of a plan."""
    lines = {planned.entry.dossier_key: planned for planned in reversed(plan)}
    new = [p.entry for p in reversed(lines.values()) if p.dossier is None]
    _execute_many(connection, insert(Dossier), [_dossier_values(entry, office_id) for entry in new])
    renamed = [
        {"row": p.dossier.id, "name": p.entry.name, "name_key": search_key(p.entry.name)}
        for p in lines.values()
        if p.dossier and p.dossier.name != p.entry.name
    ]
    _execute_many(connection, update(Dossier).where(Dossier.id == bindparam("row")), renamed)
    known = _OfficeRows(connection, office_id)
    _execute_many(connection, insert(Mandate), list(_new_mandates(known, plan)))
    changed = [
        {"row": p.mandate.id, "bank": p.entry.bank, "state": p.entry.state}
        for p in plan
        if p.mandate and (p.mandate.bank, p.mandate.state) != (p.entry.bank, p.entry.state)
    ]
    _execute_many(connection, update(Mandate).where(Mandate.id == bindparam("row")), changed)


class _OfficeRows:
    """The dossiers and mandates of an office, found as people name them."""

    def __init__(self, connection: Connection, office_id: int) -> None:
        query = select(Dossier.id, Dossier.code, Dossier.name).where(Dossier.office_id == office_id)
        dossiers = connection.execute(query.order_by(Dossier.id))
        self._by_code = {row.code: _KnownDossier(row.id, row.code, row.name) for row in dossiers}
        self._alike: defaultdict[str, list[_KnownDossier]] = defaultdict(list)
        for dossier in self._by_code.values():
            self._alike[compare_code(dossier.code)].append(dossier)
        self.mandates: dict[tuple[int, str], _KnownMandate] = {}
        self._holders: defaultdict[str, list[str]] = defaultdict(list)
        claims = select(
            Mandate.dossier_id, Mandate.iban, Mandate.id, Mandate.bank, Mandate.state, Dossier.code
        )
        for row in connection.execute(claims.join(Dossier).where(Dossier.office_id == office_id)):
            self.mandates[row.dossier_id, row.iban] = _KnownMandate(row.id, row.bank, row.state)
            if row.state is MandateState.ACTIVE:
                self._holders[row.iban].append(row.code)

    def find_dossier(self, code: str) -> _KnownDossier | None:
        """Return the dossier of this very code, or else the first of one that people take for the same."""
        return self._by_code.get(code) or next(iter(self._alike[compare_code(code)]), None)

    def find_doubt(
        self, entry: DossierLine, rival: DossierLine | None, given_up: set[tuple[tuple[str, str], str]]
    ) -> FileFault | None:
        """Return why a line should be looked at: its account is another dossier's, or its code is of two."""
        if entry.code not in self._by_code and len(self._alike[compare_code(entry.code)]) > 1:
            codes = ", ".join(dossier.code for dossier in self._alike[compare_code(entry.code)])
            return FileFault(FileProblem.AMBIGUOUS_CODE, entry.line, "", codes)
        if rival:
            return FileFault(FileProblem.TWO_DOSSIERS, entry.line, "", f"{rival.code} ({rival.line})")
        for code in self._holders[entry.iban] if entry.state is MandateState.ACTIVE else ():
            key = entry.dossier_key[0], compare_code(code)
            if key != entry.dossier_key and (key, entry.iban) not in given_up:
                return FileFault(FileProblem.TWO_DOSSIERS, entry.line, "", code)
        return None


def _change(
    entry: DossierLine, name: str, dossier: _KnownDossier | None, mandate: _KnownMandate | None
) -> LineChange:
    if dossier is None or mandate is None:
        return LineChange.CREATED
    same = (dossier.name, mandate.bank, mandate.state) == (name, entry.bank, entry.state)
    return LineChange.UNCHANGED if same else LineChange.UPDATED


def _dossier_values(entry: DossierLine, office_id: int) -> dict[str, object]:
    keys = {"code_key": search_key(entry.code), "name_key": search_key(entry.name)}
    return {"office_id": office_id, "code": entry.code, "name": entry.name, **keys}


def _new_mandates(known: _OfficeRows, plan: Iterable[PlannedLine]) -> Iterator[dict[str, object]]:
    """Yield what a plan adds; a line that stands there twice adds once."""
    taken = set(known.mandates)
    for entry in (planned.entry for planned in plan):
        dossier = known.find_dossier(entry.code)
        if dossier and (dossier.id, entry.iban) not in taken:
            taken.add((dossier.id, entry.iban))
            yield {"dossier_id": dossier.id, "bank": entry.bank, "iban": entry.iban, "state": entry.state}


def _execute_many(connection: Connection, statement: Any, values: list[dict[str, object]]) -> None:
    if values:
        connection.execute(statement, values)


def _group_by_office(entries: Iterable[DossierLine]) -> Mapping[str, list[DossierLine]]:
    grouped: defaultdict[str, list[DossierLine]] = defaultdict(list)
    for entry in entries:
        grouped[fold_text(entry.office)].append(entry)
    return grouped


def _bring_in_people(connection: Connection, file: DossierFile) -> tuple[dict[str, int], set[str]]:
    """Add the offices and accountants that are new; return all offices, and the addresses that were added.

    Raise InvalidFile for accountants who are known already, but of another office.
    """
    query = select(Office.id, Office.name).order_by(Office.id.desc())
    offices = {fold_text(row.name): row.id for row in connection.execute(query)}
    for entry in file.entries:
        if fold_text(entry.office) not in offices:
            added = connection.execute(insert(Office).values(name=entry.office).returning(Office.id))
            offices[fold_text(entry.office)] = added.scalar_one()
    known = {
        row.email: row.office_id for row in connection.execute(select(Accountant.email, Accountant.office_id))
    }
    foreign = [
        e
        for e in file.entries
        if known.get(e.email, offices[fold_text(e.office)]) != offices[fold_text(e.office)]
    ]
    if foreign:
        column = file.headings[CsvColumn.EMAIL]
        raise InvalidFile(*(FileFault(FileProblem.KNOWN_ELSEWHERE, e.line, column) for e in foreign))
    new = {e.email: offices[fold_text(e.office)] for e in file.entries if e.email not in known}
    _execute_many(
        connection, insert(Accountant), [{"office_id": new[email], "email": email} for email in new]
    )
    return offices, set(new)
