"""All messages at a glance: every failure, every closed link, every mail, with its words and its remedy."""

import pytest
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.advice import ADVICE, COUNTS_TOWARDS_CAP, SHOWS_PROBLEM
from app.domain.failures import FAILURES, Failure
from app.domain.history import MailKind
from app.domain.states import LinkCondition
from app.domain.verdicts import CONSEQUENCES, Frequency
from app.i18n import LANGUAGES, override_locale
from app.simulation.scenarios import SCENARIOS
from app.wording import HEADINGS, UNDER
from tests.support.office import REFERENCE

#: What may be said of something that follows in one case.
FOLLOWS = {True: {Frequency.ALWAYS, Frequency.SOMETIMES}, False: {Frequency.NEVER, Frequency.SOMETIMES}}


def page(accountant_client: FlaskClient, language: str) -> BeautifulSoup:
    return BeautifulSoup(accountant_client.get(f"/portal/gallery?lang={language}").text, "html.parser")


def words(part: Tag | None) -> str:
    assert part is not None
    return " ".join(part.get_text(" ", strip=True).split())


def test_every_failure_has_its_card_with_a_link_to_its_page(accountant_client: FlaskClient) -> None:
    cards = page(accountant_client, "en").select("[data-failure]")

    assert {str(card["data-failure"]) for card in cards} == set(Failure)
    for card in cards:
        link = card.select_one("a")
        assert link is not None
        assert accountant_client.get(str(link["href"])).status_code == 200
        assert str(link["href"]).endswith(f"/failure-{card['data-failure']}/result")


def test_every_closed_link_and_every_mail_is_listed(accountant_client: FlaskClient) -> None:
    links = [str(link["href"]) for link in page(accountant_client, "en").select("main a")]

    for condition in LinkCondition:
        assert any(link.endswith(f"/link-{condition}/welcome") for link in links), condition
    for kind in MailKind:
        assert any(link.endswith(f"/mail/{kind}") for link in links), kind


def test_every_mail_is_listed_with_the_subject_that_it_has(accountant_client: FlaskClient) -> None:
    for row in page(accountant_client, "nl").select("tbody tr"):
        link, cells = row.select_one("a"), row.select("td")
        assert link is not None
        mail = BeautifulSoup(accountant_client.get(str(link["href"])).text, "html.parser")
        assert words(cells[-1]) == words(mail.select_one(".mail h3"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_message_is_exact_in_every_language(
    app: Flask, accountant_client: FlaskClient, language: str
) -> None:
    for section in page(accountant_client, language).select(".gallery-message"):
        failures = [Failure(str(card["data-failure"])) for card in section.select("[data-failure]")]
        messages = {FAILURES[failure].message for failure in failures}
        assert len(messages) == 1
        message = messages.pop()
        told = {
            str(part["lang"]): words(part)
            for part in (section.select_one("h3"), *section.select("dd[lang]"))
            if part is not None
        }
        for spoken in LANGUAGES:
            with app.test_request_context(), override_locale(spoken):
                lines = (str(HEADINGS[message]) % {"reference": REFERENCE}, str(UNDER[message] or ""))
                assert told[spoken] == " ".join(lines).strip()


def test_each_card_says_what_lies_behind_it_what_helps_and_what_follows(
    app: Flask, accountant_client: FlaskClient
) -> None:
    for card in page(accountant_client, "en").select("[data-failure]"):
        failure, said = Failure(str(card["data-failure"])), words(card)
        follows = CONSEQUENCES[failure]
        with app.test_request_context(), override_locale("en"):
            for sentence in (
                ADVICE[failure].cause,
                ADVICE[failure].remedy,
                COUNTS_TOWARDS_CAP[follows.counts],
                SHOWS_PROBLEM[follows.problem],
            ):
                assert str(sentence) % {"count": "five"} in said


def test_what_follows_from_a_failure_is_what_happens() -> None:
    failed = [scenario for scenario in SCENARIOS.values() if isinstance(scenario.page, Failure)]

    assert {scenario.page for scenario in failed} == set(Failure)
    for scenario in failed:
        assert isinstance(scenario.page, Failure)
        told = CONSEQUENCES[scenario.page]
        assert told.counts in FOLLOWS[scenario.counts], scenario.key
        assert told.problem in FOLLOWS[scenario.problem], scenario.key


def test_nothing_is_said_to_depend_that_is_certain() -> None:
    uncertain = {failure for failure, told in CONSEQUENCES.items() if told.counts is Frequency.SOMETIMES}
    unclear = {failure for failure, told in CONSEQUENCES.items() if told.problem is Frequency.SOMETIMES}

    assert uncertain == {Failure.TECHNICAL, Failure.BANK_REFUSED}
    assert unclear == uncertain | {Failure.TIMED_OUT}
