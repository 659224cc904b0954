"""Offices' files are read in whatever dress they come, and what is no such file is refused with a reason."""

import re
import tracemalloc
from collections.abc import Callable, Mapping
from datetime import date
from io import BytesIO
from zipfile import ZipFile

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.file_rules import FileFault, FileProblem, InvalidFile
from app.domain.typed_text import fold_keyword
from app.i18n import LANGUAGES, override_locale
from app.models.office import MandateState
from app.services.dossier_file import (
    OFFICE_RULES,
    RULES,
    STATES,
    CsvColumn,
    DossierLine,
    compare_code,
    parse_dossier_file,
)
from app.services.office_file import ColumnRule, fold_heading
from app.services.order_file import RULES as ORDER_RULES
from app.services.order_file import OrderColumn, parse_order_file
from app.web.file_wording import COLUMN_NAMES, FILE_PROBLEMS, tell_fault
from tests.support.office_files import HEADINGS, ROW, SHEET, STRINGS, csv_file, repack, sheet_of, workbook

SECOND = ("C2", "Garage Ö", "KBC Bank NV", "BE78735000000186", "archivé")


LETTERS = "abcXYZ&.,()ßàâäçèéêëîïñôöùûüÿÀÂÄÇÈÉÊËÎÏÔÖÙÛÜŒœŽžŠš€’“”–…ŁłřΩЖ漢"


def read(raw: bytes, most_rows: int = 1000) -> list[DossierLine]:
    return parse_dossier_file(raw, OFFICE_RULES, most_rows).entries


def problems(raw: bytes, most_rows: int = 1000) -> list[tuple[int, str, FileProblem]]:
    with pytest.raises(InvalidFile) as caught:
        read(raw, most_rows)
    return [(fault.line, fault.column, FileProblem(fault.problem)) for fault in caught.value.faults]


def test_the_tables_are_total() -> None:
    assert {problem for problem in FileProblem if problem not in FILE_PROBLEMS} == set()
    assert set(RULES) == set(CsvColumn) <= set(COLUMN_NAMES)


def test_every_column_is_read_by_the_name_that_sentences_give_it() -> None:
    assert {*RULES, *ORDER_RULES} == COLUMN_NAMES.keys()
    unread = []
    for language in LANGUAGES:
        with Flask("app").app_context(), override_locale(language):
            unread += [
                f"{language}: {COLUMN_NAMES[column]}"
                for table in (RULES, ORDER_RULES)
                for column, rule in table.items()
                if fold_heading(str(COLUMN_NAMES[column])) not in rule.folded
            ]
    assert unread == []


@pytest.mark.parametrize(
    "problem", [FileProblem.OTHER_NAME, FileProblem.OTHER_OFFICE, FileProblem.OTHER_STATE]
)
def test_the_number_of_a_line_is_written_as_people_write_it(problem: FileProblem) -> None:
    with Flask("app").app_context(), override_locale("en"):
        assert "line 12,345." in tell_fault(FileFault(problem, 12_346, "Name", 12_345))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_of_a_state_that_a_sentence_asks_for_are_read(language: str) -> None:
    with Flask("app").app_context(), override_locale(language):
        words = re.findall(r"[“„«](.*?)[”“»]", str(FILE_PROBLEMS[FileProblem.UNKNOWN_STATE]))
    assert [STATES.get(fold_keyword(word)) for word in words] == [*MandateState]


@given(
    encoding=st.sampled_from(("utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be")),
    separator=st.sampled_from(";,\t"),
    line_end=st.sampled_from(("\r\n", "\n", "\r")),
    above=st.lists(
        st.sampled_from(("Mandats CODA", "Export du 30/11/2026", "# Fiduciaire Éloi", "", ";;;")), max_size=3
    ),
    names_separator=st.booleans(),
)
@settings(max_examples=60)
def test_a_csv_says_the_same_in_any_dress(
    encoding: str, separator: str, line_end: str, above: list[str], names_separator: bool
) -> None:
    first = [f"sep={separator}"] if names_separator else []
    raw = csv_file(
        ROW, SECOND, above=[*first, *above], separator=separator, encoding=encoding, line_end=line_end
    )

    one, two = read(raw)

    assert (one.name, two.name, two.bank, two.state) == ("Café Noël", "Garage Ö", "kbc", "archived")
    assert one.line == len(first) + len(above) + 2


