"""The preview shows every page and mail as a cardholder meets it, in each language."""

import re
from collections.abc import Callable

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.domain.banks import BANKS
from app.domain.failures import FAILURES, Failure
from app.domain.history import MailKind
from app.domain.states import LinkCondition
from app.i18n import LANGUAGES, _, override_locale
from app.portal.preview.preview_pages import PREVIEW_PAGES
from app.web.extensions import Services
from app.web.link_pages import PAGES
from app.wording import HEADINGS
from tests.support.cardholder import CARD, CardholderClient
from tests.support.office import OFFICE, ORDER, REFERENCE, order_for

Url = Callable[..., str]


def soup(page: str) -> BeautifulSoup:
    return BeautifulSoup(page, "html.parser")


def words(page: str, selector: str) -> str:
    found = soup(page).select_one(selector)
    assert found is not None, f"{selector} is not on the page"
    return " ".join(found.get_text(" ", strip=True).split())


@pytest.fixture
def looker(accountant_client: FlaskClient, url: Url) -> CardholderClient:
    """An accountant who walks through the preview as a cardholder would."""
    looker = CardholderClient(accountant_client, url("welcome"))
    looker.home = looker.path.removesuffix("/welcome")
    looker.visit("welcome")
    return looker


def test_everything_that_can_be_told_can_be_looked_at() -> None:
    scenes = PREVIEW_PAGES.values()

    assert {scene.failure for scene in scenes} - {None} == set(Failure)
    assert {scene.condition for scene in scenes} - {None} == set(LinkCondition)
    assert {scene.mail for scene in scenes} - {None} == set(MailKind)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_says_in_its_own_language_that_nothing_happens(
    app: Flask, accountant_client: FlaskClient, url: Url, language: str
) -> None:
    with app.test_request_context(), override_locale(language):
        watermark = _("Preview – nothing happens")
    for key in PREVIEW_PAGES:
        page = accountant_client.get(url(key, language=language)).text
        assert words(page, ".preview-bar strong") == watermark, key
        assert f'<html lang="{language}">' in page, key


def test_the_bar_names_the_page_that_is_shown_and_leads_to_every_other(
    accountant_client: FlaskClient, url: Url
) -> None:
    for key in PREVIEW_PAGES:
        page = soup(accountant_client.get(url(key)).text)
        assert [option["value"] for option in page.select("#scene option[selected]")] == [key]
        form = page.select_one(".preview-bar form")
        assert form is not None
        assert accountant_client.get(f"{form['action']}?scene={key}").location == url(key)


def test_an_accountant_walks_from_the_welcome_to_the_active_service(looker: CardholderClient) -> None:
    seen = [looker.heading()]
    looker.accept()
    seen.append(looker.heading())
    looker.follow(looker.send("card"))
    seen.append(looker.heading())
    action = str(looker.soup().select_one("main form")["action"])  # type: ignore[index]
    looker.follow(looker.client.post(action, data={"csrf_token": looker.token()}))
    seen.append(looker.heading())
    outcome = looker.soup().select_one("main .actions a")
    assert outcome is not None
    looker.page = looker.client.get(str(outcome["href"]))
    seen.append(looker.heading())

    assert seen == [
        "Welcome",
        "Your credit card",
        "Going to your bank",
        "The bank's page",
        "Your service is active",
    ]


def test_the_page_of_the_bank_offers_every_outcome(accountant_client: FlaskClient, url: Url) -> None:
    links = {str(link["href"]) for link in soup(accountant_client.get(url("signing")).text).select("main a")}

    assert {url(f"failure-{failure}") for failure in Failure} | {url("active"), url("pending")} == links


def test_unticked_boxes_are_asked_for_as_in_the_real_wizard(looker: CardholderClient) -> None:
    looker.follow(looker.send("welcome"))

    assert looker.page.status_code == 200
    assert "Accept the conditions before you continue." in looker.words(".summary")


