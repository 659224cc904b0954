"""An office orders for many: it hands in a file, corrects it, orders, and reads what became of each row."""

import csv
from collections.abc import Sequence
from html import unescape
from io import BytesIO, StringIO

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient
from openpyxl import load_workbook
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import Database
from app.i18n import LANGUAGES
from app.models import Activation, BulkOrderRow
from app.services.office_file import fold_heading
from app.services.offices import OfficeSettings
from app.services.order_file import RULES, OrderColumn
from app.web.extensions import Services
from app.web.file_wording import COLUMN_NAMES
from tests.support.activation_factory import ActivationFactory
from tests.support.bulk_actions import office_events, report, texts
from tests.support.doubles import MovableClock
from tests.support.office_files import csv_file, send_file
from tests.support.ordering import add_account, open_elsewhere
from tests.support.portal import sign_in, token_in

FORM, UPLOAD = "/portal/caro/orders", "/portal/upload/orders"
HEADINGS = ("Code", "Banque", "Référence client", "E-mail", "Langue", "IBAN")
GOOD = ("ACME", "Belfius", "6123 456 789", "jean@client.example", "nl", "")
APP = ("acme", "KBC", "6123456790", "an@client.example", "Français", "BE78 7350 0000 0186")


def changed(row: Sequence[str], **cells: str) -> tuple[str, ...]:
    names = ("code", "bank", "reference", "address", "language", "iban")
    return tuple(cells.get(name, cell) for name, cell in zip(names, row, strict=True))


def upload(client: FlaskClient, *rows: Sequence[str], **fields: str) -> TestResponse:
    client.set_cookie("language", "en")
    return send_file(client, FORM, UPLOAD, csv_file(*rows, headings=HEADINGS), **fields)


def check(client: FlaskClient, *rows: Sequence[str]) -> tuple[str, TestResponse]:
    answer = upload(client, *rows)
    assert answer.status_code == 303, answer.text
    return answer.location, client.get(answer.location)


def press(client: FlaskClient, address: str, step: str, **fields: str) -> TestResponse:
    """Press a button of the page as it is now."""
    hidden = hidden_of_last_form(client.get(address))
    return client.post(address, data={**hidden, "step": step, **fields})


def hidden_of_last_form(page: TestResponse) -> dict[str, str]:
    form = BeautifulSoup(page.text, "html.parser").select("main form")[-1]
    return {str(field["name"]): str(field["value"]) for field in form.select("input[type=hidden]")}


def ordered(database: Database) -> list[tuple[str | None, ...]]:
    columns = (Activation.client_reference, Activation.address, Activation.language, Activation.iban)
    with database.read_connection() as connection:
        return [tuple(row) for row in connection.execute(select(*columns).order_by(Activation.id))]


def read_csv(client: FlaskClient, address: str) -> list[list[str]]:
    text = client.get(address, buffered=True).get_data().decode("utf-8-sig")
    return list(csv.reader(StringIO(text), delimiter=";"))


def test_the_headings_of_our_own_files_are_known_in_each_language(app: Flask) -> None:
    assert [column.value for column in OrderColumn] == [column.value for column in RULES]
    for language in LANGUAGES:
        with app.test_request_context(f"/?lang={language}"):
            app.preprocess_request()
            for column in OrderColumn:
                heading = fold_heading(str(COLUMN_NAMES[column]))
                assert heading in RULES[column].folded, (language, heading)


def test_rows_are_checked_and_nothing_is_ordered(accountant_client: FlaskClient, database: Database) -> None:
    _address, page = check(accountant_client, GOOD, APP, changed(GOOD, reference="612", address="jean"))

    assert texts(page, "main .panel dd") == ["2", "1"]
    assert texts(page, "main .problem") == [
        "Error: Digits are missing: a client reference has ten. Check it on the credit card statement.",
        "Error: Enter one full email address, for example name@example.be.",
    ]
    assert texts(page, "main legend") == ["Line 4, ACME – Acme SA"]
    assert texts(page, "button[value=order]") == ["Order 2 requests"]
    assert ordered(database) == []


