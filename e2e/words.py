"""The words that a person reads, from the catalogues of the product; the fixed French ones as literals."""

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations

from babel.support import Translations

from app.domain.failures import Message
from app.i18n import CATALOGUES

#: Byte for byte as the service has them, the slip "lié" included.
FRENCH: Mapping[Message, str] = {
    Message.E1: (
        "Votre carte de crédit CARO n'est pas lié à %(reference)s. Réessayez avec la bonne carte de crédit."
    ),
    Message.E2: "Un problème lors de l'activation. Contrôlez votre carte.",
    Message.E3: "Une erreur s'est produite.",
}
FRENCH_UNDER_E3 = "Erreur de technique ou de données lors de l'activation de CARO de CodaBox"

ENGLISH: Mapping[Message, str] = {
    Message.E1: "Your CARO credit card is not linked to %(reference)s. Try again with the right credit card.",
    Message.E2: "A problem during activation. Check your card.",
    Message.E3: "Something went wrong.",
    Message.CANCELLED: "You cancelled at your bank.",
    Message.TOO_LATE: "It took too long to reach your bank.",
}
ENGLISH_UNDER_E3 = "Technical or data error during the activation of CodaBox CARO"


@cache
def _catalogue(language: str) -> NullTranslations:
    return Translations.load(CATALOGUES, [language])


def say(msgid: str, language: str = "fr", **params: object) -> str:
    """Return a sentence in a language."""
    text = _catalogue(language).gettext(msgid)
    return text % params if params else text


def message(which: Message, language: str, reference: str) -> str:
    """Return the heading of a failure page."""
    if language == "fr" and which in FRENCH:
        return FRENCH[which] % {"reference": reference}
    return say(ENGLISH[which], language) % {"reference": reference}


def under(which: Message, language: str) -> str | None:
    """Return the second line of a failure page, None where it has none."""
    if which is not Message.E3:
        return None
    return FRENCH_UNDER_E3 if language == "fr" else say(ENGLISH_UNDER_E3, language)
