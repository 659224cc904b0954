"""Ordering in the portal: the bank, the fields, a last look, and the request."""

import re
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.db import Database
from app.domain.history import MailKind
from app.models import Accountant, Activation, Event, Mandate, OutboxMessage
from app.models.office import MandateState
from app.web.extensions import Services
from tests.bench.statement_tally import counted
from tests.support.doubles import RecordingTransport
from tests.support.mail_parts import part
from tests.support.office import ACCOUNTANT, ADDRESS, REFERENCE
from tests.support.ordering import (
    ACME,
    AT_KBC,
    KBC_IBAN,
    OLD,
    TYPED,
    add_account,
    add_colleague,
    nothing_is_stored,
    press,
    the_request,
)
from tests.support.portal import sign_in, token_in


@pytest.fixture
def accountant_language() -> str:
    return "en"


def words(answer: TestResponse) -> str:
    """Return what the page says, without its markup."""
    plain = re.sub(r"<[^>]+>", " ", answer.text)
    return re.sub(r"\s+", " ", unescape(plain))


def stored(database: Database) -> tuple[str, str | None, str, str | None]:
    asked = select(Activation.client_reference, Activation.address, Activation.language, Activation.iban)
    with database.read_connection() as connection:
        row = connection.execute(asked).one()
        return row.client_reference, row.address, row.language, row.iban


def test_the_bank_is_asked_first(accountant_client: FlaskClient) -> None:
    page = accountant_client.get(ACME).text

    assert re.findall(r'name="bank" value="(\w+)"', page) == ["argenta", "belfius", "fintro", "kbc"]
    assert 'name="client_reference"' not in page


def test_the_chosen_bank_brings_its_fields(accountant_client: FlaskClient) -> None:
    page = accountant_client.get(f"{ACME}?bank=belfius").text

    assert re.findall(r'<input [^>]*name="(\w+)"', page)[2:] == [
        "bank",
        "client_reference",
        "address",
        *["language"] * 4,
    ]
    assert "Ten digits, beginning with 6 or 7." in page


def test_kbc_also_needs_the_iban_which_the_mandate_offers(accountant_client: FlaskClient) -> None:
    page = accountant_client.get(f"{ACME}?bank=kbc").text

    assert f'name="iban" value="{KBC_IBAN}"' in page
    assert f'<option value="{KBC_IBAN}">' in page


def test_the_only_account_at_the_chosen_bank_is_offered_whatever_there_is_at_its_sister(
    accountant_client: FlaskClient, database: Database
) -> None:
    add_account(database, "cbc", "BE26193000000829")

    at_kbc = accountant_client.get(f"{ACME}?bank=kbc").text
    at_cbc = accountant_client.get(f"{ACME}?bank=cbc").text

    assert f'name="iban" value="{KBC_IBAN}"' in at_kbc
    assert 'name="iban" value="BE26 1930 0000 0829"' in at_cbc
    assert all("Change it if the card belongs to another one." in page for page in (at_kbc, at_cbc))


def test_of_several_accounts_at_the_bank_none_is_chosen_and_nothing_is_there_to_change(
    accountant_client: FlaskClient, database: Database
) -> None:
    add_account(database, "kbc", "BE19734000000312")

    page = accountant_client.get(f"{ACME}?bank=kbc").text

    assert 'name="iban" value=""' in page
    assert "The KBC or CBC account that the credit card belongs to." in page
    assert "Change it" not in page


def test_a_single_bank_is_shown_and_already_chosen(
    accountant_client: FlaskClient, database: Database
) -> None:
    with database.transaction() as session:
        session.execute(update(Mandate).where(Mandate.dossier_id == 2).values(state=MandateState.ACTIVE))

    page = accountant_client.get(OLD).text

    assert "<dd>Belfius</dd>" in page
    assert 'name="client_reference"' in page