@given(st.text(LETTERS, min_size=1, max_size=30))
@settings(max_examples=60)
def test_a_name_in_unicode_is_kept_letter_by_letter(name: str) -> None:
    (line,) = read(csv_file(("C1", f"A {name}", *ROW[2:]), encoding="utf-8"))

    assert line.name == f"A {name}"


@pytest.mark.parametrize("encoding", ["mac_roman", "cp850"])
@pytest.mark.parametrize(
    "name", ["Café Liégeois", "België", "Müller", "Hôtel du Parc", "Garçon", "Léa", "Bäcker", "Pâtisserie"]
)
def test_letters_that_would_become_others_are_refused_with_their_line(encoding: str, name: str) -> None:
    raw = csv_file((*ROW[:1], "Plain", *ROW[2:4], "active"), (*SECOND[:1], name, *SECOND[2:4], "active"))
    raw = raw.decode().replace("État", "Etat").encode(encoding)

    assert problems(raw) == [(3, "", FileProblem.ENCODING)]


@pytest.mark.parametrize(
    "name",
    ["L’Été", "Œuvre “sociale”", "Boucherie…", "A–Z", "Éloi™", "5 €", "D'Août & Fils", "Straße", "ÉCOLE"],
)
def test_windows_letters_of_belgium_are_read(name: str) -> None:
    (line,) = read(csv_file(("C1", name, *ROW[2:]), encoding="cp1252"))

    assert line.name == name


def headings_of(rule: ColumnRule) -> list[str]:
    return [heading for heading in rule.headings if heading != "dossier"]


@pytest.mark.parametrize("column", OFFICE_RULES)
def test_every_heading_finds_its_column_and_no_other(column: CsvColumn) -> None:
    place = list(OFFICE_RULES).index(column)
    for heading in headings_of(OFFICE_RULES[column]):
        assert heading == fold_keyword(heading), heading
        headings = [*HEADINGS[:place], heading, *HEADINGS[place + 1 :]]
        assert len(read(csv_file(ROW, headings=headings))) == 1, heading


GOOD, BOOK = workbook(ROW), "xl/workbook.xml"


#: What has once been read is read by each later version.
ONCE_READ: Mapping[ColumnRule, str] = {
    RULES[CsvColumn.OFFICE]: (
        "Office, Bureau, Kantoor, Büro, Buro, Bureau comptable, Accounting office, Boekhoudkantoor, "
        "Accountantskantoor, Buchhaltungsbüro, Kanzlei, Fiduciaire"
    ),
    RULES[CsvColumn.EMAIL]: (
        "Accountant email, E-mail comptable, Courriel du comptable, E-mailadres boekhouder, "
        "Emailadres accountant, E-Mail-Adresse Buchhalter, E-Mail des Buchhalters, Email of accountant, "
        "Email of the office, Adresse e-mail du bureau, E-mailadres van het kantoor, E-Mail-Adresse des Büros"
    ),
    RULES[CsvColumn.CODE]: (
        "Code, Code dossier, Dossier code, Dossiercode, Code client, Client code, Klantcode, "
        "Numéro de dossier, N° dossier, No dossier, Dossier number, Dossiernummer, Dossiernr., Klantnummer, "
        "Klantnr., Mandantennummer, Mandantennr., Kundennummer, Dossier, Code du dossier, N° de dossier, "
        "N° client, Numéro de client, Client number"
    ),
    RULES[CsvColumn.NAME]: (
        "Name, Nom, Naam, Nom du dossier, Dossier name, Dossiernaam, Name des Dossiers, Nom dossier, "
        "Naam dossier, Nom du client, Client name, Klantnaam, Naam klant, Kundenname, Client, Klant, Kunde, "
        "Mandant, Dénomination, Raison sociale, Benaming, Firma, Société, Company, Bedrijfsnaam, Entreprise, "
        "Nom de l’entreprise, Nom de la société, Firmenname, Name des Kunden, Naam van de klant, "
        "Onderneming, Bedrijf, Unternehmen, Company name"
    ),
    RULES[CsvColumn.BANK]: (
        "Bank, Banque, Nom de la banque, Bank name, Banknaam, Name der Bank, BIC, Code BIC"
    ),
    RULES[CsvColumn.IBAN]: (
        "IBAN, N° IBAN, No IBAN, Numéro IBAN, IBAN number, IBAN-nummer, IBANnummer, IBAN nr., "
        "IBAN rekening, Compte IBAN, Compte, Numéro de compte, N° compte, Account, Account number, Rekening, "
        "Rekeningnummer, Bankrekening, Konto, Kontonummer, Compte bancaire, N° de compte, "
        "N° de compte bancaire, Bankrekeningnummer, Rekeningnr., Bankkonto, Bank account"
    ),
    RULES[CsvColumn.STATE]: (
        "State, État, Statut, Status, Toestand, Staat, Zustand, Statuut, État du mandat, Statut du mandat, "
        "Mandate state, Mandate status, Status mandaat, Mandaatstatus, Status des Mandats, Mandatsstatus, "
        "Statut mandat, État mandat, Status van het mandaat"
    ),
    ORDER_RULES[OrderColumn.REFERENCE]: (
        "Client reference, Référence client, Klantenreferentie, Kundenreferenz, Reference, Referentie, "
        "Referenz, Réf. client, N° référence client, Réf., Référence du client, Réf. du client, "
        "Klantreferentie, Klantenreferentienummer, Referentie klant, Kundenreferenznummer, Referenznummer, "
        "Numéro de référence client, Customer reference"
    ),
    ORDER_RULES[OrderColumn.ADDRESS]: (
        "Email titulaire, E-mail du titulaire, Courriel kaarthouder, E-mailadres cardholder, "
        "Cardholder emailadres, Cardholder’s e-mail adresse, Mail, Email address, "
        "E-mail du titulaire de la carte, Adresse e-mail du titulaire de la carte, "
        "E-mailadres van de kaarthouder, Adresse, Adres, E-Mail-Adresse für die Einladung, Adresse e-mail, "
        "Adresse mail, Adresse e-mail du titulaire, E-mail adres, E-mail van de kaarthouder, Mailadres, "
        "E-Mail Karteninhaber, E-Mail des Karteninhabers, E-Mail-Adresse des Karteninhabers, Courriel, "
        "Courriel du titulaire, Titulaire e-mail"
    ),
    ORDER_RULES[OrderColumn.LANGUAGE]: (
        "Language, Langue, Taal, Sprache, Cardholder’s language, Langue du titulaire, "
        "Langue du titulaire de la carte, Taal van de kaarthouder, Sprache der E-Mails, Langue titulaire, "
        "Taal kaarthouder, Code langue, Taalcode, Sprache des Karteninhabers, Language code, Sprachcode"
    ),
}


