"""The home page says what CARO is to whoever comes there."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("heading", "says"),
    [
        ("You received an email about CARO", "open the link in the email that you received"),
        ("You were not expecting that email", "nothing is shared and nothing is charged"),
        ("You work at an accounting office", "You order CARO for your client's credit card"),
    ],
)
def test_each_reader_finds_what_caro_is_for_them(client: FlaskClient, heading: str, says: str) -> None:
    page = BeautifulSoup(client.get("/?lang=en").text, "html.parser")
    title = page.find("h2", string=heading)
    assert title is not None
    paragraph = title.find_next_sibling("p")
    assert paragraph is not None
    assert says in paragraph.get_text()


def test_an_accountant_goes_on_to_the_portal(client: FlaskClient) -> None:
    page = BeautifulSoup(client.get("/?lang=en").text, "html.parser")
    link = page.select_one("main a[href='/portal/sign-in']")
    assert link is not None
    assert client.get(str(link["href"])).status_code == 200
