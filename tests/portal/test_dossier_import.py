"""An office brings its own dossiers in: it sees what a file would change, then imports it, once."""

from io import BytesIO

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.db import Database
from app.models import Accountant, Dossier, DossierUpload, Mandate, Office, OfficeEvent
from app.models.office import MandateState
from app.portal import sent_files
from app.portal.dossier_import.routes import GROUP_NAMES, STATE_NAMES, LineGroup
from app.services.dossier_file import OFFICE_RULES
from app.services.dossier_import import LineChange
from app.web.bodies import MOST_BYTES
from app.web.extensions import Services
from tests.support.bulk_actions import texts
from tests.support.doubles import MovableClock
from tests.support.office_files import HEADINGS, csv_file, send_file, workbook
from tests.support.ordering import open_elsewhere
from tests.support.portal import sign_in, token_in

FORM, UPLOAD = "/portal/caro/dossiers", "/portal/upload/dossiers"
NEW = ("C1", "Café Noël", "Belfius", "BE46063000000136", "actif")
KNOWN = ("old", "Ancienne SA", "Belfius", "BE71096123456769", "archivé")
RENAMED = ("ACME", "Acme NV", "KBC", "BE78735000000186", "archivé")
DOUBTFUL = ("C2", "Other", "Belfius", "BE71096123456769", "actif")


def upload(client: FlaskClient, raw: bytes) -> TestResponse:
    return send_file(client, FORM, UPLOAD, raw)


def review(client: FlaskClient, raw: bytes) -> tuple[str, TestResponse]:
    answer = upload(client, raw)
    assert answer.status_code == 303, answer.text
    return answer.location, client.get(answer.location + "?lang=en")


def press(client: FlaskClient, address: str, page: TestResponse, **fields: str) -> TestResponse:
    return client.post(address, data={"csrf_token": token_in(page.text), **fields})


def codes(database: Database) -> dict[str, str]:
    with database.read_connection() as connection:
        rows = connection.execute(select(Dossier.code, Dossier.name).order_by(Dossier.id))
        return {row.code: row.name for row in rows}


def count(database: Database, *models: type) -> list[int]:
    with database.read_connection() as connection:
        return [connection.execute(select(func.count()).select_from(model)).scalar_one() for model in models]


def test_the_tables_are_total() -> None:
    assert set(GROUP_NAMES) == set(LineGroup) == {LineGroup.DOUBTFUL, *map(LineGroup, LineChange)}
    assert set(STATE_NAMES) == set(MandateState)


def test_a_file_is_looked_at_first_and_changes_nothing(
    accountant_client: FlaskClient, database: Database
) -> None:
    before = codes(database)

    _address, page = review(accountant_client, csv_file(NEW, KNOWN, RENAMED, DOUBTFUL))

    assert texts(page, "main .panel dt") == ["In doubt", "Changed", "New", "Unchanged"]
    assert texts(page, "main .panel dd") == ["1", "1", "1", "1"]
    assert texts(page, "main h2") == ["In doubt (1)", "Changed (1)", "New (1)"]
    assert "This account already has an active mandate in another dossier: ACME." in page.text
    assert "until now: Acme SA" in texts(page, "main td")[3]
    assert (codes(database), count(database, OfficeEvent)) == (before, [0])


def test_what_is_not_in_doubt_is_imported_once(accountant_client: FlaskClient, database: Database) -> None:
    address, page = review(accountant_client, workbook(NEW, KNOWN, RENAMED, DOUBTFUL))

    answers = [press(accountant_client, address, page) for _ in range(2)]

    assert [answer.location for answer in answers] == ["/portal/caro", FORM]
    assert codes(database) == {"ACME": "Acme NV", "OLD": "Ancienne SA", "C1": "Café Noël"}
    told = accountant_client.get("/portal/history?lang=en")
    assert texts(told, "main td[data-name=What]") == ["Import dossiers"]
    assert texts(told, "main td[data-name=Number]") == ["2"]
    assert count(database, DossierUpload) == [0]


def test_lines_in_doubt_are_imported_where_somebody_has_looked(
    accountant_client: FlaskClient, database: Database
) -> None:
    address, page = review(accountant_client, csv_file(DOUBTFUL))
    assert texts(page, "main .tick label") == ["Also import the lines in doubt (1)"]

    press(accountant_client, address, page, doubtful="yes")

    assert "C2" in codes(database)
    _again, page = review(accountant_client, csv_file(DOUBTFUL))
    assert "there is nothing to import" in page.text


def test_a_file_says_nothing_of_office_and_accountant(
    accountant_client: FlaskClient, database: Database
) -> None:
    headings = ("Bureau", "E-mail comptable", *HEADINGS)
    before = count(database, Office, Accountant)
    address, page = review(
        accountant_client, csv_file(("Bureau Pirate", "x@pirate.example", *NEW), headings=headings)
    )

    press(accountant_client, address, page)

    assert count(database, Office, Accountant) == before
    assert "C1" in codes(database)


