"""The toolkit: everything that the help article says, and an answer for every failure."""

from collections.abc import Mapping
from itertools import pairwise

import pytest
from babel.lists import format_list
from bs4 import BeautifulSoup, Tag
from flask import Flask
from flask.testing import FlaskClient

from app.advice import ADVICE
from app.domain.banks import APP_BANKS
from app.domain.failures import FAILURES, TONES, Failure, FailureMessage
from app.i18n import LANGUAGE_TABLE, LANGUAGES, override_locale
from app.portal.preview.preview_pages import SAMPLE_REFERENCE
from app.portal.toolkit.routes import CHAPTERS, SYMPTOMS
from app.wording import CHECKS, NOW

PATH = "/portal/toolkit"

_NAMES = [bank.name for bank in APP_BANKS.values()]
ALL_APP_BANKS = format_list(_NAMES, locale="en_GB")
ANY_APP_BANK = format_list(_NAMES, "or", locale="en_GB")

#: Each fact of the help article, and the sentence that carries it.
FACTS: Mapping[str, str] = {
    "mail the cardholder before ordering": (
        "Before you make a CARO request through MyCodabox, we recommend that you send an email to the "
        "cardholder or cardholders."
    ),
    "they expect the mail and an action": (
        "They then know that they will receive an activation email from CodaBox and that they need to do "
        "something."
    ),
    "no phishing": "It also reassures them that this is not phishing.",
    "informed, it goes smoothly": (
        "When your client and the cardholders know what to expect, the activation goes smoothly."
    ),
    "mail template": (
        "Use our email template: it is a ready-made email that tells the cardholder what to expect."
    ),
    "article on ordering": (
        "The article “Commander CARO” of CodaBox explains in detail how the CARO service works."
    ),
    "mail goes by itself": (
        "As soon as you order CARO for a dossier, an email is sent to the cardholder automatically, with "
        "information about the activation and its steps."
    ),
    "to the address of the order": (
        "It goes to the address that you entered in MyCodabox when you ordered the service."
    ),
    "banks with an app": (
        f"For a {ANY_APP_BANK} account, the cardholder receives an email with the steps to activate the "
        "service in the bank's app."
    ),
    "other banks by link": (
        "For the other banks, the cardholder receives an activation link by email and follows the short "
        "steps below."
    ),
    "needs the details": (
        "The details of the credit card, to check the client reference that you entered in MyCodabox. "
        "They are on the credit card statement."
    ),
    "needs card and reader": "The credit card and the bank's card reader, to sign and activate CARO.",
    "step 1, welcome": (
        "The activation link leads to a welcome page. The cardholder confirms the client reference, reads "
        "the conditions, accepts them if they agree, and chooses “Next”."
    ),
    "step 2, card, no costs": (
        "On the next page, the cardholder enters the card details. Nothing is charged."
    ),
    "step 3, signing at the bank": (
        "The next step is a page of the bank's secure site. There the cardholder uses the card reader with "
        "the credit card, to complete the request to share the statements with your office."
    ),
    "step 3, like a shop": "It is like paying in an online shop.",
    "step 4, confirmed": "The activation is checked and confirmed.",
    "confirmation mail": "The cardholder receives an email from CodaBox that confirms the activation.",
    "revoking": (
        "This email contains a link to the conditions. They say that a cardholder who wants to revoke the "
        "consent must contact your office."
    ),
    "first statement": (
        "You receive the credit card statements for this client reference from the month after the "
        "activation."
    ),
    "address deleted": (
        "Once this email has been sent, the cardholder's email address is deleted from our database."
    ),
    "where the list is": "The list of the accounts for which you can order CARO is in the menu of MyCodabox:",
    "not for banks with an app": (
        f"The troubleshooting below does not apply to {ALL_APP_BANKS} accounts: see these instructions."
    ),
    "lost mail": (
        "The cardholder wants to activate the service but can no longer find the email with the activation "
        "link"
    ),
    "three reminders": (
        "CodaBox sends a reminder 14, 28 and 42 days after the invitation, as long as it is unanswered."
    ),
    "resend yourself": "Through MyCodabox, you can also resend the invitation yourself.",
    "copying, the dossier": "Open MyCodabox > Mandates & services > CARO and find the dossier.",
    "copying, the status": (
        "Choose “Manage”. The status of the client reference in question is “Invitation sent”."
    ),
    "copying, the link": "Choose “Copy the activation link”.",
    "copying, the explanation": (
        "Paste the link into your email, and explain to the cardholder why this activation is necessary."
    ),
    "completed but failed": "The cardholder has completed the steps but the activation has failed",
    "failed 1": "Received the activation email.",
    "failed 2": "Opened the activation link and started the form to confirm the activation of the service.",
    "failed 3": "Entered the card details in the activation form.",
    "failed 4": (
        "Completed the request on the bank's secure site with the credit card and the card reader, but then "
        "immediately received a message from that site that the process failed."
    ),
    "why it cannot be validated": "Why can the cardholder not complete the activation of CARO?",
    "online payments off": "Perhaps the card does not allow online payments.",
    "temporarily blocked": (
        "The cardholder may have temporarily blocked the card, in its settings in the bank's app. Online "
        "payments are then no longer possible with this card, and neither is the activation of CARO."
    ),
    "check online payments": "Check with your client whether online payments are possible with this card.",
    "the bank switches them on": (
        "If they are not, the cardholder must ask the bank whether this can be switched on."
    ),
    "check the block": (
        "If online payments are possible, check with your client whether the card is temporarily blocked in "
        "the bank's app."
    ),
    "unblock": (
        "To unblock the card and activate CARO, the cardholder switches this off in the bank's app or "
        "contacts the bank."
    ),
    "some minutes": (
        "It can take a few minutes before a card or online payments that were just switched on work in the "
        "bank's systems."
    ),
    "try again later": "If it does not work straight away, wait a little and try again later.",
    "the bank's message varies": (
        "The message that the process failed differs from bank to bank. The cause is not always stated."
    ),
    "an error message": "The cardholder has started the activation but receives an error message",
    "two kinds of message": (
        "If the card does not match the details that you entered in MyCodabox, or is not a credit card, the "
        "cardholder can receive two kinds of message."
    ),
    "not the right card": (
        "The cardholder is trying to activate the wrong card: the card number does not match the client "
        "reference for which you ordered CARO."
    ),
    "VISA DEBIT": "The cardholder is trying to activate a VISA DEBIT card, not a credit card.",
    "Débit or Crédit": "Debit cards show the word “Débit”. Credit cards show the word “Crédit”.",
    "VISA of the credit kind": "Of the VISA cards, only credit cards can be used to activate CodaBox CARO.",
    "both on the statement": (
        "The details that identify the credit card: the client reference and the card number are both on "
        "the credit card statement."
    ),
    "number and reference correspond": (
        "The card number must match the client reference that you entered in MyCodabox when you ordered "
        "CARO: the cardholder sees that reference during the activation."
    ),
    "an error has occurred": "If an error has occurred, the following message appears.",
    "wrong data or technical": (
        "The cardholder may have entered the wrong card details, or a technical error may have occurred."
    ),
    "check the data": (
        "The card details: card number, expiry date and security code. All of them are on the card."
    ),
    "check the PIN": "The PIN.",
    "check the validity": "The expiry date: has the card expired?",
    "check a block": "Is the card blocked?",
    "new card": (
        "A new card that has just arrived and has not been used yet must first be activated at a cash "
        "machine or a payment terminal, for example in a shop."
    ),
    "one payment is enough": "Nothing special is needed for this: one payment with the new card is enough.",
    "related articles": "Related articles",
}

