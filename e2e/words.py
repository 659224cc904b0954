"""The words that a person reads, from the catalogues of the product; the fixed French ones as literals."""

from collections.abc import Mapping
from datetime import date
from functools import cache

from flask import Flask
from flask_babel.speaklater import LazyString

from app.catalogues import load_catalogue
from app.domain.failures import FailureMessage
from app.i18n import (
    DEFAULT_LANGUAGE,
    format_day,
    format_month,
    override_locale,
)
from app.localized_templates import init_app

#: Byte for byte as the service has them, the slip "lié" included.
FRENCH: Mapping[FailureMessage, str] = {
    FailureMessage.WRONG_CARD: (
        "Votre carte de crédit CARO n'est pas lié à %(reference)s. Réessayez avec la bonne carte de crédit."
    ),
    FailureMessage.CARD_NOT_USABLE: "Un problème lors de l'activation. Contrôlez votre carte.",
    FailureMessage.SOMETHING_WRONG: "Une erreur s'est produite.",
}
FRENCH_UNDER_E3 = "Erreur de technique ou de données lors de l'activation de CARO de CodaBox"

ENGLISH: Mapping[FailureMessage, str] = {
    FailureMessage.WRONG_CARD: (
        "Your CARO credit card is not linked to %(reference)s. Try again with the right credit card."
    ),
    FailureMessage.CARD_NOT_USABLE: "A problem during activation. Check your card.",
    FailureMessage.SOMETHING_WRONG: "Something went wrong.",
    FailureMessage.CANCELLED: "You cancelled at your bank",
    FailureMessage.TOO_LATE: "It took too long to reach your bank",
    FailureMessage.TIME_OVER: "Your bank's time to sign is over",
}
ENGLISH_UNDER_E3 = "Technical or data error during the activation of CodaBox CARO"


class LanguageHabits:
    """The language of people in a test that sets none."""

    language: str = DEFAULT_LANGUAGE


def spoken() -> str:
    """Return the language of a test that sets none."""
    return LanguageHabits.language


def say(msgid: str, language: str = "", **params: object) -> str:
    """Return the sentence of a msgid in a language."""
    text = load_catalogue(language or spoken()).gettext(msgid)
    return text % params if params else text


def translate(sentence: LazyString, language: str = "") -> str:
    """Return a lazy sentence of the product in a language."""
    with _reader().app_context(), override_locale(language or spoken()):
        return str(sentence)


@cache
def _reader() -> Flask:
    reader = Flask("e2e.words")
    init_app(reader)
    return reader


def month_and_year(day: date, language: str = "") -> str:
    """Write the month of a day with its year."""
    return format_month(day, language or spoken())


def long_date(day: date, language: str = "") -> str:
    """Write a day in full."""
    return format_day(day, language or spoken())


def message(which: FailureMessage, language: str, reference: str) -> str:
    """Return the heading of a failure page."""
    if language == "fr" and which in FRENCH:
        return FRENCH[which] % {"reference": reference}
    return say(ENGLISH[which], language) % {"reference": reference}


def under(which: FailureMessage, language: str) -> str | None:
    """Return the second line of a failure page, None where it has none."""
    if which is not FailureMessage.SOMETHING_WRONG:
        return None
    return FRENCH_UNDER_E3 if language == "fr" else say(ENGLISH_UNDER_E3, language)


def searchable(subject: str) -> str:
    """Return a subject with plain spaces, as somebody who searches for it types them."""
    return subject.replace("\N{NO-BREAK SPACE}", " ")