def test_the_last_look_names_bank_and_account_and_what_is_left_out(accountant_client: FlaskClient) -> None:
    _address, page = check(accountant_client, GOOD, APP, changed(GOOD, reference="612"))

    cells = texts(page, "main td")
    assert (cells[1], cells[6]) == ("Belfius", "KBC BE78 7350 0000 0186")
    assert "corrections that you have not saved yet are lost" in texts(page, "main form .note")[0]


def test_what_is_ready_is_ordered_once_and_told_row_by_row(
    accountant_client: FlaskClient, database: Database, services: Services
) -> None:
    address, _page = check(accountant_client, GOOD, APP, changed(GOOD, code="NOBODY", reference="6123456791"))
    sent = hidden_of_last_form(accountant_client.get(address))

    answers = [accountant_client.post(address, data={**sent, "step": "order"}) for _ in range(3)]

    page = report(accountant_client, answers[0])
    assert texts(page, "main [role=status]") == ["Ordered: 2 of 3."]
    assert texts(page, "main h2") == ["Not ordered (1)", "Ordered (2)"]
    assert "Your office has no dossier with this code." in page.text
    assert ordered(database) == [
        ("6123456789", "jean@client.example", "nl", None),
        ("6123456790", "an@client.example", "fr", "BE78735000000186"),
    ]
    assert office_events(database) == [("order", 2)]
    assert texts(page, "main td a") == ["6123 456 789", "6123 456 790"]
    links = [link["href"] for link in BeautifulSoup(page.text, "html.parser").select("main td a")]
    assert all(accountant_client.get(str(link)).status_code == 200 for link in links)
    history = accountant_client.get("/portal/history")
    assert texts(history, "main td[data-name=What] a") == ["Order for several dossiers"]
    assert services.bulk_actions.continue_actions() == 0


def test_the_only_account_at_the_bank_is_taken_where_none_was_typed(
    accountant_client: FlaskClient, database: Database
) -> None:
    add_account(database, "cbc", "BE26193000000829")

    _address, page = check(accountant_client, changed(APP, iban=""), changed(GOOD, bank="CBC"))

    assert texts(page, "main .panel dd") == ["2", "0"]
    cells = texts(page, "main td")
    assert (cells[1], cells[6]) == ("KBC BE78 7350 0000 0186", "CBC BE26 1930 0000 0829")


