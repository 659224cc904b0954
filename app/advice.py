"""What an accountant is told of each failure and message: what lies behind it, what helps, what follows."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.domain.failures import Failure
from app.domain.message_rules import OfficeMessage
from app.domain.states import OPEN, ActivationState
from app.domain.verdicts import Frequency
from app.i18n import _l


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
        _l(
            "Ask the cardholder to look for “Débit” or “Crédit” on the card: only a credit card works. The "
            "client reference and the card number are together on the credit card statement."
        ),
    ),
    Failure.BRAND_NOT_CARRIED: FailureAdvice(
        _l("CARO does not work with the brand of this card, for example American Express."),
        _l(
            "Ask the cardholder to use the card whose number is on the credit card statement, with the "
            "client reference: a Visa or Mastercard credit card."
        ),
    ),
    Failure.CARD_DATA: FailureAdvice(
        _l("The card number, expiry date or security code was probably mistyped."),
        _l("Ask the cardholder to compare the details with what is printed on the card, then to try again."),
    ),
    Failure.PIN: FailureAdvice(
        _l("The response of the card reader was wrong three times. The PIN may be blocked now."),
        _l(
            "Ask whether the card reader said that the PIN was wrong. If so, the PIN must first be unblocked "
            "by the bank or at a terminal. If only the response was mistyped, the cardholder can start again."
        ),
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
        _l(
            "Ask the cardholder to try again a little later, with the same card details. If it happens again "
            "the next day, the bank can say whether its signing service works."
        ),
    ),
    Failure.TOO_FREQUENT: FailureAdvice(
        _l("The card was tried too often in a short time."),
        _l("Ask the cardholder to wait a day, then to try again."),
    ),
    Failure.TIMED_OUT: FailureAdvice(
        _l("The cardholder ran out of time at the bank."),
        _l(
            "Ask the cardholder to start again with the card and the card reader ready: the bank waits ten "
            "minutes for the signature."
        ),
    ),
    Failure.CANCELLED: FailureAdvice(_l("The cardholder cancelled on the bank's page."), _AGAIN),
    Failure.HANDOFF_LATE: FailureAdvice(_l("It took too long to reach the bank's page."), _AGAIN),
}

_CALL = _l("Call the cardholder, at a number that you already know, and ask what came as a surprise.")
_RESEND = _l(
    "Resend the invitation: its link works straight away, even if the page for the card details was closed."
)
_NOTHING_SENT = _l("We send the cardholder nothing because of this message.")

#: What the office can do about a message, as the request stands; total over the states in which it is sent.
MESSAGE_ADVICE: Mapping[OfficeMessage, Mapping[ActivationState, tuple[LazyString, ...]]] = {
    OfficeMessage.NEW_LINK: {
        **dict.fromkeys(OPEN, (_RESEND, _NOTHING_SENT)),
        ActivationState.EXPIRED: (
            _l("Relaunch the request: you enter the address again, and a new link is sent."),
            _NOTHING_SENT,
        ),
    },
    OfficeMessage.UNEXPECTED: {
        **dict.fromkeys(
            OPEN,
            (
                _CALL,
                _l("Cancel the request if it was not meant, or if its reference or address is wrong."),
            ),
        ),
        ActivationState.EXPIRED: (
            _CALL,
            _l("The invitation has expired: relaunch the request only if it was meant and has no mistake."),
        ),
        ActivationState.CANCELLED: (
            _CALL,
            _l("The request is already cancelled, so the cardholder receives no more emails."),
        ),
        ActivationState.ACTIVE: (
            _CALL,
            _l("The service has become active: stop it if the cardholder does not want it."),
        ),
    },
}

#: Whether a failure counts; the first may name the %(count)s at which the page closes.
COUNTS_TOWARDS_CAP: Mapping[Frequency, LazyString] = {
    Frequency.ALWAYS: _l(
        "This failure counts: %(count)s such refusals within 24 hours close the page for the card details."
    ),
    Frequency.NEVER: _l(
        "This failure does not count towards the refusals that close the page for the card details."
    ),
    Frequency.SOMETIMES: _l(
        "Whether this failure counts towards the refusals that close the page for the card details depends "
        "on what the bank answered."
    ),
}

#: What an accountant is told of a failure: whether the request then is a *Problème*.
SHOWS_PROBLEM: Mapping[Frequency, LazyString] = {
    Frequency.ALWAYS: _l("The request then shows “Problem”."),
    Frequency.NEVER: _l("The request does not show “Problem”."),
    Frequency.SOMETIMES: _l("Whether the request shows “Problem” depends on what the bank answered."),
}
