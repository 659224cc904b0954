"""The list as a file: what Excel reads of it, who may have it, and what it costs."""

import csv
from datetime import datetime
from io import BytesIO, StringIO
from typing import Any

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app import create_app
from app.db import Database
from app.domain.states import ActivationState
from app.models import Dossier, OfficeEvent
from app.models.office import Office
from app.portal.list_files import COLUMNS, SheetTooLong, write_xlsx
from app.queries.activation_list import stream_activations
from app.queries.list_query import ListQuery
from app.services.list_export import ExportFormat
from app.settings import Settings
from app.web.extensions import EXTENSION, Services
from tests.bench.statement_tally import counted
from tests.bench.visitor_load import invite
from tests.conftest import ProductClient
from tests.support.activation_factory import ActivationFactory
from tests.support.doubles import START, FakeBank, MovableClock
from tests.support.office import ACCOUNTANT, ADDRESS, order_for
from tests.support.ordering import ELSEWHERE, open_elsewhere
from tests.support.portal import sign_in
from tests.support.reused_app import new_app

CSV, XLSX = "/portal/caro/export.csv", "/portal/caro/export.xlsx"
HEADINGS = [
    *("Code", "Name", "Bank", "Client reference", "Status", "Since", "Details", "What is next"),
    *("Expires on", "Cardholder's language"),
]
DANGEROUS = ('=HYPERLINK("http://evil.example")', "+1", "-1", "@SUM(A1)", "＝1", "0012", "1-2", "'=1", "1E5")


def fetch(client: FlaskClient, address: str) -> TestResponse:
    """Fetch a file to its end, as a browser does."""
    return client.get(address, buffered=True)


def csv_rows(answer: TestResponse) -> list[list[str]]:
    assert answer.status_code == 200
    return list(csv.reader(StringIO(answer.data.decode("utf-8-sig"), newline=""), delimiter=";"))


def sheet(answer: TestResponse) -> Any:
    assert answer.status_code == 200
    return load_workbook(BytesIO(answer.data)).worksheets[0]


def sheet_rows(answer: TestResponse) -> list[list[Any]]:
    """Return the rows of a workbook, its days as a CSV has them."""
    rows = sheet(answer).iter_rows(values_only=True)
    return [[f"{cell:%F}" if isinstance(cell, datetime) else cell for cell in row] for row in rows]


def exports(database: Database) -> list[tuple[int, int | None]]:
    """Return the office and the number of rows of each file that was taken."""
    with database.read_connection() as connection:
        query = select(OfficeEvent.office_id, OfficeEvent.row_count).order_by(OfficeEvent.id)
        return [(row.office_id, row.row_count) for row in connection.execute(query)]


def rename(database: Database, name: str, code: str = "ACME") -> None:
    with database.transaction() as session:
        session.execute(update(Dossier).where(Dossier.code == "ACME").values(name=name, code=code))


def flashed(client: FlaskClient, answer: TestResponse) -> str:
    assert answer.status_code == 303
    notice = BeautifulSoup(client.get(answer.location).text, "html.parser").select_one(".note[data-kind]")
    assert notice
    return notice.get_text(" ", strip=True)


def test_a_csv_is_what_excel_opens_in_belgium(accountant_client: FlaskClient, services: Services) -> None:
    services.orders.place_order(order_for())

    answer = fetch(accountant_client, f"{CSV}?lang=en")
    assert answer.mimetype == "text/csv"
    assert answer.data.startswith("\ufeffCode;Name;".encode())
    assert csv_rows(answer) == [
        HEADINGS,
        [
            *("ACME", "Acme SA", "Belfius", "6123 456 789", "Invitation sent", "2026-11-23", ""),
            *("First reminder on 7 Dec", "2027-01-18", "Français"),
        ],
        ["OLD", "Ancienne SA", "", "", "Not ordered", "", "No active CODA mandate", "", "", ""],
    ]


