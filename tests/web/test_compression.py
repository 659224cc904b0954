"""What travels compressed, and what must not."""

import gzip

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.i18n import LANGUAGES

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def ask(client: FlaskClient, path: str, accept: str = TAKES_GZIP["Accept-Encoding"]) -> TestResponse:
    return client.get(path, headers={"Accept-Encoding": accept})


@pytest.mark.parametrize("path", ["/portal/sign-in", *(f"/portal/sign-in?lang={one}" for one in LANGUAGES)])
def test_a_page_comes_compressed_and_says_the_same(client: FlaskClient, path: str) -> None:
    compressed, plain = ask(client, path), client.get(path)

    assert compressed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(compressed.get_data()) == plain.get_data()
    assert int(compressed.headers["Content-Length"]) < len(plain.get_data()) / 2
    assert "Accept-Encoding" in compressed.vary
    assert "Accept-Encoding" in plain.vary


@pytest.mark.parametrize("accept", ["", "br", "identity", "gzip;q=0, br"])
def test_nobody_is_sent_what_they_do_not_take(client: FlaskClient, accept: str) -> None:
    page = ask(client, "/portal/sign-in", accept)
    assert "Content-Encoding" not in page.headers
    assert b"<html" in page.get_data()


@pytest.mark.parametrize("query", ["q=boulangerie", "lang=xx", "lang=fr&q=a", "lang=fr&lang=nl", "LANG=fr"])
def test_a_page_is_not_compressed_with_words_of_somebody_elses_choice(
    client: FlaskClient, query: str
) -> None:
    assert "Content-Encoding" not in ask(client, f"/portal/sign-in?{query}").headers


def test_neither_is_the_answer_to_a_form_nor_an_error(client: FlaskClient) -> None:
    sent = client.post("/portal/sign-in", data={"email": "nobody"}, headers=TAKES_GZIP)
    assert "Content-Encoding" not in sent.headers
    assert "Content-Encoding" not in ask(client, "/nowhere").headers


def test_a_file_comes_compressed_under_its_hashed_address_alone(client: FlaskClient) -> None:
    with (
        ask(client, "/static/css/site.css?v=1") as compressed,
        client.get("/static/css/site.css?v=1") as plain,
    ):
        assert compressed.headers["Content-Encoding"] == "gzip"
        assert b":root {" in gzip.decompress(compressed.get_data())
        assert "Accept-Encoding" in plain.vary
    with ask(client, "/static/css/site.css") as asked_again:
        assert "Content-Encoding" not in asked_again.headers


@pytest.mark.parametrize("name", ["js/card.js", "js/site.js", "css/site.css"])
def test_a_file_comes_without_the_lines_that_explain_it(client: FlaskClient, name: str) -> None:
    with ask(client, f"/static/{name}?v=1") as compressed, client.get(f"/static/{name}?v=1") as plain:
        sent = gzip.decompress(compressed.get_data()).splitlines()
        whole = plain.get_data().splitlines()
    assert sent == [line for line in whole if not line.lstrip().startswith((b"//", b"/*"))]
    assert len(sent) < len(whole)


def test_the_head_of_a_page_is_that_of_the_page(client: FlaskClient) -> None:
    head, page = client.head("/", headers=TAKES_GZIP), ask(client, "/")
    assert head.headers["Content-Encoding"] == "gzip"
    assert head.headers["Content-Length"] == page.headers["Content-Length"]