@pytest.mark.parametrize("rule", ONCE_READ)
def test_a_heading_that_was_once_read_stays_known(rule: ColumnRule) -> None:
    known = set(rule.folded)

    assert [heading for heading in ONCE_READ[rule].split(", ") if fold_heading(heading) not in known] == []


@pytest.mark.parametrize("rules", [RULES, ORDER_RULES], ids=["dossiers", "orders"])
def test_no_heading_means_two_columns(rules: Mapping[str, ColumnRule]) -> None:
    known = [heading for rule in rules.values() for heading in set(rule.folded)]

    assert [heading for heading in known if known.count(heading) > 1] == []
    assert "" not in known


@pytest.mark.parametrize(
    "headings",
    [
        ("Dossiercode", "Naam", "Bank", "Rekeningnummer", "Toestand"),
        ("Mandantennummer", "Name", "Bank", "Konto", "Zustand"),
        ("Code dossier", "Dossier", "BIC", "N° IBAN", "Statut"),
        ("Dossier", "Client", "Banque", "IBAN", "Status"),
    ],
)
def test_headings_of_each_language_are_known(headings: tuple[str, ...]) -> None:
    # A column "Dossier" beside a code is left alone.
    headings = tuple(
        "Nom" if heading == "Dossier" and "Code dossier" in headings else heading for heading in headings
    )
    assert len(read(csv_file(ROW, headings=headings))) == 1


@pytest.mark.parametrize(
    ("state", "written"),
    [
        (MandateState.ACTIVE, "active, ACTIF, Actief, aktiv"),
        (
            MandateState.ARCHIVED,
            "archived, archivé, Archivée, Gearchiveerd, archiviert, inactive, Inactif, inactief, inaktiv",
        ),
    ],
)
def test_states_of_each_language_are_known(state: MandateState, written: str) -> None:
    rows = [(f"C{word}", *ROW[1:4], word) for word in written.split(", ")]

    assert [line.state for line in read(csv_file(*rows))] == [state] * len(rows)


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("fr", "fr, FR-BE, Français, francais, Frans, French, Französisch, F, f, FRA, FRE"),
        ("nl", "nl, Nederlands, néerlandais, Dutch, Niederländisch, N, NLD, dut"),
        ("en", "en, English, anglais, Engels, E, ENG"),
        ("de", "de, Deutsch, allemand, Duits, German, D, DEU, ger"),
    ],
)
def test_a_language_is_known_by_its_names_and_as_accounting_programs_write_it(
    language: str, written: str
) -> None:
    headings, words = ("Code", "Référence", "E-mail", "Langue"), written.split(", ")
    file = csv_file(*(("C1", "612", "jan@client.example", word) for word in words), headings=headings)

    assert [row.cells[OrderColumn.LANGUAGE] for row in parse_order_file(file, "")] == [language] * len(words)