FAULTS = {
    "reference": ("612345678", "Digits are missing"),
    "reference letter": ("61234567B9", "There is a letter in this client reference"),
    "rewritten": ("6,12E+09", "Excel has rewritten this cell"),
    "address": ("jean@client,example", "There is a comma in this email address"),
    "no address": ("", "Enter the cardholder's email address."),
    "language": ("klingon", "Choose the cardholder's language."),
    "bank": ("Crelan", "Choose one of the banks with which this dossier"),
    "code": ("NOBODY", "Your office has no dossier with this code."),
    "no mandate": ("OLD", "This dossier has no active CODA mandate"),
    "iban": ("BE78 7350 0000 0187", "This is not an IBAN"),
    "foreign iban": ("BE71096123456769", "This is not the IBAN of a"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_is_told_where_it_is_and_corrected_there(
    accountant_client: FlaskClient, database: Database, name: str
) -> None:
    cell, sentence = FAULTS[name]
    field = {"reference letter": "reference", "rewritten": "reference", "no address": "address"}.get(
        name, name
    )
    field = {"no mandate": "code", "foreign iban": "iban"}.get(field, field)
    row = APP if field == "iban" else GOOD
    address, page = check(accountant_client, changed(row, **{field: cell}))
    assert sentence in unescape(page.text)

    column = "client_reference" if field == "reference" else field
    right = dict(zip(("code", "bank", "reference", "address", "language", "iban"), row, strict=True))[field]
    press(accountant_client, address, "save", **{f"{column}-1": right})

    assert texts(accountant_client.get(address), "main .panel dd") == ["1", "0"]
    press(accountant_client, address, "order")
    assert len(ordered(database)) == 1


def test_a_bank_is_chosen_among_those_of_the_dossier(accountant_client: FlaskClient) -> None:
    address, page = check(accountant_client, changed(GOOD, bank="Crelan"))

    assert texts(page, "select[name=bank-1] option") == ["Choose", "Argenta", "Belfius", "Fintro", "KBC"]
    press(accountant_client, address, "save", **{"bank-1": "belfius"})
    assert texts(accountant_client.get(address), "main .panel dd") == ["1", "0"]


def test_a_reference_stands_once_in_a_file(accountant_client: FlaskClient) -> None:
    address, page = check(
        accountant_client, GOOD, changed(GOOD, reference="6123456789", address="x@y.example")
    )
    assert "The same client reference is on an earlier line." in page.text

    press(accountant_client, address, "save", **{"drop-2": "yes"})

    assert texts(accountant_client.get(address), "main .panel dd") == ["1", "0"]


def test_a_request_that_is_open_is_named_and_one_that_has_ended_needs_its_tick(
    accountant_client: FlaskClient, database: Database, activation_factory: ActivationFactory
) -> None:
    public_id = activation_factory.create("invited")
    address, page = check(accountant_client, GOOD)
    assert "There is already a request for this client reference." in page.text
    assert f"request={public_id}" in page.text

    activation_factory.services.invitations.cancel_activation(public_id, "anne")
    page = accountant_client.get(address)
    assert "There was a request for this client reference on" in page.text
    assert press(accountant_client, address, "order").status_code == 409
    press(accountant_client, address, "save", **{"again-1": public_id})

    press(accountant_client, address, "order")
    assert len(ordered(database)) == 2


def test_nothing_is_ordered_that_was_not_shown(
    accountant_client: FlaskClient, database: Database, activation_factory: ActivationFactory
) -> None:
    address, page = check(accountant_client, GOOD, APP)
    sent = hidden_of_last_form(page)
    activation_factory.create("invited")

    answer = accountant_client.post(address, data={**sent, "step": "order"})

    assert answer.status_code == 409
    assert "nothing was ordered" in texts(answer, "main .failed")[0]
    assert len(ordered(database)) == 1


def test_the_template_holds_what_can_be_ordered_and_is_taken_back(
    accountant_client: FlaskClient, database: Database
) -> None:
    accountant_client.set_cookie("language", "en")
    assert texts(accountant_client.get(FORM), "main li a") == ["CSV template", "Excel template"]
    text = accountant_client.get(f"{FORM}.csv", buffered=True).get_data().decode("utf-8-sig")
    rows = list(csv.reader(StringIO(text), delimiter=";"))
    assert [row[:3] for row in rows[1:]] == [
        ["ACME", "Acme SA", bank] for bank in ("Belfius", "Fintro", "Argenta", "KBC")
    ]
    rows[1][3:5] = ["6123 456 789", "jean@client.example"]
    rows[4][3:5] = ["6123 456 790", "an@client.example"]
    filled = "\n".join(";".join(row) for row in rows).encode()

    answer = send_file(accountant_client, FORM, UPLOAD, filled)

    assert texts(accountant_client.get(answer.location), "main .panel dd") == ["2", "0"]
    book = load_workbook(BytesIO(accountant_client.get(f"{FORM}.xlsx", buffered=True).data))
    assert [cell.value for cell in book.worksheets[0]["C"]] == ["Bank", "Belfius", "Fintro", "Argenta", "KBC"]


def test_rows_to_correct_go_into_a_file_and_come_back(accountant_client: FlaskClient) -> None:
    address, _page = check(accountant_client, GOOD, changed(APP, reference="612"))
    press(accountant_client, address, "order")

    text = accountant_client.get(f"{address}/rows.csv").get_data().decode("utf-8-sig")

    (_heading, row) = csv.reader(StringIO(text), delimiter=";")
    assert row[:4] == ["ACME", "Acme SA", "KBC", "612"]
    assert row[-1].startswith("Digits are missing")
    again = text.replace(";612;", ";6123456790;").encode()
    answer = send_file(accountant_client, FORM, UPLOAD, again)
    assert texts(accountant_client.get(answer.location), "main .panel dd") == ["1", "0"]


def test_a_file_of_rows_to_correct_names_each_fault_of_a_row_once(
    accountant_client: FlaskClient, activation_factory: ActivationFactory
) -> None:
    activation_factory.services.invitations.cancel_activation(activation_factory.create("invited"), "anne")
    rows = (changed(GOOD, reference="612", address="jean", language="?"), changed(GOOD, address=""))
    address, _page = check(accountant_client, *rows)

    (_heading, several, earlier) = read_csv(accountant_client, f"{address}/rows.csv")

    assert several[-1] == (
        "Digits are missing: a client reference has ten. Check it on the credit card statement. "
        "Enter one full email address, for example name@example.be. Choose the cardholder's language."
    )
    assert earlier[-1] == (
        "Enter the cardholder's email address. There was an earlier request for this client reference."
    )


def test_each_file_has_a_name_of_its_own_in_the_readers_language(accountant_client: FlaskClient) -> None:
    address, _page = check(accountant_client, changed(GOOD, reference="612"))
    accountant_client.set_cookie("language", "nl")

    files = (f"{FORM}.csv", f"{FORM}.xlsx", f"{address}/rows.csv", "/portal/caro/export.csv")
    answers = [accountant_client.get(file, buffered=True) for file in files]

    names = [answer.headers["Content-Disposition"].partition("=")[2] for answer in answers]
    assert names == [
        "caro-csv-sjabloon-bureau-dupont-2026-11-23.csv",
        "caro-excel-sjabloon-bureau-dupont-2026-11-23.xlsx",
        "caro-te-corrigeren-bureau-dupont-2026-11-23.csv",
        "caro-bureau-dupont-2026-11-23.csv",
    ]


def test_rows_are_pasted_as_a_spreadsheet_copies_them(accountant_client: FlaskClient) -> None:
    rows = csv_file(GOOD[:5], headings=HEADINGS[:5], separator="\t").decode()

    answer = send_file(accountant_client, FORM, UPLOAD, b"", pasted=rows)

    assert texts(accountant_client.get(answer.location), "main .panel dd") == ["1", "0"]


def test_pasted_rows_and_the_language_stay_when_something_is_wrong(accountant_client: FlaskClient) -> None:
    cards = ("4111 1111 1111 1111", "4111,1111,1111,1111", "Visa 5500-0000-0000-0004 of Jean")
    rows = (GOOD, APP, *(changed(GOOD, code="00123", bank=card) for card in cards))
    pasted = csv_file(*rows, headings=("Code", "Bank", "What is this", "E-mail", "Langue", "IBAN")).decode()

    answer = send_file(accountant_client, FORM, UPLOAD, b"", pasted=pasted, language="de")

    assert answer.status_code == 422
    page = BeautifulSoup(answer.text, "html.parser")
    (again,) = page.select("details[open] textarea")
    shown = pasted.replace("5500-0000-0000-0004", "").replace(cards[0], "").replace(cards[1], "")
    assert again.text.split() == shown.split()
    assert [option["value"] for option in page.select("[selected]")] == ["de"]
    untouched = BeautifulSoup(accountant_client.get(FORM).text, "html.parser")
    assert not untouched.select("details[open]")


def test_bank_language_and_account_may_be_missing_where_there_is_no_choice(
    accountant_client: FlaskClient, database: Database
) -> None:
    accountant_client.set_cookie("language", "en")
    rows = csv_file(("ACME", "kbc", "6123456790", "an@client.example"), headings=HEADINGS[:4])

    answer = send_file(accountant_client, FORM, UPLOAD, rows, language="de")
    press(accountant_client, answer.location, "order")

    assert ordered(database) == [("6123456790", "an@client.example", "de", "BE78735000000186")]


def test_the_warning_is_ready_for_each_language_with_its_addresses(accountant_client: FlaskClient) -> None:
    _address, page = check(
        accountant_client, GOOD, APP, changed(GOOD, reference="6123456795", address="z@z.example")
    )

    assert texts(page, "#bcc-nl") == ["jean@client.example, z@z.example"]
    assert texts(page, "#bcc-fr") == ["an@client.example"]
    assert "6123" not in texts(page, "#announcement-nl")[0]


@pytest.mark.parametrize("column", ["code", "reference", "address", "iban"])
def test_a_card_number_is_never_kept(accountant_client: FlaskClient, database: Database, column: str) -> None:
    answer = upload(accountant_client, changed(GOOD, **{column: "4111 1111 1111 1111"}))

    assert (answer.status_code, "This looks like a card number." in answer.text) == (422, True)
    with database.read_connection() as connection:
        assert connection.execute(select(func.count()).select_from(BulkOrderRow)).scalar_one() == 0
    address, _page = check(accountant_client, changed(GOOD, reference="612"))
    answer = press(accountant_client, address, "save", **{"client_reference-1": "4111111111111111"})
    assert "This looks like a card number." in texts(answer, "main .problem")[0]
    assert "4111" not in answer.text + accountant_client.get(address).text


def test_too_many_rows_and_none_at_all_are_refused(accountant_client: FlaskClient) -> None:
    rows = [changed(GOOD, reference=str(6_100_000_000 + number)) for number in range(2_001)]
    assert "This file has more than 2,000 rows." in upload(accountant_client, *rows).text
    none = upload(accountant_client, changed(GOOD, reference="", address=""))
    assert "No row has a client reference or an email address." in none.text


def test_what_is_not_ordered_within_a_day_is_gone(
    accountant_client: FlaskClient, services: Services, database: Database, clock: MovableClock
) -> None:
    address, _page = check(accountant_client, GOOD, changed(GOOD, reference="612"))
    clock.advance(hours=24)
    services.bulk_orders.forget_old_rows()
    client = sign_in(accountant_client, services)

    assert "their data were deleted" in client.get(address).text
    assert client.get(f"{address}/rows.csv").status_code == 404
    token = token_in(client.get(FORM).text)
    client.post(address, data={"csrf_token": token, "step": "order", "seen": ""})
    assert ordered(database) == []


def test_another_office_sees_and_orders_nothing(
    app: Flask, accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    address, _page = check(accountant_client, GOOD)
    open_elsewhere(database)
    stranger = sign_in(app.test_client(), services, "zoe@ailleurs.example")
    sent = {"csrf_token": token_in(stranger.get(FORM).text), "step": "order"}

    bulk = address.replace("/orders/", "/bulk/")
    pages = [stranger.get(address), stranger.get(f"{address}/rows.csv"), stranger.post(address, data=sent)]
    pages += [accountant_client.get(bulk), accountant_client.post(bulk, data=sent)]
    assert {page.status_code for page in pages[:4]} == {404}
    assert ordered(database) == []


def test_rows_that_name_no_language_have_the_one_that_the_office_has_chosen(
    accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    services.for_office(1).offices.change_settings(OfficeSettings(None, "nl", news_for_all=False), "anne")

    chosen = BeautifulSoup(accountant_client.get(FORM).text, "html.parser").select("[selected]")
    assert [option["value"] for option in chosen] == ["nl"]
    assert {row[5] for row in read_csv(accountant_client, f"{FORM}.csv")[1:]} == {"Nederlands"}
    address, _page = check(accountant_client, changed(GOOD, language=""))
    press(accountant_client, address, "order")
    assert [row[2] for row in ordered(database)] == ["nl"]
