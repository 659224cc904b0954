"""What each mail tells its reader: the facts, the way on, and how to be sure that it is genuine."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from flask import current_app
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment, UndefinedError

from app.advice import ADVICE
from app.domain.failures import FAILURES, Failure, FailureMessage
from app.domain.history import EventType, MailKind
from app.domain.states import ActivationState
from app.domain.terms import NEWEST_VERSION
from app.i18n import override_locale
from app.mail.digest import DigestLine
from app.mail.mail_context import AnyMailContext, MailContext
from app.mail.rendering import (
    ANNOUNCEMENT,
    ANNOUNCEMENT_TO_MANY,
    EXTENSION,
    TEMPLATES,
    MailFormat,
    MailRenderer,
    plain_spaces,
)
from app.paths import ROOT
from tests.support.mail_parts import (
    INVITED,
    LETTER,
    PUBLIC_ID,
    PUBLIC_URL,
    REFUSAL,
    letter_of,
    part,
    read,
    writing,
)
from tests.support.office import ACCOUNTANT, ADDRESS, OFFICE, REFERENCE

REMINDERS = (MailKind.FIRST_REMINDER, MailKind.SECOND_REMINDER, MailKind.THIRD_REMINDER)
INVITING = (MailKind.INVITATION, *REMINDERS)
REQUEST_URL = f"{PUBLIC_URL}/portal/requests/{PUBLIC_ID}"
MESSAGES = (MailKind.NEW_LINK_WANTED, MailKind.REQUEST_UNEXPECTED)
NOTICES = (MailKind.PROBLEM, MailKind.INVITATION_UNDELIVERED, MailKind.CONFIRMATION_UNDELIVERED, *MESSAGES)
AT_KBC = (MailKind.INSTRUCTIONS, *REMINDERS)

FOLDER = ROOT / "app" / "templates" / "email"
#: What `blocks` holds are sentences that several mails share.
MAIL_TEMPLATES = [path for path in FOLDER.glob("*.jinja") if path.stem != "blocks"]


@pytest.fixture
def compose() -> Iterator[MailRenderer]:
    with writing() as composer:
        yield composer


@pytest.fixture
def compose_unrefused() -> Iterator[MailRenderer]:
    with writing(None) as composer:
        yield composer


def text_of(compose: MailRenderer, letter: AnyMailContext) -> str:
    return plain_spaces(part(compose(letter), "plain"))


def subject_of(compose: MailRenderer, letter: AnyMailContext) -> str:
    return str(read(compose(letter))["Subject"])


def links(text: str) -> list[str]:
    return re.findall(r"^https?://\S+$", text, re.MULTILINE)


def test_the_invitation_says_who_asks_for_what_and_why(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.INVITATION))

    assert "Your accounting office Bureau Dupont has asked to receive the statements" in text
    assert "client reference 6123 456 789 through CARO" in text
    assert (
        "CARO is a service of CodaBox: it sends your monthly statements straight to your accounting office"
        in text
    )


def test_the_invitation_says_what_to_have_at_hand(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.INVITATION))

    assert re.search(r"\nWhat you need\n-+\n\n- Your credit card statement: .+\n- The credit card ", text)
    assert "- Your Belfius card reader." in text


def test_the_invitation_tells_the_four_steps_and_that_nothing_is_charged(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.INVITATION))

    assert [line[0] for line in text.splitlines() if line[:1].isdigit()] == ["1", "2", "3", "4"]
    assert "3. You sign with your card reader on the secure page of Belfius." in text
    assert "Nothing is charged" in text


@pytest.mark.parametrize("kind", INVITING)
def test_mails_that_ask_carry_one_link_until_a_date(compose: MailRenderer, kind: MailKind) -> None:
    letter = letter_of(kind)
    text = text_of(compose, letter)

    assert isinstance(letter, MailContext)
    assert links(text) == [compose.links.activation_url(letter.link_claims)]
    assert links(text)[0].startswith(f"{PUBLIC_URL}/a/")
    assert "valid until 18 January 2027" in text


@pytest.mark.parametrize("kind", INVITING)
def test_mails_that_ask_can_be_checked(compose: MailRenderer, kind: MailKind) -> None:
    text = text_of(compose, letter_of(kind))

    assert "The client reference 6123 456 789 is the one on your own credit card statement." in text
    assert "Bureau Dupont can confirm by phone that this is its request" in text
    assert f"The link begins with {PUBLIC_URL}/\n" in text
    assert "We never ask for your PIN" in text
    assert ACCOUNTANT in text


@pytest.mark.parametrize("kind", REMINDERS)
@pytest.mark.parametrize("bank", ["belfius", "kbc"])
def test_a_reminder_says_since_when_it_waits_and_how_it_ends(
    compose: MailRenderer, kind: MailKind, bank: str
) -> None:
    text = text_of(compose, letter_of(kind, bank_key=bank))

    assert "On 23 November 2026 your accounting office Bureau Dupont asked for your consent" in text
    assert "until 18 January 2027" in text
    assert "nothing is shared, and your email address is deleted from our database." in text


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_knows_who_has_accepted_and_not_signed(compose: MailRenderer, kind: MailKind) -> None:
    waiting, accepted = "We have not received your answer yet.", "You have accepted the conditions"
    invited, begun = (
        text_of(compose, letter_of(kind, state=state))
        for state in (ActivationState.INVITED, ActivationState.TERMS_ACCEPTED)
    )

    assert (waiting in invited, accepted in invited) == (True, False)
    assert (waiting in begun, accepted in begun) == (False, True)


@pytest.mark.parametrize("kind", REMINDERS)
def test_a_reminder_repeats_the_link_in_fewer_words(compose: MailRenderer, kind: MailKind) -> None:
    reminder, invitation = (text_of(compose, letter_of(one)) for one in (kind, MailKind.INVITATION))

    assert links(reminder) == links(invitation)
    assert "The link is the same one that you received before." in reminder
    assert len(reminder) < len(invitation)


def test_only_the_last_reminder_says_that_it_is_the_last(compose: MailRenderer) -> None:
    last = [kind for kind in REMINDERS if "last reminder" in text_of(compose, letter_of(kind)).lower()]

    assert last == [MailKind.THIRD_REMINDER]
    assert subject_of(compose, letter_of(MailKind.FIRST_REMINDER)).startswith("Reminder: ")
    assert subject_of(compose, letter_of(MailKind.SECOND_REMINDER)).startswith("Still open: ")
    assert subject_of(compose, letter_of(MailKind.THIRD_REMINDER)).startswith("Last reminder: ")


@pytest.mark.parametrize("kind", AT_KBC)
@pytest.mark.parametrize(("bank", "name"), [("kbc", "KBC"), ("cbc", "CBC")])
def test_bank_app_mails_tell_steps_and_hold_no_link(
    compose: MailRenderer, kind: MailKind, bank: str, name: str
) -> None:
    mail = compose(letter_of(kind, bank_key=bank))

    assert "http" not in part(mail, "plain") + part(mail, "html")
    text = part(mail, "plain").replace("\u00a0", " ")
    assert f"1. Open the {name} app and sign in.\n2. Find the request from CodaBox CARO" in text
    assert "this email contains no link, on purpose" in text
    assert "You can do this until 18 January 2027." in text
    assert "We never ask for your PIN" in text
    assert "card reader" not in text


def test_the_confirmation_says_what_holds_from_now_on(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.CONFIRMATION))

    assert "Active since: 25 November 2026" in text
    assert "client reference 6123 456 789" in text
    assert "Bureau Dupont will receive your credit card statements, the first in December 2026." in text
    assert "Nothing was charged." in text
    assert "Is your card renewed? As long as the client reference on your statement stays the same" in text
    assert f"Do you want to stop the service? Contact your accounting office {OFFICE}: {ACCOUNTANT}" in text
    assert "Once this email has been sent, your email address is deleted from our database." in text


def test_the_confirmation_links_the_conditions_that_were_accepted(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.CONFIRMATION, accepted_terms="2025-01"))

    assert f"The conditions that you accepted:\n{PUBLIC_URL}/terms/2025-01/en\n" in text


def test_who_accepted_nothing_here_gets_the_conditions_of_today(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.CONFIRMATION, bank_key="kbc", accepted_terms=None))

    assert f"The conditions of CARO:\n{PUBLIC_URL}/terms/{NEWEST_VERSION}/en\n" in text
    assert "accepted" not in text


def test_statements_begin_the_month_after_in_brussels(compose: MailRenderer) -> None:
    new_year = INVITED.replace(month=12, day=31, hour=23, minute=30)

    assert "the first in February 2027" in text_of(
        compose, letter_of(MailKind.CONFIRMATION, activated_at=new_year)
    )


@pytest.mark.parametrize("word", ["Fiduciaire", "Société", "Rue-de-la-Loi-16-1000-Bruxelles"])
@pytest.mark.parametrize("length", range(40, 80, 3))
def test_no_line_of_a_mail_is_longer_than_a_relay_wants(
    compose: MailRenderer, word: str, length: int
) -> None:
    mail = compose(letter_of(MailKind.INVITATION, office=f"{word} {'x' * length} " * 2))

    assert max(mail.split(b"\r\n"), key=len)[78:] == b""


@pytest.mark.parametrize("kind", NOTICES)
def test_the_accountant_reads_which_dossier_it_is(compose: MailRenderer, kind: MailKind) -> None:
    letter = letter_of(kind)

    assert "Dossier: ACME – Acme SA\nClient reference: 6123 456 789\nBank: Belfius\n" in text_of(
        compose, letter
    )
    assert subject_of(compose, letter).endswith("(dossier ACME)")
    assert "6123 456 789" in subject_of(compose, letter)


@pytest.mark.parametrize("kind", NOTICES)
def test_the_accountants_mails_never_name_the_address(compose: MailRenderer, kind: MailKind) -> None:
    mail = compose(letter_of(kind, cardholder=ADDRESS))

    assert ADDRESS not in mail.decode() + part(mail, "plain") + part(mail, "html")
    assert ADDRESS.partition("@")[2] not in part(mail, "plain") + part(mail, "html")
    assert read(mail)["To"] == ACCOUNTANT


def test_a_problem_is_told_as_the_cardholder_met_it(compose: MailRenderer) -> None:
    mail = compose(letter_of(MailKind.PROBLEM))
    text = part(mail, "plain").replace("\u00a0", " ")

    quoted = (
        "Uw CARO-kredietkaart is niet gekoppeld aan 6123456789. "
        "Probeer het opnieuw met de juiste kredietkaart."
    )
    assert "Card: Visa •••• 3220\nWhen: 24 November 2026 at 14:30\n" in text
    assert f"\n> {quoted}\n" in text
    assert '<blockquote class="quote" lang="nl"' in part(mail, "html")
    translated = "Your CARO credit card is not linked to 6123456789. Try again with the right credit card."
    assert f"In your language:\n\n> {translated}\n" in text
    assert '<blockquote class="quote" lang="en"' in part(mail, "html")
    assert "The most likely cause\n" in text
    assert "ask the cardholder to use that card" in text
    assert "The activation link still works until 18 January 2027" in text


def test_a_card_of_no_known_brand_is_told_by_its_digits() -> None:
    with writing(replace(REFUSAL, brand="other")) as compose:
        assert "\nCard: •••• 3220\n" in text_of(compose, letter_of(MailKind.PROBLEM))


@pytest.mark.parametrize("kind", NOTICES)
def test_a_notice_has_a_button_to_the_very_request(compose: MailRenderer, kind: MailKind) -> None:
    mail = compose(letter_of(kind))

    button = BeautifulSoup(part(mail, "html"), "html.parser").find("a", string="Open the request")
    assert button is not None
    assert str(button["href"]) == REQUEST_URL
    assert f"\n{REQUEST_URL}\n" in part(mail, "plain")


@pytest.mark.parametrize("failure", list(Failure))
def test_every_failure_can_be_told_to_the_accountant(failure: Failure) -> None:
    with writing(replace(REFUSAL, failure=failure, language="en")) as compose, override_locale("en"):
        text = text_of(compose, letter_of(MailKind.PROBLEM))
        cause, remedy = str(ADVICE[failure].cause), str(ADVICE[failure].remedy)

    assert f"The most likely cause\n---------------------\n\n{cause}\n" in text
    assert f"What to tell the cardholder\n---------------------------\n\n{remedy}\n" in text
    assert "cardholder" in remedy
    assert text.count("\n> ") == (2 if FAILURES[failure].message is FailureMessage.SOMETHING_WRONG else 1)
    assert "%" not in text


def test_a_refusal_in_the_app_says_what_the_accountant_can_do(compose_unrefused: MailRenderer) -> None:
    letter = letter_of(MailKind.PROBLEM, bank_key="kbc", refused_at=INVITED)
    text = text_of(compose_unrefused, letter)

    assert "The cardholder refused the CARO request in the KBC app." in text
    assert "When: 23 November 2026 at 10:00" in text
    assert "Ask the cardholder why. If it was a mistake, send the invitation again" in text
    assert "Card:" not in text
    assert links(text) == [REQUEST_URL, compose_unrefused.links.news_url(LETTER.contact_id)]


def test_a_problem_that_nobody_knows_is_not_made_up(compose_unrefused: MailRenderer) -> None:
    with pytest.raises(LookupError):
        compose_unrefused(letter_of(MailKind.PROBLEM))


def test_an_undelivered_invitation_can_be_mended_in_two_ways(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.INVITATION_UNDELIVERED))

    assert "We could not deliver our email to the cardholder" in text
    assert "- Check the email address with the cardholder and correct it" in text
    assert "the old link stops working" in text
    assert "- Or copy the activation link and send it to the cardholder yourself." in text


def test_undelivered_instructions_speak_of_no_link(compose: MailRenderer) -> None:
    text = text_of(compose, letter_of(MailKind.INVITATION_UNDELIVERED, bank_key="cbc"))

    assert "link" not in text
    assert links(text) == [REQUEST_URL]
    assert "correct it: the steps are sent again straight away." in text
    assert "the request is waiting in the CBC app" in text


def test_an_undelivered_confirmation_asks_to_pass_it_on(compose: MailRenderer) -> None:
    letter = letter_of(MailKind.CONFIRMATION_UNDELIVERED, cardholder_language="de")
    text = text_of(compose, letter)

    assert "The service is active, but our confirmation did not reach the cardholder" in text
    assert "has been deleted from our database" in text
    assert "Active since: 25 November 2026" in text
    assert "- Your office receives the statements, the first in December 2026." in text
    assert "- To stop the service, the cardholder contacts your office." in text
    assert links(text) == [f"{PUBLIC_URL}/terms/{NEWEST_VERSION}/de", REQUEST_URL]


@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
def test_any_name_reads_in_the_subject_as_on_the_page(name: str) -> None:
    with writing() as compose:
        mail = compose(letter_of(MailKind.PROBLEM, dossier_code=name))

    title = BeautifulSoup(part(mail, "html"), "html.parser").title
    assert title is not None
    assert str(read(mail)["Subject"]) == title.text


def test_every_kind_has_its_template() -> None:
    assert set(TEMPLATES) == set(MailKind)
    assert {*TEMPLATES.values(), ANNOUNCEMENT, ANNOUNCEMENT_TO_MANY} == {
        f"email/{path.name}" for path in MAIL_TEMPLATES
    }


def test_every_failure_has_its_advice() -> None:
    assert set(ADVICE) == set(Failure)


def test_every_kind_that_a_template_names_exists() -> None:
    named = {
        kind for path in MAIL_TEMPLATES for kind in re.findall(r"mail\.kind == '(\w+)'", path.read_text())
    }

    assert named
    assert named <= set(MailKind)


@pytest.mark.parametrize("form", MailFormat)
def test_every_part_is_drawn_in_every_format_and_used(compose: MailRenderer, form: MailFormat) -> None:
    environment: Environment = current_app.extensions[EXTENSION][form]
    drawn = {name for name in vars(environment.get_template(f"email/parts.{form}").module) if name[0] != "_"}
    used = {
        name for path in FOLDER.glob("*.jinja") for name in re.findall(r"part\.(\w+)\(", path.read_text())
    }

    assert drawn == used


@pytest.mark.parametrize("form", MailFormat)
def test_a_name_that_is_not_there_fails_in_every_format(compose: MailRenderer, form: MailFormat) -> None:
    template = current_app.extensions[EXTENSION][form].from_string("{% if mail.by_lnik %}by link{% endif %}")

    with pytest.raises(UndefinedError):
        template.render(mail=compose.render_mail(letter_of(MailKind.INVITATION)).values)


@pytest.mark.parametrize("kind", [*INVITING, MailKind.CONFIRMATION])
def test_a_mail_names_the_office_with_its_telephone_where_it_has_one(
    compose: MailRenderer, kind: MailKind
) -> None:
    assert f"{OFFICE}" in text_of(compose, letter_of(kind))
    assert f": {ACCOUNTANT}\n" in text_of(compose, letter_of(kind)) + "\n"
    reachable = text_of(compose, letter_of(kind, telephone="+3220123456"))
    assert f": {ACCOUNTANT}, 02 012 34 56" in reachable


@pytest.mark.parametrize(("happened", "shown"), [(99, 99), (100, 100), (101, 100)])
def test_the_mail_of_a_day_names_a_hundred_and_says_where_there_is_more(
    compose: MailRenderer, happened: int, shown: int
) -> None:
    line = DigestLine(EventType.ACTIVATED, PUBLIC_ID, REFERENCE, "ACME", "Acme SA")
    text = text_of(compose, letter_of(MailKind.DIGEST, lines=[line] * happened))

    assert text.count(REQUEST_URL) == text.count("ACME – Acme SA, 6123 456 789\n") == shown
    assert ("There is more" in text) is (happened > shown)


@pytest.mark.parametrize(
    ("kind", "message", "changes", "advice"),
    [
        (MailKind.NEW_LINK_WANTED, "Send me a new link", {}, "- Resend the invitation"),
        (
            MailKind.NEW_LINK_WANTED,
            "Send me a new link",
            {"state": ActivationState.EXPIRED},
            "- Relaunch the request",
        ),
        (MailKind.NEW_LINK_WANTED, "Send me a new link", {"expires_at": INVITED}, "- Relaunch the request"),
        (MailKind.REQUEST_UNEXPECTED, "I did not expect this", {}, "- Cancel the request if"),
    ],
)
def test_a_message_is_quoted_with_what_to_do_now(
    compose: MailRenderer, kind: MailKind, message: str, changes: dict[str, object], advice: str
) -> None:
    letter = letter_of(kind, **changes)
    text = text_of(compose, letter)

    assert f"“{message}”" in text
    assert "Client reference: 6123 456 789" in text
    assert "When: 23 November 2026 at 10:00" in text
    assert advice in text
    assert links(text) == [REQUEST_URL, compose.links.news_url(LETTER.contact_id)]
    assert ADDRESS not in str(read(compose(letter)))
