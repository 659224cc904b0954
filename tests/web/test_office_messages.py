"""Dead ends: a page that leads no further lets the cardholder tell the office, and shows its telephone."""

from collections.abc import Callable, Mapping

import pytest
from bs4 import BeautifulSoup
from flask import Flask
from flask.testing import FlaskClient

from app.db import Database
from app.domain.bank_results import RegisterRefusal
from app.domain.message_rules import ON_LINK_PAGES, ON_WRONG_REFERENCE_PAGE, OfficeMessage
from app.domain.states import LinkCondition
from app.i18n import LANGUAGES, override_locale
from app.web.extensions import Services
from app.wording import OFFICE_MESSAGES
from tests.support.activation_factory import ActivationFactory
from tests.support.cardholder import CardholderClient
from tests.support.doubles import FakeBank, FakeBankApp, MovableClock
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE
from tests.web.conftest import everything

NEW_LINK, UNEXPECTED = "Send me a new link", "I did not expect this"


def choices(holder: CardholderClient) -> list[str]:
    """Return the words of the buttons that tell the office something."""
    return [button.get_text(strip=True) for button in holder.soup().select("button[name=message]")]


def press(holder: CardholderClient, label: str, **changes: str) -> None:
    """Press such a button, in a browser that has no cookie of the link."""
    buttons = holder.soup().select("button[name=message]")
    (button,) = (button for button in buttons if button.get_text(strip=True) == label)
    form = button.find_parent("form")
    assert form is not None
    fields = {"csrf_token": holder.token(), "message": str(button["value"]), **changes}
    holder.client.delete_cookie("link", path=getattr(holder, "home", "/"))
    holder.follow(holder.client.post(str(form["action"]), data=fields))


@pytest.fixture
def expired(cardholder_client: CardholderClient, clock: MovableClock) -> CardholderClient:
    """Somebody who opens the link a day too late."""
    clock.advance(days=57)
    cardholder_client.open_link()
    return cardholder_client


def test_a_press_tells_the_office_and_says_so(expired: CardholderClient, app: Flask) -> None:
    assert choices(expired) == [NEW_LINK, UNEXPECTED]
    press(expired, NEW_LINK)

    assert expired.page.status_code == 200
    assert expired.heading() == "Your message was sent"
    assert f"{OFFICE} receives it by email: “{NEW_LINK}”." in expired.words()
    assert "You can send this message again from 10:00 tomorrow." in expired.words()
    assert ADDRESS not in expired.page.text


def test_a_reload_tells_the_same_and_changes_nothing(expired: CardholderClient, database: Database) -> None:
    press(expired, NEW_LINK)
    told, before = expired.words(), everything(database)
    for _ in range(3):
        expired.follow(expired.client.get("/message"))

    assert expired.words() == told
    assert everything(database) == before


def test_a_second_press_says_so_and_does_nothing(
    expired: CardholderClient, database: Database, clock: MovableClock
) -> None:
    press(expired, NEW_LINK)
    clock.advance(hours=5)
    before = everything(database)
    expired.open_link()
    press(expired, NEW_LINK)

    assert expired.heading() == "Your accounting office already has this message"
    assert "was sent today at 10:00. Nothing was sent a second time." in expired.words()
    assert everything(database) == before


def test_the_alarm_is_not_held_back(expired: CardholderClient) -> None:
    press(expired, NEW_LINK)
    expired.open_link()
    press(expired, UNEXPECTED)

    assert expired.heading() == "Your message was sent"
    assert "Do not enter any card details until you have spoken to" in expired.words()


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_speaks_the_language_that_was_chosen(
    expired: CardholderClient, app: Flask, language: str
) -> None:
    expired.client.set_cookie("language", language)
    expired.open_link()
    with app.app_context(), override_locale(language):
        label = str(OFFICE_MESSAGES[OfficeMessage.UNEXPECTED])
    press(expired, label)

    assert expired.page.status_code == 200
    assert expired.soup().html["lang"] == language  # type: ignore[index]
    assert label in expired.words()


def test_without_a_choice_it_speaks_the_language_of_the_request(expired: CardholderClient) -> None:
    expired.client.delete_cookie("language")
    expired.open_link()
    press(expired, "Je ne m'y attendais pas")

    assert expired.heading() == "Votre message a été envoyé"


Reach = Callable[[ActivationFactory, CardholderClient], object]


def _replace(factory: ActivationFactory, holder: CardholderClient) -> None:
    holder.reach_card()
    factory.services.invitations.replace_link(holder.home.rpartition("/")[2], "test")
    holder.open_link()


def _cancel(factory: ActivationFactory, holder: CardholderClient) -> None:
    holder.open_link()
    factory.services.invitations.cancel_activation(holder.home.rpartition("/")[2], "test")
    holder.open_link()


def _lock(page: str) -> Reach:
    def reach(factory: ActivationFactory, holder: CardholderClient) -> None:
        factory.bank.answer = RegisterRefusal.NOT_LINKED
        holder.reach_card()
        for _ in range(5):
            holder.visit("card")
            holder.type_card()
        holder.visit(page)

    return reach