#: What the help article quotes, letter for letter.
EXACT = {
    "e1": ["Votre carte de crédit CARO n'est pas lié à xxxxx. Réessayez avec la bonne carte de crédit."],
    "e2": ["Un problème lors de l'activation. Contrôlez votre carte."],
    "e3": [
        "Une erreur s'est produite.",
        "Erreur de technique ou de données lors de l'activation de CARO de CodaBox",
    ],
}


def read(client: FlaskClient, language: str = "en") -> BeautifulSoup:
    """Return the page as an accountant of this language finds it."""
    return BeautifulSoup(client.get(f"{PATH}?lang={language}").text, "html.parser")


def words(part: Tag) -> str:
    return " ".join(part.get_text(" ", strip=True).replace("\u00a0", " ").split())


def part(page: BeautifulSoup, anchor: str) -> Tag:
    found = page.find(id=anchor)
    assert isinstance(found, Tag), f"nothing on the page has the anchor {anchor}"
    return found


@pytest.fixture
def article(accountant_client: FlaskClient) -> BeautifulSoup:
    return read(accountant_client)


def test_no_fact_of_the_help_article_is_lost(article: BeautifulSoup) -> None:
    said = words(article)

    assert [fact for fact, sentence in FACTS.items() if sentence not in said] == []


def test_the_chapters_stand_in_the_order_of_the_help_article(article: BeautifulSoup) -> None:
    ids = [str(heading["id"]) for heading in article.select(".article h2[id], .article h3[id]")]

    assert ids == ["phone", "before", "steps", "troubleshooting", *SYMPTOMS, "related"]


def test_a_stranger_does_not_read_it(client: FlaskClient) -> None:
    assert client.get(PATH).headers["Location"] == "/portal/sign-in?next=/portal/toolkit"


def test_the_menu_leads_to_it(accountant_client: FlaskClient) -> None:
    menu = BeautifulSoup(accountant_client.get("/portal/caro?lang=en").text, "html.parser").select(".menu a")

    assert ("Toolkit", PATH) in [(words(link), link["href"]) for link in menu]