def test_the_card_page_is_filled_in_and_closed(accountant_client: FlaskClient, url: Url) -> None:
    fields = soup(accountant_client.get(url("card")).text).select("main input[type=text]")

    assert len(fields) == 3
    assert all(field.has_attr("disabled") and field["value"] for field in fields)


def test_a_card_that_is_sent_all_the_same_is_not_looked_at(looker: CardholderClient) -> None:
    looker.visit("card")
    answer = looker.send("card", **{**CARD, "card_number": "4242 4242 4242 4241"})

    assert answer.status_code == 303
    assert answer.location.endswith("/bank")


def test_no_page_goes_on_by_itself(accountant_client: FlaskClient, url: Url) -> None:
    for key in ("asking", "to-bank", "on-the-way", "pending"):
        assert (
            re.findall(r"data-poll|data-auto-submit|http-equiv", accountant_client.get(url(key)).text) == []
        ), key


def test_starting_over_leads_to_the_card(looker: CardholderClient, url: Url) -> None:
    looker.home = url("pending").removesuffix("/result")
    looker.visit("result")
    looker.follow(looker.send("start-over"))

    assert looker.heading() == "Your credit card"


def test_checking_while_the_bank_is_silent_waits_on(looker: CardholderClient, url: Url) -> None:
    looker.home = url("pending").removesuffix("/result")
    looker.visit("result")
    looker.follow(looker.send("check"))

    assert looker.heading() == "We are waiting for your bank"


def test_each_failure_is_told_in_its_exact_words(
    app: Flask, accountant_client: FlaskClient, url: Url
) -> None:
    for failure in Failure:
        page = accountant_client.get(url(f"failure-{failure}", language="fr")).text
        with app.test_request_context(), override_locale("fr"):
            told = str(HEADINGS[FAILURES[failure].message]) % {"reference": REFERENCE}
        assert words(page, "h1") == told, failure


def test_after_five_refusals_no_button_leads_to_the_card(accountant_client: FlaskClient, url: Url) -> None:
    page = accountant_client.get(url("closed")).text

    assert "The page for your card details is closed: five attempts were refused within 24 hours." in words(
        page, "main"
    )
    assert "Try again" not in words(page, "main")


def test_each_closed_link_answers_as_it_would(app: Flask, accountant_client: FlaskClient, url: Url) -> None:
    for condition in LinkCondition:
        answer = accountant_client.get(url(f"link-{condition}"))
        assert answer.status_code == PAGES[condition].status
        with app.test_request_context(), override_locale("en"):
            assert words(answer.text, "h1") == str(PAGES[condition].title)


def test_the_pages_name_what_was_chosen(accountant_client: FlaskClient, url: Url) -> None:
    page = accountant_client.get(url("welcome", bank_key="crelan", reference="7000000001")).text

    assert words(page, ".progress + p") == f"{OFFICE} · 7000 000 001 · Crelan"


def test_the_welcome_is_the_one_that_a_cardholder_reads(
    accountant_client: FlaskClient, url: Url, services: Services
) -> None:
    request = services.orders.place_order(ORDER)
    cardholder = CardholderClient(
        accountant_client, services.invitations.copy_link(request.public_id, "test")
    )
    cardholder.open_link()

    assert words(accountant_client.get(url("welcome", bank_key="belfius")).text, "main") == cardholder.words()


@pytest.mark.parametrize("bank", ["belfius", "kbc"])
def test_the_start_page_lists_what_cardholders_of_the_bank_can_meet(
    accountant_client: FlaskClient, url: Url, bank: str
) -> None:
    page = soup(accountant_client.get(f"/portal/preview?bank={bank}&language=en").text)

    met = [key for key, page in PREVIEW_PAGES.items() if page.is_for_bank(BANKS[bank])]
    assert [link["href"] for link in page.select(".scenes a")] == [url(key, bank_key=bank) for key in met]


