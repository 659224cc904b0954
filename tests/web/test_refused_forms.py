"""A refused form leads back to its page, which shows what is wrong once; nothing secret travels with it."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from itsdangerous import base64_decode

from tests.conftest import ProductClient
from tests.support.cardholder import CARD, CardholderClient

UNREADABLE = {"card_number": "4000 0243 2959 639X", "expiry": "8471", "security_code": "98"}


def refused(holder: CardholderClient, page: str, **fields: str) -> None:
    answer = holder.send(page, **fields)
    assert (answer.status_code, answer.location) == (303, f"{holder.home}/{page}")
    holder.follow(answer)


def session_of(client: FlaskClient) -> str:
    cookie = client.get_cookie("session")
    assert cookie is not None
    return base64_decode(cookie.value.partition(".")[0]).decode()


@pytest.mark.parametrize(
    ("reach", "page", "fields"),
    [("open_link", "welcome", {}), ("reach_card", "card", {**CARD, "expiry": "13/29"})],
)
def test_what_is_wrong_is_shown_once(
    cardholder_client: CardholderClient, reach: str, page: str, fields: dict[str, str]
) -> None:
    getattr(cardholder_client, reach)()
    refused(cardholder_client, page, **fields)
    assert cardholder_client.page.status_code == 200
    assert cardholder_client.soup().select(".summary a")

    cardholder_client.visit(page)
    assert not cardholder_client.soup().select(".summary, .problem")
    assert cardholder_client.words("title").startswith(cardholder_client.heading())


def test_nothing_secret_is_kept_for_the_next_page(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    before = session_of(cardholder_client.client)
    for fields in (UNREADABLE, {**CARD, "security_code": "1"}, {**CARD, "expiry": CARD["card_number"]}):
        answer = cardholder_client.send("card", **fields)
        kept = session_of(cardholder_client.client)
        assert len(kept) - len(before) < 300
        own_words = kept.replace(cardholder_client.home.rpartition("/")[2], "")
        assert not re.search(r"[0-9]{3,}", re.sub(r'"csrf_token":"[0-9a-f]+"', "", own_words))
        cardholder_client.follow(answer)


def test_what_is_wrong_speaks_the_language_of_the_page(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.send("card", **{**CARD, "security_code": "1"})
    cardholder_client.client.set_cookie("language", "fr")
    cardholder_client.visit("card")

    assert "chiffres au dos" in cardholder_client.words("#security_code-problem")


def test_it_is_kept_for_its_own_form_alone(cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()
    welcome = cardholder_client.page
    cardholder_client.send("welcome")
    cardholder_client.page = welcome
    cardholder_client.client.get(f"{cardholder_client.home}/not-mine")
    cardholder_client.visit("welcome")
    assert cardholder_client.soup().select(".summary")


def test_another_browser_knows_nothing_of_it(app: Flask, cardholder_client: CardholderClient) -> None:
    cardholder_client.open_link()
    cardholder_client.send("welcome")
    other = CardholderClient(ProductClient(app), cardholder_client.path)
    other.open_link()

    assert not other.soup().select(".summary")