def test_a_workbook_holds_the_same_with_days_that_can_be_sorted(
    accountant_client: FlaskClient, services: Services
) -> None:
    services.orders.place_order(order_for())

    answer = fetch(accountant_client, f"{XLSX}?lang=en")
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    headings, ordered, closed = sheet_rows(answer)
    assert headings == HEADINGS
    assert ordered == [
        *("ACME", "Acme SA", "Belfius", "6123 456 789", "Invitation sent", "2026-11-23", None),
        *("First reminder on 7 Dec", "2027-01-18", "Français"),
    ]
    assert closed[4:7] == ["Not ordered", None, "No active CODA mandate"]


@pytest.mark.parametrize("path", [CSV, XLSX])
def test_a_file_speaks_the_accountants_language(accountant_client: FlaskClient, path: str) -> None:
    answer = fetch(accountant_client, path)
    rows = csv_rows(answer) if path == CSV else sheet_rows(answer)

    assert rows[0][:3] == ["Code", "Nom", "Banque"]
    assert rows[2][6] == "Pas de mandat CODA actif"


def test_a_file_has_what_the_list_shows_in_its_order_and_from_its_first_page_on(
    accountant_client: FlaskClient, activation_factory: ActivationFactory, database: Database
) -> None:
    activation_factory.create("problem")
    invite(database, ActivationState.ACTIVE, range(60), START, START)

    rows = csv_rows(fetch(accountant_client, f"{CSV}?state=problem&bank=belfius&lang=en"))
    assert [(row[0], row[4], row[6]) for row in rows[1:]] == [("ACME", "Problem", "Wrong card")]
    listed = BeautifulSoup(accountant_client.get("/portal/caro?sort=-name").text, "html.parser")
    following = listed.select_one("a[rel=next]")
    files = [str(link["href"]) for link in listed.select("a[href]") if "/export." in str(link["href"])]
    assert following
    assert files == [f"{CSV}?sort=-name", f"{XLSX}?sort=-name"]
    everything = csv_rows(fetch(accountant_client, f"{CSV}?{str(following['href']).partition('?')[2]}"))
    assert len(everything) == 1 + 62
    names = [row[1] for row in everything[1:]]
    assert names == sorted(names, reverse=True)


@pytest.mark.parametrize("name", DANGEROUS)
def test_no_cell_is_run_or_rewritten_by_a_spreadsheet(
    accountant_client: FlaskClient, database: Database, name: str
) -> None:
    rename(database, name, code=name)

    cells = csv_rows(fetch(accountant_client, f"{CSV}?sort=name"))
    assert [f"'{name}"] * 2 in [row[:2] for row in cells]
    rows = sheet(fetch(accountant_client, XLSX)).iter_rows()
    assert [(name, "s")] * 2 in [[(cell.value, cell.data_type) for cell in row[:2]] for row in rows]


def test_a_file_tells_no_address_and_no_link(accountant_client: FlaskClient, services: Services) -> None:
    services.orders.place_order(order_for())

    text = fetch(accountant_client, CSV).text + str(sheet_rows(fetch(accountant_client, XLSX)))
    assert "6123 456 789" in text
    assert not any(secret in text for secret in (ADDRESS, "@", "http", "/a/"))


@pytest.mark.parametrize("path", [CSV, XLSX])
@pytest.mark.parametrize(
    ("office", "slug"), [("Café & Fils, Liège", "caro-cafe-fils-liege-"), ("会计", "caro-")]
)
def test_a_file_is_named_after_the_office_and_the_day(
    accountant_client: FlaskClient, database: Database, path: str, office: str, slug: str
) -> None:
    with database.transaction() as session:
        session.execute(update(Office).values(name=office))

    headers = fetch(accountant_client, path).headers
    name = f"{slug}2026-11-23.{path.rpartition('.')[2]}"
    assert headers["Content-Disposition"] == f"attachment; filename={name}"
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def test_a_file_that_is_not_read_to_its_end_leaves_its_line(
    accountant_client: FlaskClient, database: Database
) -> None:
    invite(database, ActivationState.ACTIVE, range(600), START, START)
    with accountant_client.get(CSV, buffered=False):
        assert exports(database) == [(1, None)]


