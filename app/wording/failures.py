"""What each failure is called and what to do about it: for the cardholder, and for the accountant."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.domain.failures import Failure, FailureMessage
from app.i18n import _l

HEADINGS: Mapping[FailureMessage, LazyString] = {
    FailureMessage.E1: _l(
        "Your CARO credit card is not linked to %(reference)s. Try again with the right credit card."
    ),
    FailureMessage.E2: _l("A problem during activation. Check your card."),
    FailureMessage.E3: _l("Something went wrong."),
    FailureMessage.CANCELLED: _l("You cancelled at your bank."),
    FailureMessage.TOO_LATE: _l("It took too long to reach your bank."),
}

#: Only the technical message has a second line, and its wording is fixed.
UNDER: Mapping[FailureMessage, LazyString | None] = {
    FailureMessage.E1: None,
    FailureMessage.E2: None,
    FailureMessage.E3: _l("Technical or data error during the activation of CodaBox CARO"),
    FailureMessage.CANCELLED: None,
    FailureMessage.TOO_LATE: None,
}

NOW: Mapping[Failure, LazyString] = {
    Failure.WRONG_CARD: _l("Use the credit card of this client reference and enter its details."),
    Failure.NOT_CREDIT: _l("Use a credit card and enter its details."),
    Failure.CARD_DATA: _l("Have your card in front of you and enter its details again."),
    Failure.PIN: _l("Make sure that you know your PIN before you try again."),
    Failure.CARD_EXPIRED: _l("Enter the details of a card that is still valid."),
    Failure.NOT_PERMITTED: _l(
        "Check the first two points in your bank's app or with your bank, then try again."
    ),
    Failure.REFUSED: _l("Go through the list from the top, then try again."),
    Failure.BANK_REFUSED: _l("Contact your bank before you try again."),
    Failure.CARD_BLOCKED: _l("Unblock your card, wait a few minutes, then try again."),
    Failure.CARD_NEVER_USED: _l("Use your new card once with its PIN, then try again."),
    Failure.DEVICE: _l(
        "Open the link in your email on another device or in another browser, then try again."
    ),
    Failure.TECHNICAL: _l("Wait a little, then try again with the same card details."),
    Failure.TOO_FREQUENT: _l("Your card was tried too often. Wait a day, then try again."),
    Failure.TIMED_OUT: _l("You ran out of time at your bank. Start again and sign within ten minutes."),
    Failure.CANCELLED: _l("Start again whenever you like."),
    Failure.HANDOFF_LATE: _l("Start again: your bank waits only half a minute for your browser."),
}


@dataclass(frozen=True)
class FailureAdvice:
    """What the accountant is told of one failure: what lies behind it, and what helps the cardholder."""

    cause: LazyString
    remedy: LazyString


_ONLINE_OR_BLOCKED = _l(
    "Ask the cardholder to check whether the card can pay online and whether it is blocked in the bank's "
    "app, and to ask the bank if in doubt. A change can take a few minutes to work."
)
_AGAIN = _l("The cardholder can start again at any time, with the card and the card reader ready.")

ADVICE: Mapping[Failure, FailureAdvice] = {
    Failure.WRONG_CARD: FailureAdvice(
        _l("The card does not belong to this client reference, or the reference is not the right one."),
        _l(
            "The client reference and the card number are together on the credit card statement: ask the "
            "cardholder to use that card. If the reference is wrong, cancel this request and make a new one."
        ),
    ),
    Failure.NOT_CREDIT: FailureAdvice(
        _l("The card is not a credit card."),
        _l("Ask the cardholder to look for “Débit” or “Crédit” on the card: only a credit card works."),
    ),
    Failure.CARD_DATA: FailureAdvice(
        _l("The card number, expiry date or security code was probably mistyped."),
        _l("Ask the cardholder to compare the details with what is printed on the card, then to try again."),
    ),
    Failure.PIN: FailureAdvice(
        _l("The PIN was probably wrong."),
        _l("Ask the cardholder to be sure of the PIN before trying again: three wrong tries block the card."),
    ),
    Failure.CARD_EXPIRED: FailureAdvice(
        _l("The card has probably expired."),
        _l("Ask the cardholder to use the new card that the bank has sent, or to ask the bank for one."),
    ),
    Failure.NOT_PERMITTED: FailureAdvice(
        _l("The card probably does not allow online payments, or is temporarily blocked in the bank's app."),
        _ONLINE_OR_BLOCKED,
    ),
    Failure.REFUSED: FailureAdvice(
        _l("The bank gave no reason. Often the card does not allow online payments, or it is blocked."),
        _ONLINE_OR_BLOCKED,
    ),
    Failure.BANK_REFUSED: FailureAdvice(
        _l("The bank did not accept the activation with this card and gave no details."),
        _l("Ask the cardholder to find out from the bank why, before trying again."),
    ),
    Failure.CARD_BLOCKED: FailureAdvice(
        _l("The card is probably blocked."),
        _l(
            "Ask the cardholder to unblock the card in the bank's app or at the bank, wait a little, then "
            "try again."
        ),
    ),
    Failure.CARD_NEVER_USED: FailureAdvice(
        _l("The card is probably new and has not been used yet."),
        _l(
            "Ask the cardholder to use the card once with its PIN, in a shop or at a cash machine, and not "
            "contactless. After that, the cardholder can try again."
        ),
    ),
    Failure.DEVICE: FailureAdvice(
        _l("The bank probably did not accept the device or the browser."),
        _l(
            "Ask the cardholder to open the same link on another device or in another browser, preferably "
            "the one that is used for the bank."
        ),
    ),
    Failure.TECHNICAL: FailureAdvice(
        _l("It was probably a technical problem, at the bank or with us."),
        _l("Ask the cardholder to try again a little later, with the same card details."),
    ),
    Failure.TOO_FREQUENT: FailureAdvice(
        _l("The card was tried too often in a short time."),
        _l("Ask the cardholder to wait a day, then to try again."),
    ),
    Failure.TIMED_OUT: FailureAdvice(
        _l("The cardholder ran out of time at the bank."),
        _l("Ask the cardholder to start again and to sign within ten minutes."),
    ),
    Failure.CANCELLED: FailureAdvice(_l("The cardholder cancelled on the bank's page."), _AGAIN),
    Failure.HANDOFF_LATE: FailureAdvice(_l("It took too long to reach the bank's page."), _AGAIN),
}
