"""An office's dossiers come in from the file that its own software or Excel wrote."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.db import Database
from app.domain.banks import BANKS
from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.domain.identifiers import may_be_held_at
from app.domain.order_rules import OrderProblem
from app.models import Accountant, Dossier, Mandate, Office
from app.models.office import MandateState
from app.queries.activation_list import list_activations
from app.queries.list_query import ListQuery
from app.services.dossier_file import RULES, CsvColumn
from app.services.dossier_import import ImportSummary, import_dossiers
from app.web.extensions import Services
from tests.support.office import order_for

SAMPLE = Path(__file__).resolve().parents[2] / "docs" / "sample-dossiers.csv"
HEADER = "Bureau;E-mail comptable;Code;Nom;Banque;IBAN;État"
FIELDS = ("office", "email", "code", "name", "bank", "iban", "state")
LINE = "Bureau Éloi;zoe@éloi.example;C1;Café Noël;Belfius;BE46 0630 0000 0136;actif"


def text(*lines: str) -> bytes:
    return "\r\n".join((HEADER, *lines, "")).encode()


def line(**changes: str) -> str:
    cells = dict(zip(FIELDS, LINE.split(";"), strict=True))
    return ";".join((cells | changes).values())


def faults(database: Database, raw: bytes) -> list[FileFault]:
    with pytest.raises(InvalidFile) as caught:
        import_dossiers(database, raw)
    return caught.value.faults


def names(database: Database) -> set[str]:
    with database.read_connection() as connection:
        return set(connection.execute(select(Dossier.name)).scalars())


def test_sample_file_is_taken_whole(database: Database) -> None:
    first = import_dossiers(database, SAMPLE.read_bytes())
    assert first == ImportSummary(created=12, updated=0, unchanged=0)


def test_importing_twice_changes_nothing(database: Database) -> None:
    import_dossiers(database, SAMPLE.read_bytes())
    again = import_dossiers(database, SAMPLE.read_bytes())
    assert again == ImportSummary(created=0, updated=0, unchanged=12)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [";", ","])
def test_every_excel_export_is_read(database: Database, encoding: str, delimiter: str) -> None:
    raw = text(line(email="zoe@eloi.example")).decode().replace(";", delimiter).encode(encoding)
    assert import_dossiers(database, raw) == ImportSummary(created=1, updated=0, unchanged=0)
    assert "Café Noël" in names(database)


def test_english_headings_and_states_do(database: Database) -> None:
    header = "office,accountant_email,code,name,bank,iban,state"
    row = 'Office,a@office.example,C1,"Smith, Jones & Co",belfius,BE46063000000136,ARCHIVED'
    import_dossiers(database, f"{header}\n{row}\n".encode())
    assert "Smith, Jones & Co" in names(database)


def test_rows_hold_what_the_file_said(database: Database) -> None:
    import_dossiers(database, text(line(email="Zoe@Éloi.example")))
    with database.read_connection() as connection:
        row = connection.execute(
            select(Office.name, Accountant.email, Dossier.code, Mandate.bank, Mandate.iban, Mandate.state)
            .join(Accountant, Accountant.office_id == Office.id)
            .join(Dossier, Dossier.office_id == Office.id)
            .join(Mandate, Mandate.dossier_id == Dossier.id)
            .where(Office.name == "Bureau Éloi")
        ).one()
    assert row == ("Bureau Éloi", "zoe@xn--loi-9la.example", "C1", "belfius", "BE46063000000136", "active")


def test_imported_dossier_can_be_ordered(database: Database, services: Services) -> None:
    import_dossiers(database, text(line(email="zoe@eloi.example")))
    order = services.orders.place_order(order_for(office="Bureau Éloi", dossier_code="C1"))
    assert order.link


@pytest.mark.parametrize(
    ("cell", "kept"),
    [
        ("Acme\u202e SA\u200b", "Acme SA"),
        ("Cafe\u0301\u00a0 Noël", "Café Noël"),
        ("'t Hoekje – Gand", "'t Hoekje – Gand"),
        ("'=1+1", "=1+1"),
        ("'-Zoë", "-Zoë"),
    ],
)
def test_name_is_kept_as_it_is_seen(database: Database, cell: str, kept: str) -> None:
    import_dossiers(database, text(line(name=cell)))
    assert kept in names(database)


@pytest.mark.parametrize("cell", ["'0012", '"=""0012"""', " 0012\u200e"])
def test_code_loses_what_keeps_it_a_text_in_a_spreadsheet(database: Database, cell: str) -> None:
    import_dossiers(database, text(line(code=cell)))
    with database.read_connection() as connection:
        assert "0012" in connection.execute(select(Dossier.code)).scalars().all()


