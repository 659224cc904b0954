"""The mail that an accountant sends before ordering: who asks, what will come, and why it is no phishing."""

import pytest

from app.domain.history import MailKind
from app.i18n import LANGUAGES
from app.mail.rendering import ANNOUNCEMENT, MailFormat, plain_spaces
from tests.support.mail_parts import PUBLIC_URL, letter_of, writing
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE

SENDER = "caro@example.be"


def written(language: str = "en", **changes: object) -> tuple[str, str]:
    """Return subject and text of the announcement in a language."""
    with writing() as renderer:
        context = letter_of(MailKind.INVITATION, cardholder_language=language, **changes)
        mail = renderer.render_mail(context, ANNOUNCEMENT)
        return plain_spaces(mail.subject), plain_spaces(mail.body(MailFormat.TEXT))


@pytest.mark.parametrize(
    "sentence",
    [
        "We would like to receive the statements of your credit card with client reference 6123 456 789",
        "so that you no longer have to send them to us",
        f"You will soon receive an email from CodaBox CARO ({SENDER})",
        "We need your help",
        "You need your credit card, its statement and your Belfius card reader.",
        "nothing is charged",
        "This is not phishing.",
        f"The email names {OFFICE} and your client reference.",
        f"The link in the email begins with {PUBLIC_URL}/",
        "Nobody will ask for your PIN",
        "call us on the number that you already know",
        f"Questions? Ask us: {ACCOUNTANT}",
    ],
)
def test_the_announcement_says_who_asks_what_comes_and_how_to_be_sure(sentence: str) -> None:
    assert sentence in written()[1]


def test_the_subject_announces_the_sender_and_the_reference() -> None:
    assert written()[0] == "Please activate CARO: CodaBox will email you (reference 6123 456 789)"


@pytest.mark.parametrize("bank", ["kbc", "cbc"])
def test_a_bank_with_an_app_needs_neither_link_nor_reader(bank: str) -> None:
    text = written(bank_key=bank)[1]

    assert f"the {bank.upper()} app, in which you confirm" in text
    assert "The email contains no link" in text
    assert "card reader" not in text
    assert PUBLIC_URL not in text


def test_people_who_edit_it_find_plain_blanks_and_hyphens_alone() -> None:
    assert plain_spaces("Votre e\u2011mail\u00a0: 02\u00a0012") == "Votre e-mail : 02 012"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_announcement_carries_neither_link_nor_address(language: str) -> None:
    text = written(language)[1]

    assert "/a/" not in text
    assert ADDRESS not in text


def test_a_name_with_a_line_end_stays_one_line() -> None:
    text = written(office="Bureau\r\nBcc: x\u202e")[1]

    assert "The email names Bureau Bcc: x and your client reference." in text
