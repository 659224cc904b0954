"""The card page: every slip has its sentence, nothing secret comes back, nothing is asked twice."""

import pytest
from flask import Flask

from app.domain.bank_results import RegisterRefusal
from app.domain.cards import CardProblem
from app.wording import PROBLEMS
from tests.support.cardholder import CARD, CardholderClient
from tests.support.doubles import FakeBank

SLIPS = [
    ("card_number", "", CardProblem.NUMBER_MISSING),
    ("card_number", "credit card", CardProblem.NUMBER_NOT_DIGITS),
    ("card_number", "4000 0243 2959 639X", CardProblem.NUMBER_LETTER),
    ("card_number", "4000 0243", CardProblem.NUMBER_SHORT),
    ("card_number", "4000 0243 2959 6391 4000", CardProblem.NUMBER_LONG),
    ("card_number", "6703 0000 0000 0000 3", CardProblem.NUMBER_DEBIT),
    ("card_number", "4242 4242 4242 4241", CardProblem.NUMBER_CHECKSUM),
    ("card_number", "3782 822463 10006", CardProblem.NUMBER_FOREIGN),
    ("expiry", "", CardProblem.EXPIRY_MISSING),
    ("expiry", "13/29", CardProblem.EXPIRY_FORMAT),
    ("expiry", "10/26", CardProblem.EXPIRY_PAST),
    ("expiry", "12/99", CardProblem.EXPIRY_FAR),
    ("security_code", "", CardProblem.CODE_MISSING),
    ("security_code", "12", CardProblem.CODE_LENGTH),
]


@pytest.mark.parametrize(("field", "typed", "problem"), SLIPS)
def test_a_slip_is_explained_at_its_field(
    app: Flask,
    cardholder_client: CardholderClient,
    bank: FakeBank,
    field: str,
    typed: str,
    problem: CardProblem,
) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(**{field: typed})

    with app.test_request_context("?lang=en"):
        app.preprocess_request()
        sentence = str(PROBLEMS[problem])
    assert cardholder_client.page.status_code == 200
    assert cardholder_client.words("title") == "Error: Your credit card – CARO"
    assert sentence in cardholder_client.words(f"#{field}-problem")
    assert cardholder_client.words(f'.summary a[href="#{field}"]') == sentence
    described = cardholder_client.soup().select_one(f"#{field}[aria-invalid=true]")
    assert described is not None
    assert f"{field}-problem" in str(described["aria-describedby"])
    assert bank.asked == []


def test_amex_wants_four_digits(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(card_number="3782 822463 10005")

    assert "four digits on the front" in cardholder_client.words("#security_code-problem")


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("3782 822463 10006", "1234"),
        ("3782 822463 1000", "1234"),
        ("3782 822463 10006", "123"),
        ("", "1234"),
        ("4000 0243 2959 6392", "123"),
        # A debit card has no code.
        ("6703 0000 0000 0000 3", ""),
        ("5018 0000 0000 0009", "1"),
    ],
)
def test_a_slip_in_the_number_makes_no_second_one_of_the_code(
    cardholder_client: CardholderClient, number: str, code: str
) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(card_number=number, security_code=code)

    assert [link["href"] for link in cardholder_client.soup().select(".summary a")] == ["#card_number"]


