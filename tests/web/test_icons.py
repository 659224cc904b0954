"""Icons, the colour of the browser's frame, and what a chat shows of a link that is pasted into it."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.web.extensions import Services
from tests.support.cardholder import CardholderClient


@pytest.mark.parametrize(
    ("path", "begins"), [("/favicon.ico", b"\x00\x00\x01\x00"), ("/apple-touch-icon.png", b"\x89PNG")]
)
def test_an_icon_is_where_browsers_and_phones_look_for_it(
    client: FlaskClient, path: str, begins: bytes
) -> None:
    with client.get(path) as answer:
        assert answer.status_code == 200
        assert str(answer.mimetype).startswith("image/")
        assert answer.data.startswith(begins)


def test_a_chat_shows_a_neutral_title_and_picture_and_never_whose_link_it_is(
    cardholder_client: CardholderClient, client: FlaskClient, services: Services
) -> None:
    cardholder_client.open_link()

    head = BeautifulSoup(cardholder_client.page.text, "html.parser").head
    assert head is not None
    preview = {tag["property"]: tag["content"] for tag in head.select("[property^=og]")}
    assert preview["og:title"] == "CARO"
    assert preview["og:description"] == "Card statements for your accounting"
    assert str(preview["og:image"]).startswith(
        f"{services.settings.public_url}/static/apple-touch-icon.png?v="
    )
    with client.get(str(preview["og:image"]).removeprefix(services.settings.public_url)) as picture:
        assert picture.mimetype == "image/png"
    assert "6123456789" not in str(head)
    assert "612 345" not in str(head)


def test_the_frame_of_the_browser_takes_the_colour_of_the_page_by_day_and_by_night(
    client: FlaskClient,
) -> None:
    head = BeautifulSoup(client.get("/").text, "html.parser")
    colours = {str(tag["media"]): tag["content"] for tag in head.select("[name=theme-color]")}
    assert colours == {
        "(prefers-color-scheme: light)": "#fff",
        "(prefers-color-scheme: dark)": "#162b31",
    }