def test_nothing_of_another_office_is_in_a_file(
    client: FlaskClient, services: Services, database: Database
) -> None:
    services.orders.place_order(order_for())
    open_elsewhere(database)

    zoe = sign_in(client, services, "zoe@ailleurs.example")
    answers = [fetch(zoe, CSV), fetch(zoe, f"{CSV}?q=6123456789"), fetch(zoe, f"{CSV}?q=acme")]
    assert [[row[0] for row in csv_rows(answer)[1:]] for answer in answers] == [["AUTRE"], [], []]
    assert exports(database) == [(2, 1), (2, 0), (2, 0)]
    assert ELSEWHERE not in answers[0].text


@pytest.mark.parametrize("path", [CSV, XLSX])
def test_a_filter_that_does_not_exist_makes_no_file_of_other_rows(
    accountant_client: FlaskClient, database: Database, path: str
) -> None:
    answer = fetch(accountant_client, f"{path}?state=lost&bank=kbc&lang=en")

    assert answer.location == "/portal/caro?bank=kbc"
    assert "does not exist. It was left out." in flashed(accountant_client, answer)
    assert exports(database) == []


def test_another_format_does_not_exist(accountant_client: FlaskClient) -> None:
    assert accountant_client.get("/portal/caro/export.pdf").status_code == 404


def test_a_stranger_signs_in_and_stands_before_the_list_as_it_was_filtered(
    client: FlaskClient, services: Services, database: Database
) -> None:
    away = fetch(client, f"{CSV}?state=problem&q=acme")

    assert (away.status_code, exports(database)) == (303, [])
    assert away.location == "/portal/sign-in?next=/portal/caro?state%3Dproblem"
    assert fetch(client, CSV).location == "/portal/sign-in"
    assert sign_in(client, services).get(away.location).location == "/portal/caro?state=problem"


def test_an_office_takes_so_many_files_an_hour(
    settings: Settings, clock: MovableClock, bank: FakeBank
) -> None:
    made = create_app(settings.model_copy(update={"export_rate": "2 per hour"}), clock=clock, bank=bank)
    services = made.extensions[EXTENSION]
    client = sign_in(made.test_client(), services, ACCOUNTANT)

    assert [fetch(client, path).status_code for path in (CSV, XLSX, CSV)] == [200, 200, 429]
    assert client.get("/portal/caro").status_code == 200
    services.database.close_connections()


def test_without_the_extra_the_portal_offers_csv_alone_and_says_so(services: Services) -> None:
    app = new_app(services, ProductClient)
    app.config["EXPORT_FORMATS"] = (ExportFormat.CSV,)
    accountant_client = sign_in(app.test_client(), services, ACCOUNTANT)

    page = accountant_client.get("/portal/caro?lang=en").text
    assert CSV in page
    assert XLSX not in page
    sentence = "Excel files cannot be made here. Export to CSV: Excel opens it as well."
    assert sentence in page
    assert sentence in flashed(accountant_client, fetch(accountant_client, f"{XLSX}?q=a"))


def test_a_long_list_is_read_in_few_statements_and_sent_in_pieces(
    accountant_client: FlaskClient, database: Database, services: Services
) -> None:
    invite(database, ActivationState.ACTIVE, range(5000), START, START)
    with counted(services.database) as tally:
        answer = accountant_client.get(CSV, buffered=False)
        begun = len(tally.statements)
        pieces = list(answer.iter_encoded())

    # The session, the line of the history, the first rows; then 500 rows a statement, and their number.
    assert begun == 3
    assert len(tally.statements) == 3 + 10 + 1
    assert tally.transactions == 2
    lines = [piece.count(b"\r\n") for piece in pieces]
    assert (sum(lines), max(lines)) == (1 + 5001, 500)


def test_a_workbook_has_an_end(services: Services, app: Flask) -> None:
    rows = stream_activations(services.for_office(1).context, ListQuery())
    with app.test_request_context(), pytest.raises(SheetTooLong):
        write_xlsx(rows, BytesIO(), COLUMNS, longest=1)
