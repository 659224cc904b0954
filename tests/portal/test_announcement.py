"""The page of the announcement: filled in, in every language, to copy or to open in a mail program."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from flask.testing import FlaskClient

from app.db import Database
from app.i18n import LANGUAGES
from tests.support.office import ADDRESS
from tests.support.ordering import nothing_is_stored, press

PAGE = "/portal/dossiers/1/announcement"
FILLED = f"{PAGE}?bank=belfius&client_reference=6123456789"
#: What programs that are handed a whole mail as a link still take.
LONGEST_LINK = 2000


@pytest.fixture
def accountant_language() -> str:
    return "en"


def mail_links(page: str) -> list[str]:
    return [unescape(link) for link in re.findall(r'href="(mailto:[^"?]*\?[^"]+)"', page)]


def texts(page: str) -> dict[str, str]:
    """Return the texts to copy, by language."""
    found = re.findall(r'<textarea id="announcement-(\w+)"[^>]*>(.*?)</textarea>', page, re.DOTALL)
    return {language: unescape(text) for language, text in found}


def test_the_page_asks_for_bank_and_reference_first(accountant_client: FlaskClient) -> None:
    page = accountant_client.get(PAGE).text

    assert 'name="bank"' in page
    assert 'name="client_reference"' in page
    assert texts(page) == {}


def test_the_mail_is_there_in_every_language(accountant_client: FlaskClient) -> None:
    page = accountant_client.get(FILLED).text

    assert list(texts(page)) == list(LANGUAGES)
    assert all("6123 456 789" in text and "Belfius" in text for text in texts(page).values())
    assert len(re.findall(r'data-copy="#announcement-\w\w"[^>]* hidden', page)) == len(LANGUAGES)


def test_opened_in_a_mail_program_it_is_the_same_mail(accountant_client: FlaskClient) -> None:
    page = accountant_client.get(FILLED).text

    for link, text in zip(mail_links(page), texts(page).values(), strict=True):
        parts = urlsplit(link)
        assert (parts.scheme, parts.path) == ("mailto", "")
        query = parse_qs(parts.query, strict_parsing=True)
        assert query["body"] == [text.replace("\n", "\r\n")]
        assert "%0D%0A" in parts.query
        assert "+" not in parts.query


@pytest.mark.parametrize("bank", ["belfius", "kbc"])
def test_a_mail_program_takes_it_whole(accountant_client: FlaskClient, bank: str) -> None:
    page = accountant_client.get(PAGE, query_string={"bank": bank, "client_reference": "6123456789"}).text

    assert len(mail_links(page)) == len(LANGUAGES)
    assert [len(link) for link in mail_links(page) if len(link) > LONGEST_LINK] == []


def test_a_wrong_reference_or_bank_is_told_at_its_field(accountant_client: FlaskClient) -> None:
    answer = accountant_client.get(PAGE, query_string={"bank": "crelan", "client_reference": "12"})

    assert answer.status_code == 422
    assert 'href="#bank"' in answer.text
    assert 'href="#client_reference"' in answer.text
    assert texts(answer.text) == {}


def test_a_reference_left_empty_is_asked_for(accountant_client: FlaskClient) -> None:
    answer = accountant_client.get(PAGE, query_string={"bank": "belfius", "client_reference": ""})

    assert answer.status_code == 422
    assert "Enter the client reference: the ten digits on the credit card statement." in answer.text


@pytest.mark.parametrize("query", ["", "?bank=belfius&client_reference=6123456789"])
def test_a_dossier_that_cannot_order_says_so(accountant_client: FlaskClient, query: str) -> None:
    page = accountant_client.get(f"/portal/dossiers/2/announcement{query}").text

    assert "No active CODA mandate" in page
    assert 'name="client_reference"' not in page


def test_the_last_look_offers_it_in_the_cardholders_language(
    accountant_client: FlaskClient, database: Database
) -> None:
    page = press(accountant_client, "review").text

    assert list(texts(page)) == ["nl"]
    (link,) = mail_links(page)
    assert urlsplit(link).path == ADDRESS
    assert nothing_is_stored(database)


def test_an_odd_address_cannot_add_to_the_mail(accountant_client: FlaskClient) -> None:
    page = press(accountant_client, "review", address="a&cc=x?y%0D@client.example").text

    (link,) = mail_links(page)
    assert urlsplit(link).path == "a%26cc%3Dx%3Fy%250D@client.example"
    assert set(parse_qs(urlsplit(link).query)) == {"subject", "body"}