def test_every_failure_has_its_cause_its_remedy_and_what_the_cardholder_reads(
    app: Flask, article: BeautifulSoup
) -> None:
    for failure, shown in FAILURES.items():
        said = words(part(article, failure))
        told = [ADVICE[failure].cause, ADVICE[failure].remedy, NOW[failure]]
        told += [CHECKS[item].advice for item in shown.items]

        with app.app_context(), override_locale("en"):
            assert [str(sentence) for sentence in told if str(sentence) not in said] == [], failure


def test_every_failure_stands_under_the_message_that_the_cardholder_reads(article: BeautifulSoup) -> None:
    found = {failure: part(article, failure).find_parent(class_="message") for failure in Failure}
    above = {failure: message["id"] for failure, message in found.items() if isinstance(message, Tag)}

    assert above == {failure: f"message-{shown.message}" for failure, shown in FAILURES.items()}


def test_every_failure_leads_to_the_page_that_the_cardholder_sees(
    accountant_client: FlaskClient, article: BeautifulSoup
) -> None:
    for failure in Failure:
        link, message = part(article, failure).find("a"), part(article, failure).find_previous("h4")
        assert isinstance(link, Tag)
        assert message
        seen = words(BeautifulSoup(accountant_client.get(str(link["href"])).text, "html.parser"))

        heading = message.find("span")
        assert isinstance(heading, Tag)
        assert words(heading).replace("xxxxx", SAMPLE_REFERENCE) in seen, failure


def test_every_link_of_the_page_leads_somewhere(
    accountant_client: FlaskClient, article: BeautifulSoup
) -> None:
    led = {str(link["href"]) for link in article.select("main a") if not str(link["href"]).startswith("#")}

    assert {href: accountant_client.get(href).status_code for href in led} == dict.fromkeys(led, 200)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_messages_are_quoted_letter_for_letter_in_french(
    accountant_client: FlaskClient, language: str
) -> None:
    page = read(accountant_client, language)
    own = "h4 > span, .under" if language == "fr" else "blockquote[lang=fr] p"
    quoted = {
        message: [line.get_text() for line in part(page, f"message-{message}").select(own)]
        for message in EXACT
    }

    assert quoted == EXACT


@pytest.mark.parametrize("message", FailureMessage)
def test_a_quoted_message_has_its_tone(article: BeautifulSoup, message: FailureMessage) -> None:
    (quote,) = part(article, f"message-{message}").select("blockquote")

    assert quote["class"] == [TONES[message]]


def test_a_french_quotation_keeps_its_marks(accountant_client: FlaskClient) -> None:
    heading = part(read(accountant_client, "fr"), "message-e2").select_one("h4")

    assert heading
    assert heading.get_text() == f"«\u00a0{EXACT['e2'][0]}\u00a0»"


def test_an_english_reader_finds_each_message_in_english_too(article: BeautifulSoup) -> None:
    heading = part(article, "message-e1").select_one("h4")

    assert heading
    assert (
        heading.get_text()
        == "“Your CARO credit card is not linked to xxxxx. Try again with the right credit card.”"
    )


def test_the_contents_lead_to_every_chapter_and_symptom(article: BeautifulSoup) -> None:
    led = {str(link["href"]).removeprefix("#") for link in article.select(".contents a")}

    assert {*CHAPTERS, *SYMPTOMS, "phone"} == led


def test_whoever_is_on_the_phone_is_led_to_symptom_message_and_bank(article: BeautifulSoup) -> None:
    questions = part(article, "phone").find_next("ol")
    assert isinstance(questions, Tag)
    led = {str(link["href"]) for link in questions.select("a")}

    assert len(questions.find_all("li", recursive=False)) == 3
    assert {f"#{anchor}" for anchor in SYMPTOMS} <= led
    assert {f"#message-{message}" for message in FailureMessage} <= led
    assert {f"/how-to-activate/{key}" for key in APP_BANKS} <= led


def test_an_accountant_is_told_never_to_ask_for_card_data(article: BeautifulSoup) -> None:
    assert "Never ask for the card number, the security code or the PIN" in words(article)


def test_the_troubleshooting_sends_banks_with_an_app_elsewhere_first(article: BeautifulSoup) -> None:
    first = part(article, "troubleshooting").find_next_sibling()
    assert isinstance(first, Tag)

    assert f"does not apply to {ALL_APP_BANKS} accounts" in words(first)
    assert [link["href"] for link in first.select("a")] == [f"/how-to-activate/{key}" for key in APP_BANKS]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_list_all_the_banks_with_an_app(accountant_client: FlaskClient, language: str) -> None:
    all_of_them, any_of_them = (
        format_list(_NAMES, style, LANGUAGE_TABLE[language].locale) for style in ("standard", "or")
    )
    page = read(accountant_client, language)

    assert all_of_them in words(part(page, "phone").find_next_sibling() or page)
    assert any_of_them in words(part(page, "steps").find_next("ul") or page)
    assert all_of_them in words(part(page, "troubleshooting").find_next("p") or page)


def test_headings_nest_without_a_gap(article: BeautifulSoup) -> None:
    levels = [int(heading.name[1]) for heading in article.select("h1, h2, h3, h4, h5, h6")]

    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
