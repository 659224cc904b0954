"""How to activate where the bank asks in its own app: a public page that knows of no request."""

import pytest
from bs4 import BeautifulSoup
from flask.testing import FlaskClient

from app.domain.banks import APP_BANKS, BANKS, ActivationRoute
from app.domain.terms import NEWEST_VERSION
from app.i18n import LANGUAGES
from app.web.extensions import Services
from tests.support.office import ADDRESS, OFFICE, REFERENCE, order_for

OTHERS = [bank.key for bank in BANKS.values() if bank.route is ActivationRoute.LINK]


def page(client: FlaskClient, path: str, language: str = "en") -> BeautifulSoup:
    answer = client.get(f"{path}?lang={language}")
    assert answer.status_code == 200
    return BeautifulSoup(answer.text, "html.parser")


def words(shown: BeautifulSoup, selector: str = "main") -> str:
    found = shown.select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return " ".join(found.get_text(" ", strip=True).split())


@pytest.mark.parametrize("bank", APP_BANKS)
def test_steps_lead_through_the_app_of_this_bank(client: FlaskClient, bank: str) -> None:
    shown = page(client, f"/how-to-activate/{bank}")

    assert words(shown, "h1") == f"How to activate CARO in the {BANKS[bank].name} app"
    assert [" ".join(step.text.split()) for step in shown.select("main ol li")] == [
        f"Open the {BANKS[bank].name} app and sign in.",
        "Find the request from CodaBox CARO: it names your accounting office and your client reference.",
        "Read it and confirm it. Nothing is charged.",
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "A link: our email contains none, on purpose.",
        "Your card number: you do not enter any card details.",
        "A card reader: you confirm in the app.",
        "You will not be charged.",
        "Its client reference is the one on your own credit card statement.",
        "We never ask for your PIN",
        "A new request does not always appear in the app straight away.",
        "We do not always know straight away that you have confirmed.",
    ],
)
def test_page_says_what_a_worried_cardholder_asks(client: FlaskClient, sentence: str) -> None:
    assert sentence in words(page(client, "/how-to-activate/kbc"))


def test_help_is_the_accounting_office_whose_name_nobody_knows_here(client: FlaskClient) -> None:
    shown = page(client, "/how-to-activate/kbc")

    assert "Contact your accounting office" in words(shown, "footer")
    assert shown.select("a[href^=mailto]") == []


def test_page_asks_for_nothing_and_leads_nowhere_else(client: FlaskClient) -> None:
    shown = page(client, "/how-to-activate/kbc")

    assert shown.select("main form, main input, main a, main button") == []


@pytest.mark.parametrize("bank", [*OTHERS, "KBC", "atlantis", "kbc/6123456789", "%00", "..%2fterms"])
def test_no_other_bank_has_such_a_page(client: FlaskClient, bank: str) -> None:
    assert client.get(f"/how-to-activate/{bank}").status_code == 404


def test_list_leads_to_each_bank_with_an_app(client: FlaskClient) -> None:
    links = page(client, "/how-to-activate").select("main a")

    assert [(link.text, link["href"]) for link in links] == [
        (bank.name, f"/how-to-activate/{bank.key}") for bank in APP_BANKS.values()
    ]
    for link in links:
        page(client, str(link["href"]))


def test_home_leads_to_the_list(client: FlaskClient) -> None:
    assert [link["href"] for link in page(client, "/").select("main a")] == [
        "/how-to-activate",
        "/portal/sign-in",
    ]


@pytest.mark.parametrize("path", ["/how-to-activate", "/how-to-activate/kbc", "/how-to-activate/cbc"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_speaks_every_language_and_keeps_the_choice(
    client: FlaskClient, path: str, language: str
) -> None:
    shown = page(client, path, language)

    assert shown.html is not None
    assert shown.html["lang"] == language
    assert [link["href"] for link in shown.select(".languages a")] == [f"?lang={one}" for one in LANGUAGES]
    again = client.get(path, headers={"Accept-Language": "en"})
    assert f'<html lang="{language}">' in again.text


def test_page_is_the_same_whether_or_not_somebody_is_asked(client: FlaskClient, services: Services) -> None:
    before = client.get("/how-to-activate/kbc").text
    public_id = services.orders.place_order(order_for(bank="kbc", iban="BE78735000000186")).public_id
    after = client.get("/how-to-activate/kbc").text

    assert after == before
    for secret in (public_id, OFFICE, REFERENCE, "6123 456 789", ADDRESS):
        assert secret not in after


#: What each answer has of its own.
OWN = frozenset({"Content-Length", "X-Request-ID"})


def test_headers_are_those_of_the_conditions(client: FlaskClient) -> None:
    ours, conditions = (
        {name: value for name, value in client.get(path).headers.items() if name not in OWN}
        for path in ("/how-to-activate/kbc", f"/terms/{NEWEST_VERSION}/fr")
    )

    assert ours == conditions
    assert "Set-Cookie" not in ours