@pytest.mark.parametrize(
    ("bank", "iban", "key"),
    [
        ("KBC Bank NV", "BE78735000000186", "kbc"),
        ("KREDBEBB", "BE78735000000186", "kbc"),
        ("CREGBEBBXXX", "BE78735000000186", "cbc"),
        ("BNP Paribas Fortis SA", "BE59142000000126", "bnp_paribas_fortis"),
        ("GEBA BE BB", "BE59142000000126", "bnp_paribas_fortis"),
        ("Argenta Spaarbank", "BE85979000000106", "argenta"),
        ("Banque Belfius", "BE46063000000136", "belfius"),
        ("AXA Bank", "BE05103000000775", "crelan"),
    ],
)
def test_a_bank_is_known_by_each_of_its_names_and_its_bic(bank: str, iban: str, key: str) -> None:
    (line,) = read(csv_file(("C1", "Name", bank, iban, "actif")))

    assert line.bank == key


def test_a_workbook_is_read_with_its_own_line_numbers() -> None:
    numbers = (123, "Café Noël", "belfius", "BE46063000000136", "actif")
    raw = workbook(numbers, (), (6123.0, *SECOND[1:]), above=(("Liste du bureau",), ()))

    one, two = read(raw)

    assert (one.code, one.line, two.code, two.line) == ("123", 4, "6123", 6)


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("=1+1", FileProblem.FORMULA),
        (date(2026, 12, 1), FileProblem.REWRITTEN),
        ("6,12E+09", FileProblem.REWRITTEN),
        (None, FileProblem.EMPTY),
    ],
)
def test_a_cell_of_a_workbook_that_is_no_text_is_named(cell: object, problem: FileProblem) -> None:
    raw = workbook(ROW, (cell, *SECOND[1:]))

    assert problems(raw) == [(3, "Code", problem)]


def test_a_number_that_a_program_wrote_with_a_point_is_read_as_a_whole_one() -> None:
    raw = workbook((6123, *ROW[1:]))
    sheet = ZipFile(BytesIO(raw)).read(SHEET).replace(b"<v>6123</v>", b"<v>6.123E+3</v>")

    assert [line.code for line in read(repack(raw, {SHEET: sheet}))] == ["6123"]


def test_a_workbook_that_refers_to_another_is_read_without_it() -> None:
    elsewhere = (
        b'<externalReferences xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        b'<externalReference r:id="rId99"/></externalReferences>'
    )
    book = ZipFile(BytesIO(GOOD)).read(BOOK).replace(b"</sheets>", b"</sheets>" + elsewhere)

    assert len(read(repack(GOOD, {BOOK: book}))) == 1


def test_headings_stand_in_one_of_the_first_twenty_rows() -> None:
    assert len(read(csv_file(ROW, above=["Fiduciaire"] * 19))) == 1
    assert problems(csv_file(ROW, above=["Fiduciaire"] * 20)) == [(0, "", FileProblem.NO_HEADINGS)]


def test_what_stands_beside_our_columns_is_left_alone() -> None:
    raw = workbook((*ROW, "=A2"), ("", "", "", "", "", "=SUM(F2)"), headings=(*HEADINGS, "Total"))

    assert len(read(raw)) == 1


def test_a_gap_in_a_sheet_may_be_twice_as_long_as_a_file_and_a_thousand_rows() -> None:
    gap = [()] * (2 * 5 + 1000 - 1)

    assert [one.line for one in read(workbook(*gap, ROW), 5)] == [1011]
    assert problems(workbook(*gap, (), ROW), 5) == [(0, "", FileProblem.TOO_MANY_ROWS)]


@pytest.mark.parametrize(
    ("code", "compared"),
    [("DOS01", "dos01"), ("00123", "123"), ("000", "0"), ("0", "0"), ("0A1", "0a1"), ("1.0", "1.0")],
)
def test_codes_are_compared_as_spreadsheets_write_them(code: str, compared: str) -> None:
    assert compare_code(code) == compared