def test_changed_line_updates_its_dossier(database: Database) -> None:
    import_dossiers(database, text(line(), line(iban="BE06 0550 0000 1322", code="C2", name="Other")))
    changed = import_dossiers(
        database, text(line(state="archivé"), line(iban="BE06 0550 0000 1322", code="C2", name="New name"))
    )
    assert changed == ImportSummary(created=0, updated=2, unchanged=0)
    assert "New name" in names(database)
    assert "Other" not in names(database)
    with database.read_connection() as connection:
        mandates = select(Dossier.code, Mandate.state).join(Mandate).where(Dossier.code.in_(("C1", "C2")))
        states = {(code, state) for code, state in connection.execute(mandates)}
    assert states == {("C1", MandateState.ARCHIVED), ("C2", MandateState.ACTIVE)}


def test_what_a_file_brings_is_found_in_the_list(database: Database, services: Services) -> None:
    import_dossiers(database, text(line()))
    import_dossiers(database, text(line(name="Thé d'Été")))
    with database.read_connection() as connection:
        office = connection.execute(select(Office.id).where(Office.name == "Bureau Éloi")).scalar_one()
    context = services.for_office(office).context
    found = {
        words: [row.code for row in list_activations(context, ListQuery(text=words)).entries]
        for words in ("c1", "the ete", "cafe noel")
    }
    assert found == {"c1": ["C1"], "the ete": ["C1"], "cafe noel": []}


def test_blank_lines_of_excel_pass(database: Database) -> None:
    assert import_dossiers(database, text("", ";;;;;;", line(), " ; ;;;;;")).created == 1


@pytest.mark.parametrize(
    ("column", "heading", "cell", "problem"),
    [
        ("office", "Bureau", "", FileProblem.EMPTY),
        ("office", "Bureau", "B" * 121, FileProblem.TOO_LONG),
        ("email", "E-mail comptable", "zoe at eloi", OrderProblem.BAD_ADDRESS),
        ("code", "Code", "C\x001", FileProblem.CONTROL_CHARACTER),
        ("name", "Nom", '"Café\nNoël"', FileProblem.CONTROL_CHARACTER),
        ("email", "E-mail comptable", "zoé@eloi.example", OrderProblem.ADDRESS_ACCENT),
        ("email", "E-mail comptable", "zoe@eloi,example", OrderProblem.ADDRESS_COMMA),
        ("iban", "IBAN", "063-0000001-36", OrderProblem.OLD_ACCOUNT_NUMBER),
        ("iban", "IBAN", "BE46 0630 0000 013", OrderProblem.IBAN_LENGTH),
        ("bank", "Banque", "Atlantis", FileProblem.UNKNOWN_BANK),
        ("iban", "IBAN", "BE46 0630 0000 0137", OrderProblem.BAD_IBAN),
        ("iban", "IBAN", "BE78 7350 0000 0186", FileProblem.ACCOUNT_ELSEWHERE),
        ("state", "État", "peut-être", FileProblem.UNKNOWN_STATE),
        ("code", "Code", "6,12E+09", FileProblem.REWRITTEN),
        ("code", "Code", "1.23E+11", FileProblem.REWRITTEN),
        ("name", "Nom", "4111 1111 1111 1111", FileProblem.CARD_NUMBER),
    ],
)
def test_bad_cell_is_named(
    database: Database, column: str, heading: str, cell: str, problem: FileProblem | OrderProblem
) -> None:
    (fault,) = faults(database, text(line(code="C0", iban="BE06 0550 0000 1322"), line(**{column: cell})))
    assert (fault.line, fault.column, fault.problem) == (3, heading, problem)


def test_one_bad_line_stops_everything(database: Database) -> None:
    before = names(database)
    faults(database, text(line(), line(code="C2", iban="x"), line(code="C3", state="x")))
    assert names(database) == before


def test_every_bad_line_is_reported(database: Database) -> None:
    reported = faults(database, text(line(iban="x", state="x"), line(), "Bureau"))
    assert [fault.line for fault in reported] == [2, 2, 4, 4, 4, 4, 4, 4]