def test_the_page_says_which_cards_it_takes(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()

    drawing = cardholder_client.soup().select_one("main svg[role=img][aria-label='Visa, Mastercard']")
    assert drawing is not None
    assert "Credit cards only." in cardholder_client.words()
    assert "three digits on the back" in cardholder_client.words("#security_code-hint")
    assert "American Express" not in cardholder_client.words()


def test_only_the_expiry_date_comes_back(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(card_number="4242 4242 4242 4241", expiry="05/29", security_code="987")

    assert cardholder_client.value("expiry") == "05/29"
    assert cardholder_client.value("card_number") == cardholder_client.value("security_code") == ""
    assert "4241" not in cardholder_client.page.text
    assert "987" not in cardholder_client.words()


@pytest.mark.parametrize("field", ["expiry", "security_code"])
@pytest.mark.parametrize("number", ["4000024329596391", "4000 0243 2959 6391", " 4000-0243-2959-6391"])
def test_a_misplaced_card_number_stays_unseen(
    cardholder_client: CardholderClient, field: str, number: str
) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(**{field: number})

    assert cardholder_client.page.status_code == 200
    assert cardholder_client.value("expiry") == ("" if field == "expiry" else CARD["expiry"])
    assert number.strip() not in cardholder_client.page.text
    assert "6391" not in cardholder_client.page.text


@pytest.mark.parametrize("typed", ["05/29", "5.2029", "0529", "05 29", "5 29", "2029-05", "mai 2029"])
def test_a_date_that_was_read_comes_back(cardholder_client: CardholderClient, typed: str) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(expiry=typed, security_code="1")

    assert cardholder_client.value("expiry") == "05/29"


@pytest.mark.parametrize("typed", ["12345678", "987", "8471", "13-29", "05/29x", "<b>"])
def test_what_is_no_date_is_forgotten(cardholder_client: CardholderClient, typed: str) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(expiry=typed, security_code="1")

    assert cardholder_client.value("expiry") == ""


@pytest.mark.parametrize(
    "changes",
    [
        {"card_number": "4000024329596391"},
        {"card_number": "4000-0243-2959-6391", "expiry": "0529"},
        {"card_number": "Visa : 4000\u20140243\u20032959\u22126391\u200e", "expiry": "529"},
        {"card_number": "\ufeff'٤٠٠٠ ٠٢٤٣ ٢٩٥٩ ٦٣٩١", "expiry": "2029-05", "security_code": "１２３"},
        {"card_number": "4000\u00a00243\u00a02959\u00a06391", "expiry": "5/2029"},
    ],
)
def test_the_dress_of_a_right_card_does_not_matter(
    cardholder_client: CardholderClient, bank: FakeBank, changes: dict[str, str]
) -> None:
    cardholder_client.reach_card()
    cardholder_client.type_card(**changes)

    assert cardholder_client.heading() == "Going to your bank"


def test_the_bank_page_is_announced_beforehand(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()

    leaving = cardholder_client.words(".leaving")
    assert "the page of Belfius at 127.0.0.1:8001" in leaving
    assert "0.00 EUR" in leaving
    assert "SIMULATION" in leaving


def test_a_long_label_is_pasted_whole(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    pasted = f"Numéro de la carte de crédit Visa de la société Dupont & Fils, Belfius : {CARD['card_number']}"

    assert {int(str(field["maxlength"])) for field in cardholder_client.soup().select("[type=text]")} == {500}
    cardholder_client.type_card(card_number=pasted)
    assert cardholder_client.heading() == "Going to your bank"


def test_fields_help_phones_to_fill_in(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()

    fields = {field["name"]: field for field in cardholder_client.soup().select("[type=text]")}
    assert [field["autocomplete"] for field in fields.values()] == ["cc-number", "cc-exp", "cc-csc"]
    assert {field["inputmode"] for field in fields.values()} == {"numeric"}
    assert cardholder_client.soup().select("form[novalidate]")


def test_a_second_click_joins_the_attempt(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_card()
    form = cardholder_client.page
    cardholder_client.type_card()
    cardholder_client.page = form
    cardholder_client.type_card()

    assert cardholder_client.heading() == "Going to your bank"
    assert len(bank.asked) == 1


def test_the_bank_learns_where_to_return(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    cardholder_client.reach_bank()

    (asked,) = bank.asked
    assert asked.return_url == "http://localhost:8000/3ds/return"
    assert asked.language == "en"
    assert asked.office == "Bureau Dupont"


def test_a_refused_card_leads_to_its_message(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_client.reach_card()
    cardholder_client.type_card()

    assert cardholder_client.page.request.path.endswith("/result")
    assert "is not linked to 6123456789." in cardholder_client.heading()


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        ("{}", "application/json", 415),
        ("--x\r\n--x--", "multipart/form-data; boundary=x", 415),
        ("card_number=1&card_number=2", "application/x-www-form-urlencoded", 400),
        ("card_number=%ff%fe", "application/x-www-form-urlencoded", 400),
        (b"card_number=\xff", "application/x-www-form-urlencoded", 400),
        ("a=" + "1" * 20_000, "application/x-www-form-urlencoded", 413),
    ],
)
def test_what_no_form_sends_is_refused(
    cardholder_client: CardholderClient, bank: FakeBank, body: str | bytes, kind: str, status: int
) -> None:
    cardholder_client.reach_card()
    answer = cardholder_client.client.post(f"{cardholder_client.home}/card", data=body, content_type=kind)

    assert answer.status_code == status
    assert bank.asked == []


def test_unknown_fields_are_ignored(cardholder_client: CardholderClient) -> None:
    cardholder_client.reach_card()
    cardholder_client.follow(cardholder_client.send("card", **CARD, state="active", is_admin="1"))

    assert cardholder_client.heading() == "Going to your bank"


def test_every_problem_has_a_sentence() -> None:
    assert set(PROBLEMS) == set(CardProblem)