@pytest.mark.parametrize(("place", "longest"), [(0, 40), (1, 120)], ids=["code", "name"])
def test_a_code_and_a_name_may_be_so_long(place: int, longest: int) -> None:
    def row(length: int) -> list[str]:
        return [*ROW[:place], "x" * length, *ROW[place + 1 :]]

    assert len(read(csv_file(row(longest)))) == 1
    assert problems(csv_file(row(longest + 1))) == [(2, HEADINGS[place], FileProblem.TOO_LONG)]


def test_too_many_rows_and_columns_are_refused() -> None:
    rows = [(f"C{n}", *ROW[1:]) for n in range(6)]
    assert problems(csv_file(*rows), 5) == [(0, "", FileProblem.TOO_MANY_ROWS)]
    assert problems(workbook(*rows), 5) == [(0, "", FileProblem.TOO_MANY_ROWS)]
    wide = (*HEADINGS, *("x" for _ in range(3000)))
    assert problems(csv_file(ROW, headings=wide)) == [(1, "", FileProblem.TOO_MANY_COLUMNS)]
    assert problems(workbook(ROW, headings=wide)) == [(0, "", FileProblem.TOO_LARGE)]
    assert problems(workbook(ROW, headings=wide[:200])) == [(1, "", FileProblem.TOO_MANY_COLUMNS)]


_PARTS = len(ZipFile(BytesIO(GOOD)).namelist())


@pytest.mark.parametrize(
    ("most", "make"),
    [
        (50 - 2, lambda number: {"docProps/x.xml": b"sheetId=" * number}),
        (500 - _PARTS, lambda number: {f"docProps/{one}.xml": b"" for one in range(number)}),
    ],
    ids=["sheets", "parts"],
)
def test_a_workbook_may_have_so_many_sheets_and_parts(
    most: int, make: Callable[[int], dict[str, bytes]]
) -> None:
    assert len(read(repack(GOOD, make(most)))) == 1
    assert problems(repack(GOOD, make(most + 1))) == [(0, "", FileProblem.TOO_LARGE)]


HOSTILE = {
    "a sheet that inflates": repack(GOOD, {SHEET: sheet_of(b" " * 80_000_000)}),
    "a row that inflates": repack(GOOD, {SHEET: sheet_of(b"<row>" + b"<c/>" * 2_000_000 + b"</row>")}),
    "rows without end": repack(GOOD, {SHEET: sheet_of(b"<row></row>" * 2_000_000)}),
    "texts that inflate": repack(GOOD, {STRINGS: b"<sst>" + b"<si><t>x</t></si>" * 1_000_000 + b"</sst>"}),
    "a part that inflates": repack(GOOD, {"xl/styles.xml": b"<styleSheet>" + b"<xf/>" * 1_000_000}),
    "entities": repack(
        GOOD,
        {
            SHEET: b'<!DOCTYPE x [<!ENTITY a "%s"><!ENTITY b "%s">]><x>%s</x>'
            % (b"a" * 9999, b"&a;" * 999, b"&b;" * 999)
        },
    ),
    "half of a workbook": GOOD[: len(GOOD) // 2],
    "a sheet that is none": repack(GOOD, {SHEET: b"<worksheet><sheetData><row"}),
    "an archive without a workbook": b"PK\x05\x06" + bytes(18),
    "a packed file that lies": GOOD.replace(b"PK\x01\x02", b"PK\x01\x03"),
    "the old format": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600),
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0",
    "nothing": b"",
    "a row far down": repack(GOOD, {SHEET: sheet_of(b'<row r="1048570"><c r="A1048570"/></row>')}),
    "a row beyond all": repack(GOOD, {SHEET: sheet_of(b'<row r="99999999999"><c r="ZZZZ9"/></row>')}),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_refused_with_a_sentence_in_bounded_memory(name: str) -> None:
    tracemalloc.start()
    try:
        found = problems(HOSTILE[name])
        _now, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert len(found) == 1
    assert most < 20_000_000


def test_only_sheets_and_their_texts_may_hold_much() -> None:
    much = b"<" * 60_000
    assert len(read(repack(GOOD, {"xl/SharedStrings.XML": much}))) == 1
    assert problems(repack(GOOD, {"xl/theme/x.xml": much})) == [(0, "", FileProblem.TOO_LARGE)]
