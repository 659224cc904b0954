"""A card number typed into the wrong field is shown nowhere again."""

import pytest
from flask.testing import FlaskClient

from tests.support.portal import digits, token_in

#: A published test number, as people write it.
NUMBER = "4000 0243 2959 6391"
#: Long enough to stand in no hash or token by chance, whatever stands between the digits.
END = "29596391"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/portal/caro", "q"),
        ("/portal/dossiers/1/announcement", "client_reference"),
        ("/portal/dossiers/1/order", "bank"),
        ("/portal/preview", "dossier"),
    ],
)
def test_neither_the_page_nor_its_links_repeat_it(
    accountant_client: FlaskClient, path: str, field: str
) -> None:
    pages = [
        accountant_client.get(path, query_string={**_said(path), field: typed})
        for typed in (NUMBER, _bare(NUMBER))
    ]

    assert not any(END in digits(page.text) for page in pages)


def test_signing_in_does_not_repeat_it(client: FlaskClient) -> None:
    token = token_in(client.get("/portal/sign-in").text)

    answer = client.post("/portal/sign-in", data={"csrf_token": token, "email": NUMBER})

    assert answer.status_code == 422
    assert END not in digits(answer.text)


def _said(path: str) -> dict[str, str]:
    return {"bank": "belfius"} if "warning" in path else {}


def _bare(number: str) -> str:
    return number.replace(" ", "")