@pytest.mark.parametrize("query", ["", "?bank=belfius"])
def test_a_dossier_without_active_mandate_has_no_form(accountant_client: FlaskClient, query: str) -> None:
    page = accountant_client.get(OLD + query).text

    assert "No active CODA mandate" in page
    assert 'name="bank"' not in page
    token = token_in(page)
    answer = accountant_client.post(OLD, data={**TYPED, "step": "order", "csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, OLD)


@pytest.mark.parametrize("bank", ["crelan", "atlantis", "<script>", "belfius\x00"])
def test_a_bank_without_mandate_is_no_choice(accountant_client: FlaskClient, bank: str) -> None:
    asked = accountant_client.get(ACME, query_string={"bank": bank})
    sent = press(accountant_client, "order", bank=bank)

    for answer in (asked, sent):
        assert answer.status_code == 422
        assert 'href="#bank"' in answer.text
        assert "Choose one of the banks" in answer.text


def test_the_last_look_shows_everything_and_stores_nothing(
    accountant_client: FlaskClient, database: Database
) -> None:
    answer = press(accountant_client, "review")

    assert answer.status_code == 200
    page = words(answer)
    for fact in ("ACME – Acme SA", "Belfius", "6123\u00a0456\u00a0789", ADDRESS, "Nederlands", ACCOUNTANT):
        assert fact in page.replace("6123 456 789", "6123\u00a0456\u00a0789")
    assert nothing_is_stored(database)


def test_the_last_look_shows_an_address_as_people_write_it(accountant_client: FlaskClient) -> None:
    assert "jean@société.be" in words(press(accountant_client, "review", address="jean@société.be"))


def test_the_last_look_shows_the_mail_with_a_link_that_opens_nothing(accountant_client: FlaskClient) -> None:
    page = press(accountant_client, "review").text

    assert '<article lang="nl">' in page
    assert "From</dt><dd>CARO &lt;caro@example.be&gt;" in page
    assert page.count("/a/…") == 2  # As it looks, and as plain text.
    assert "/a/" not in page.replace("/a/…", "")


def test_the_last_look_for_kbc_shows_the_steps_in_the_app(accountant_client: FlaskClient) -> None:
    page = press(accountant_client, "review", **{**AT_KBC, "language": "en"}).text

    assert "Open the KBC app and sign in." in page
    assert KBC_IBAN in page
    assert "/a/…" not in page


def test_the_mail_shown_is_the_mail_sent(
    accountant_client: FlaskClient, app: Flask, services: Services, sent_mails: RecordingTransport
) -> None:
    shown = press(accountant_client, "review", language="en").text
    press(accountant_client, "order", language="en")
    with app.app_context():
        services.outbox.deliver_due()

    (mail,) = sent_mails.mails
    sent = part(mail.as_bytes(), "plain").strip()
    told = re.search(r"<pre [^>]*>(.*?)</pre>", shown, re.DOTALL)
    assert told
    assert unescape(told[1]).strip() == re.sub(r"/a/\S+", "/a/…", sent)


def test_all_wrong_fields_are_told_at_once_and_nothing_typed_is_lost(
    accountant_client: FlaskClient, database: Database
) -> None:
    answer = press(
        accountant_client,
        "review",
        **{**AT_KBC, "client_reference": "512", "iban": "BE1", "address": "anna@"},
    )

    assert answer.status_code == 422
    summary = answer.text.partition('class="summary"')[2].partition("</div>")[0]
    assert re.findall(r'href="#(\w+)"', summary) == ["client_reference", "iban", "address"]
    for value in ("512", "BE1", "anna@"):
        assert f'value="{value}"' in answer.text
    assert re.search(r'value="nl" required checked', answer.text)
    assert nothing_is_stored(database)


def test_what_was_left_empty_is_asked_for(accountant_client: FlaskClient, database: Database) -> None:
    page = press(
        accountant_client, "review", **{**AT_KBC, "client_reference": " ", "iban": "", "address": ""}
    ).text

    assert "Enter the client reference: the ten digits on the credit card statement." in page
    assert "Enter the IBAN of the account that the card belongs to." in page
    assert "Enter the cardholder&#39;s email address." in page
    assert nothing_is_stored(database)


def test_the_order_is_checked_again(accountant_client: FlaskClient, database: Database) -> None:
    assert press(accountant_client, "order", language="es").status_code == 422
    assert press(accountant_client, "order", **{**AT_KBC, "iban": "BE68 5390 0754 7034"}).status_code == 422
    assert nothing_is_stored(database)


def test_change_leads_back_to_the_filled_form(accountant_client: FlaskClient, database: Database) -> None:
    answer = press(accountant_client, "change")

    assert answer.status_code == 200
    assert 'name="client_reference" value="6123 456 789"' in answer.text
    assert f'name="address" value="{ADDRESS}"' in answer.text
    assert nothing_is_stored(database)


def test_an_order_leads_to_its_place_on_the_dossier(
    accountant_client: FlaskClient, database: Database
) -> None:
    answer = press(accountant_client, "order")

    public_id = the_request(database)
    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/portal/dossiers/1?request={public_id}#request-{public_id}"
    assert stored(database) == (REFERENCE, ADDRESS, "nl", None)
    assert "the invitation is on its way" in accountant_client.get("/portal/caro").text


def test_who_orders_is_whom_the_cardholder_asks(accountant_client: FlaskClient, database: Database) -> None:
    add_colleague(database, "zz@dupont.example")
    colleague = sign_in(
        accountant_client.application.test_client(),
        accountant_client.application.extensions["caro"],
        "zz@dupont.example",
    )
    press(colleague, "order")

    asked = select(Accountant.email).join(Activation, Activation.accountant_id == Accountant.id)
    with database.read_connection() as connection:
        assert connection.execute(asked).scalar_one() == "zz@dupont.example"
        assert connection.execute(select(Event.actor)).scalar_one() == "accountant 2"


def test_an_order_at_kbc_keeps_the_iban_and_sends_the_steps(
    accountant_client: FlaskClient, database: Database
) -> None:
    press(accountant_client, "order", **AT_KBC)

    assert stored(database)[3] == KBC_IBAN.replace(" ", "")
    with database.read_connection() as connection:
        assert connection.execute(select(OutboxMessage.kind)).scalar_one() is MailKind.INSTRUCTIONS


def test_an_iban_left_over_from_another_bank_is_not_taken(
    accountant_client: FlaskClient, database: Database
) -> None:
    press(accountant_client, "order", iban=KBC_IBAN)

    assert stored(database)[3] is None


def test_looking_reads_little_and_writes_nothing(accountant_client: FlaskClient, services: Services) -> None:
    token = token_in(accountant_client.get(ACME).text)

    with counted(services.database) as form:
        accountant_client.get(f"{ACME}?bank=kbc")
    with counted(services.database) as review:
        accountant_client.post(ACME, data={**TYPED, "step": "review", "csrf_token": token})

    # Who is signed in, the dossier, its mandates; then these again, and who holds the reference.
    assert (len(form.statements), form.transactions) == (3, 0)
    assert (len(review.statements), review.transactions) == (6, 0)