@pytest.mark.parametrize("bank", BANKS)
def test_no_heading_of_the_start_page_stands_alone(accountant_client: FlaskClient, bank: str) -> None:
    page = soup(accountant_client.get(f"/portal/preview?bank={bank}&language=en&lang=en").text)

    assert len(page.select("main section h2")) == len(page.select("main section ul:has(a)"))


@pytest.mark.parametrize("kind", [MailKind.NEW_LINK_WANTED, MailKind.REQUEST_UNEXPECTED])
def test_what_is_asked_on_the_page_of_a_link_is_no_mail_of_a_bank_without_links(
    accountant_client: FlaskClient, url: Url, kind: MailKind
) -> None:
    at_kbc = url(f"mail-{kind}", bank_key="kbc")

    offered = soup(accountant_client.get("/portal/preview?bank=kbc&language=en").text).select(".scenes a")

    assert at_kbc not in [link["href"] for link in offered]
    assert accountant_client.get(at_kbc).status_code == 404
    assert accountant_client.get(url(f"mail-{kind}", bank_key="belfius")).status_code == 200


@pytest.mark.parametrize(("bank", "first"), [("belfius", "welcome"), ("kbc", "mail-instructions")])
def test_the_walk_begins_with_what_the_cardholder_meets_first(
    accountant_client: FlaskClient, url: Url, bank: str, first: str
) -> None:
    answer = accountant_client.get(
        f"/portal/preview/walk?dossier=acme&bank={bank}&reference=6123.456.789&language=en"
    )

    assert answer.location == url(first, bank_key=bank)


def test_what_was_typed_stays_with_the_sentences_that_say_what_is_wrong(
    accountant_client: FlaskClient,
) -> None:
    answer = accountant_client.get(
        "/portal/preview/walk?dossier=nobody&bank=atlantis&reference=123&language=tlh&lang=en"
    )
    page = soup(answer.text)

    assert answer.status_code == 422
    assert [link["href"] for link in page.select(".summary a")] == [
        "#dossier",
        "#bank",
        "#reference",
        "#language",
    ]
    assert [field["value"] for field in page.select("main input")] == ["nobody", "123"]


def test_a_dossier_brings_the_reference_and_the_bank_of_its_request(
    accountant_client: FlaskClient, services: Services
) -> None:
    services.orders.place_order(order_for(bank="fintro", client_reference="7000000001"))
    page = soup(accountant_client.get("/portal/preview?dossier=ACME").text)

    assert page.select("#reference[value='7000000001']")
    assert page.select("#bank option[value=fintro][selected]")


def test_an_office_without_a_dossier_looks_at_the_sample(accountant_client: FlaskClient) -> None:
    page = accountant_client.get("/portal/preview/0/belfius/6123456789/en/mail/problem").text

    assert "ACME – Acme SA" in words(page, ".mail")


def test_the_language_of_a_page_is_changed_without_changing_the_accountants(
    accountant_client: FlaskClient, url: Url
) -> None:
    links = soup(accountant_client.get(url("failure-pin")).text).select(".languages a")
    assert [link["href"] for link in links] == [
        url("failure-pin", language=language) for language in LANGUAGES
    ]

    answer = accountant_client.get(str(links[1]["href"]))
    assert [name for name, _value in answer.headers if name == "Set-Cookie"] == []


def test_each_mail_is_shown_in_every_language(accountant_client: FlaskClient, url: Url) -> None:
    for kind in MailKind:
        pages = [accountant_client.get(url(f"mail-{kind}", language=language)).text for language in LANGUAGES]
        spoken = [soup(page).select_one(".mail article") for page in pages]
        assert [article and article["lang"] for article in spoken] == list(LANGUAGES)
        assert len({words(page, ".mail article") for page in pages}) == len(LANGUAGES)


def test_no_mail_shows_a_link_that_opens(accountant_client: FlaskClient, url: Url) -> None:
    pages = [accountant_client.get(url(f"mail-{kind}")).text for kind in MailKind]

    assert [page for page in pages if re.search(r"/(a|sign-in)/\w", words(page, ".mail"))] == []