def test_line_numbers_survive_quoted_breaks(database: Database) -> None:
    reported = faults(database, text('"Bureau\nÉloi";a;b;c;d;e;f', line(state="x")))
    assert {fault.line for fault in reported} == {2, 4}


@pytest.mark.parametrize(
    ("second", "heading"),
    [
        (line(name="Another name"), "Nom"),
        (line(office="Bureau Autre"), "E-mail comptable"),
        (line(state="archivé"), "État"),
    ],
)
def test_lines_that_disagree_are_refused(database: Database, second: str, heading: str) -> None:
    (fault,) = faults(database, text(line(), second))
    assert (fault.line, fault.column, fault.about) == (3, heading, 2)


def test_accountant_of_another_office_is_refused(database: Database) -> None:
    import_dossiers(database, text(line()))
    (fault,) = faults(database, text(line(office="Bureau Autre")))
    assert fault.column == "E-mail comptable"


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"", FileProblem.NO_HEADINGS),
        (b"Bureau;Code\r\n", FileProblem.COLUMN_MISSING),
        (f"{HEADER};iban\r\n{LINE};x\r\n".encode(), FileProblem.COLUMN_TWICE),
        (text(), FileProblem.NO_ROWS),
        (text(line()) + b"\x81\xff", FileProblem.ENCODING),
        (text(line(name='"Café')), FileProblem.QUOTATION),
    ],
)
def test_unreadable_file_is_explained(database: Database, raw: bytes, problem: FileProblem) -> None:
    assert {fault.problem for fault in faults(database, raw)} == {problem}


@pytest.mark.parametrize(
    ("old", "new"), [("00123", "123"), ("DOS01", "dos01"), ("Éloi", "eloi"), ("123", "00123")]
)
def test_a_code_is_compared_as_people_read_it(database: Database, old: str, new: str) -> None:
    import_dossiers(database, text(line(code=old)))

    assert import_dossiers(database, text(line(code=new))).unchanged == 1
    archived = import_dossiers(database, text(line(code=new, state="archivé")))
    assert archived == ImportSummary(created=0, updated=1, unchanged=0)


def test_an_office_is_known_by_its_name_whatever_its_accents(database: Database) -> None:
    import_dossiers(database, text(line()))

    assert import_dossiers(database, text(line(office="BUREAU ELOI"))).unchanged == 1


def test_a_code_that_two_dossiers_almost_have_is_asked_about(database: Database) -> None:
    office = "Bureau Éloi"
    import_dossiers(database, text(line(code="0123")))
    with database.transaction() as session:
        office_id = session.scalars(select(Office.id).where(Office.name == office)).one()
        session.add(Dossier(office_id=office_id, code="00123", name="Other"))

    (fault,) = faults(database, text(line(code="123", iban="BE06 0550 0000 1322")))

    assert (fault.problem, fault.about) == (FileProblem.AMBIGUOUS_CODE, "0123, 00123")


def test_an_account_that_two_dossiers_claim_is_asked_about(database: Database) -> None:
    (within,) = faults(database, text(line(), line(code="C2", name="Other")))
    assert (within.line, within.problem, within.about) == (3, FileProblem.TWO_DOSSIERS, "C1 (2)")

    import_dossiers(database, text(line()))
    (before,) = faults(database, text(line(code="C2", name="Other")))
    assert (before.line, before.problem, before.about) == (2, FileProblem.TWO_DOSSIERS, "C1")


def test_an_account_may_move_from_one_dossier_to_another(database: Database) -> None:
    import_dossiers(database, text(line()))

    moved = import_dossiers(database, text(line(state="archivé"), line(code="C2", name="Other")))

    assert moved == ImportSummary(created=1, updated=1, unchanged=0)


@pytest.mark.parametrize(
    ("iban", "banks"),
    [
        ("BE78735000000186", {"kbc", "cbc"}),
        ("BE06193000000122", {"kbc", "cbc"}),
        ("BE59142000000126", {"bnp_paribas_fortis", "fintro"}),
        ("BE85979000000106", {"argenta"}),
        ("BE68539007547034", set(BANKS)),
    ],
)
def test_accounts_belong_to_their_bank(iban: str, banks: set[str]) -> None:
    assert {bank for bank in BANKS if may_be_held_at(BANKS[bank], iban)} == banks


def test_every_column_has_its_check() -> None:
    assert set(RULES) == set(CsvColumn)
