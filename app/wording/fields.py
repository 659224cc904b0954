"""What is wrong with a typed card, said beside the field."""

from collections.abc import Mapping

from flask_babel.speaklater import LazyString

from app.domain.cards import CardProblem
from app.i18n import _l

PROBLEMS: Mapping[CardProblem, LazyString] = {
    CardProblem.NUMBER_MISSING: _l("Enter the number of your credit card."),
    CardProblem.NUMBER_NOT_DIGITS: _l("The card number has digits only. Check the number on your card."),
    CardProblem.NUMBER_LENGTH: _l("A card number has 13 to 19 digits. Check the number on your card."),
    CardProblem.NUMBER_CHECKSUM: _l(
        "There is a typing error in this card number. Compare it with your card."
    ),
    CardProblem.EXPIRY_MISSING: _l("Enter the expiry date of your card."),
    CardProblem.EXPIRY_FORMAT: _l("Enter the expiry date as month and year, for example 05/29."),
    CardProblem.EXPIRY_PAST: _l("This card has expired. Check the date, or use a card that is still valid."),
    CardProblem.EXPIRY_FAR: _l("This expiry date is too far in the future. Check the date on your card."),
    CardProblem.CODE_MISSING: _l("Enter the security code of your card."),
    CardProblem.CODE_LENGTH: _l("Enter the security code: the three digits on the back of your card."),
    CardProblem.CODE_LENGTH_AMEX: _l("Enter the security code: the four digits on the front of your card."),
}