def _not_mine(_factory: ActivationFactory, holder: CardholderClient) -> None:
    holder.open_link()
    holder.visit("not-mine")


def _expire(factory: ActivationFactory, holder: CardholderClient) -> None:
    factory.clock.advance(days=57)
    holder.open_link()


DEAD_ENDS: Mapping[str, tuple[Reach, tuple[OfficeMessage, ...]]] = {
    "expired": (_expire, ON_LINK_PAGES[LinkCondition.EXPIRED]),
    "replaced": (_replace, ON_LINK_PAGES[LinkCondition.REPLACED]),
    "withdrawn": (_cancel, ON_LINK_PAGES[LinkCondition.WITHDRAWN]),
    "locked": (_lock("card"), ON_LINK_PAGES[LinkCondition.LOCKED]),
    "locked, the result": (_lock("result"), ON_LINK_PAGES[LinkCondition.LOCKED]),
    "not mine": (_not_mine, ON_WRONG_REFERENCE_PAGE),
}


@pytest.mark.parametrize("name", DEAD_ENDS)
def test_each_dead_end_offers_what_makes_sense_there(
    app: Flask,
    services: Services,
    bank: FakeBank,
    bank_app: FakeBankApp,
    clock: MovableClock,
    cardholder_client: CardholderClient,
    name: str,
) -> None:
    reach, offered = DEAD_ENDS[name]
    services.offices.set_telephone(OFFICE, "02 012 34 56")
    reach(ActivationFactory(services, bank, bank_app, clock), cardholder_client)
    with app.app_context(), override_locale("en"):
        labels = [str(OFFICE_MESSAGES[message]) for message in offered]
    assert choices(cardholder_client) == labels
    assert contacts(cardholder_client.soup()) == [f"mailto:{ACCOUNTANT}", "tel:+3220123456"]

    press(cardholder_client, labels[-1])
    assert cardholder_client.heading() == "Your message was sent"
    assert contacts(cardholder_client.soup()) == [f"mailto:{ACCOUNTANT}", "tel:+3220123456"]


def contacts(page: BeautifulSoup) -> list[str]:
    return [str(link["href"]) for link in page.select("footer a[href^=mailto], footer a[href^=tel]")]


def test_elsewhere_nobody_can_be_told_anything(cardholder_client: CardholderClient) -> None:
    silent = {condition for condition, offered in ON_LINK_PAGES.items() if not offered}
    assert silent == {
        LinkCondition.ALTERED,
        LinkCondition.UNKNOWN,
        LinkCondition.MISSING,
        LinkCondition.ACTIVE,
        LinkCondition.STOPPED,
    }
    cardholder_client.open_link()
    assert choices(cardholder_client) == []
    cardholder_client.follow(cardholder_client.client.get("/a/nonsense"))
    assert choices(cardholder_client) == []


def test_a_first_refusal_is_no_dead_end(cardholder_client: CardholderClient, bank: FakeBank) -> None:
    bank.answer = RegisterRefusal.NOT_LINKED
    cardholder_client.reach_card()
    cardholder_client.type_card()

    assert choices(cardholder_client) == []


def test_a_page_of_an_hour_ago_sends_nothing(
    expired: CardholderClient, clock: MovableClock, database: Database
) -> None:
    clock.advance(hours=1)
    before = everything(database)
    press(expired, NEW_LINK)

    assert expired.page.status_code == 410
    assert expired.heading() == "This page is out of date"
    assert "Nothing was sent to your accounting office." in expired.words()
    assert everything(database) == before


@pytest.mark.parametrize("value", ["", "nonsense", "x.y", "x" * 5_000, "\u202e"])
def test_a_garbled_value_sends_nothing(expired: CardholderClient, database: Database, value: str) -> None:
    before = everything(database)
    press(expired, NEW_LINK, message=value)

    assert expired.page.status_code == 400
    assert expired.heading() == "We could not read what you sent"
    assert everything(database) == before


def test_a_form_without_its_token_or_of_another_site_is_refused(
    expired: CardholderClient, database: Database
) -> None:
    before = everything(database)
    press(expired, NEW_LINK, csrf_token="")
    assert expired.page.status_code == 400

    fields = {"csrf_token": expired.token(), "message": "x"}
    foreign = expired.client.post("/message", data=fields, headers={"Origin": "https://elsewhere.example"})
    assert foreign.status_code == 403
    assert everything(database) == before


def test_the_page_of_a_message_tells_a_stranger_nothing(client: FlaskClient) -> None:
    page = client.get("/message")

    assert page.status_code == 410
    assert OFFICE not in page.text


def test_without_a_telephone_the_pages_are_as_they_were(expired: CardholderClient) -> None:
    assert contacts(expired.soup()) == [f"mailto:{ACCOUNTANT}"]


def test_the_receipt_shows_the_telephone(
    cardholder_client: CardholderClient, services: Services, bank: FakeBank
) -> None:
    services.offices.set_telephone(OFFICE, "0470/12.34.56")
    cardholder_client.open_link()

    (link,) = cardholder_client.soup().select("footer a[href^=tel]")
    assert (link["href"], link.get_text()) == ("tel:+32470123456", "0470\u00a012\u00a034\u00a056")