def test_faults_are_told_with_their_place_and_nothing_is_kept(
    accountant_client: FlaskClient, database: Database
) -> None:
    bad = [(f"6,1{n % 10}E+09", *NEW[1:]) for n in range(102)]

    answer = upload(accountant_client, csv_file(NEW, *bad))

    assert answer.status_code == 422
    page = accountant_client.post(
        f"{UPLOAD}?lang=en",
        data={"csrf_token": token_in(answer.text), "file": (BytesIO(csv_file(NEW, *bad)), "x.csv")},
    )
    first, *_others, last = texts(page, ".summary li, .summary p")
    assert first.startswith("Line 3, Code – Excel has rewritten this cell")
    assert last == "… and 2 more"
    assert count(database, DossierUpload) == [0]


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [(b"", "Choose a file first."), (b"x" * (MOST_BYTES + 1), "This file is too large.")],
)
def test_no_file_and_a_large_one_are_refused(
    accountant_client: FlaskClient, raw: bytes, sentence: str
) -> None:
    accountant_client.set_cookie("language", "en")

    answer = upload(accountant_client, raw)

    assert (answer.status_code, sentence in answer.text) == (422, True)


def test_what_is_larger_than_any_file_is_refused_by_its_length(accountant_client: FlaskClient) -> None:
    kind = "multipart/form-data; boundary=x"
    answer = accountant_client.post(UPLOAD, data=b"x" * (MOST_BYTES + 20_000), content_type=kind)

    assert answer.status_code == 413


def test_one_file_of_an_office_is_read_at_a_time(accountant_client: FlaskClient) -> None:
    accountant_client.set_cookie("language", "en")
    with sent_files.take_turn(1):
        answer = upload(accountant_client, csv_file(NEW))

    assert "Another file of your office is being read." in answer.text
    assert upload(accountant_client, csv_file(NEW)).status_code == 303


def test_whoever_is_not_signed_in_is_led_to_the_door_unread(client: FlaskClient, database: Database) -> None:
    answer = client.post(UPLOAD, data={"file": (BytesIO(csv_file(NEW)), "x.csv")})

    assert (answer.status_code, answer.location) == (303, f"/portal/sign-in?next={FORM}")


def test_a_plain_form_is_no_upload_and_no_other_page_takes_a_file(accountant_client: FlaskClient) -> None:
    token = token_in(accountant_client.get(FORM).text)
    assert accountant_client.post(UPLOAD, data={"csrf_token": token}).status_code == 415
    file = {"csrf_token": token, "file": (BytesIO(b"x"), "x.csv")}
    assert accountant_client.post("/portal/caro/bulk", data=file).status_code == 415


def test_a_file_is_forgotten_after_a_day(
    accountant_client: FlaskClient, services: Services, database: Database, clock: MovableClock
) -> None:
    address, _page = review(accountant_client, csv_file(NEW))
    clock.advance(hours=24)
    client = sign_in(accountant_client, services)

    assert client.get(address).location == FORM
    kept = []
    for _ in range(2):
        services.retention.delete_old_rows()
        kept += count(database, DossierUpload)
        clock.advance(seconds=1)
    assert kept == [1, 0]


def test_a_new_file_takes_the_place_of_the_offices_earlier_one_alone(
    app: Flask, accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    open_elsewhere(database)
    stranger = sign_in(app.test_client(), services, "zoe@ailleurs.example")
    elsewhere, _page = review(stranger, csv_file(NEW))
    (first, _page), (second, _page) = (review(accountant_client, csv_file(row)) for row in (NEW, RENAMED))

    assert accountant_client.get(first).location == FORM
    assert (accountant_client.get(second).status_code, stranger.get(elsewhere).status_code) == (200, 200)


def test_another_office_sees_nothing_of_it(
    app: Flask, accountant_client: FlaskClient, services: Services, database: Database
) -> None:
    address, _page = review(accountant_client, csv_file(NEW))
    open_elsewhere(database)
    stranger = sign_in(app.test_client(), services, "zoe@ailleurs.example")

    assert stranger.get(address).location == FORM
    token = token_in(stranger.get(FORM).text)
    assert stranger.post(address, data={"csrf_token": token}).location == FORM
    assert "C1" not in codes(database)


def test_twenty_thousand_lines_are_shown_by_their_number(
    accountant_client: FlaskClient, database: Database
) -> None:
    rows = [(f"D{number}", f"Client {number}", *NEW[2:]) for number in range(300)]
    rows = [(code, name, bank, iban, "archivé") for code, name, bank, iban, _state in rows]
    address, page = review(accountant_client, csv_file(*rows))

    assert (texts(page, "main h2"), "… and 200 more" in page.text) == (["New (300)"], True)
    press(accountant_client, address, page)
    assert count(database, Mandate) == [305]
    assert len(OFFICE_RULES) == 5
