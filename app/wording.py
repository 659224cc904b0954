"""The sentences that pages and mails share: tables of words, total over their enums, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.domain.cards import CardProblem
from app.domain.failures import ChecklistItem, Failure, FailureMessage
from app.domain.history import EventType, MailKind
from app.domain.states import StatusLabel
from app.domain.verdicts import Frequency
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


@dataclass(frozen=True)
class ChecklistText:
    """One thing to check: what it is, and how."""

    title: LazyString
    advice: LazyString


CHECKS: Mapping[ChecklistItem, ChecklistText] = {
    ChecklistItem.REFERENCE: ChecklistText(
        _l("The client reference and the card number"),
        _l("Both are on your credit card statement. Use the card whose number is on that statement."),
    ),
    ChecklistItem.BANK_CONTACT: ChecklistText(
        _l("Your bank"),
        _l("If both are the same as on your statement, ask your bank which card belongs to this reference."),
    ),
    ChecklistItem.KIND: ChecklistText(
        _l("Debit or credit"),
        _l("Look for “Débit” or “Crédit” on your card. Only a credit card works, not a debit card."),
    ),
    ChecklistItem.DATA: ChecklistText(
        _l("Your card details"),
        _l("Compare the number, the expiry date and the security code with what is printed on your card."),
    ),
    ChecklistItem.PIN: ChecklistText(
        _l("Your PIN"),
        _l("Three wrong tries block the card. If you are not sure of your PIN, ask your bank first."),
    ),
    ChecklistItem.VALIDITY: ChecklistText(
        _l("The expiry date"),
        _l("Has your card expired? Then use the new card that your bank has sent you."),
    ),
    ChecklistItem.BLOCKED: ChecklistText(
        _l("A blocked card"),
        _l(
            "You may have temporarily blocked your card in your bank's app. Unblock it there, or ask your "
            "bank. It can take a few minutes before that works."
        ),
    ),
    ChecklistItem.ONLINE: ChecklistText(
        _l("Online payments"),
        _l("Can you pay online with this card? If not, ask your bank whether this can be switched on."),
    ),
    ChecklistItem.NEW_CARD: ChecklistText(
        _l("A new card"),
        _l(
            "If your card is new, first use it once with its PIN in a shop or at a cash machine. "
            "A contactless payment is not enough."
        ),
    ),
    ChecklistItem.DEVICE: ChecklistText(
        _l("The device and the browser"),
        _l(
            "Your bank may not accept this phone, computer or browser. Open the link in your email with the "
            "device and the browser that you usually use for your bank."
        ),
    ),
    ChecklistItem.LATER: ChecklistText(
        _l("A technical problem"),
        _l("It may be at your bank or with us, and it usually passes by itself. Try again later."),
    ),
    ChecklistItem.BANK: ChecklistText(
        _l("Your bank"),
        _l("Ask your bank why this card was refused: your bank knows more than we do."),
    ),
    ChecklistItem.AGAIN: ChecklistText(
        _l("Start again"),
        _l("Have your card and your card reader ready, and sign on your bank's page."),
    ),
}


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


EVENT_TYPES: Mapping[EventType, LazyString] = {
    EventType.ORDERED: _l("CARO was ordered."),
    EventType.RESENT: _l("The invitation was sent again."),
    EventType.LINK_REPLACED: _l("The link was replaced and a new invitation was sent."),
    EventType.LINK_COPIED: _l("The activation link was copied."),
    EventType.RELAUNCHED: _l("The request was relaunched."),
    EventType.LANGUAGE_CHANGED: _l("The cardholder's language was changed."),
    EventType.TERMS_ACCEPTED: _l("The reference was confirmed and the conditions were accepted."),
    EventType.ATTEMPT_FAILED: _l("An attempt to activate failed."),
    EventType.STARTED_OVER: _l("An attempt was stopped to start again."),
    EventType.LATE_RESULT: _l("The bank answered too late for an attempt. The answer changed nothing."),
    EventType.ACTIVATED: _l("The service became active."),
    EventType.REFUSED_IN_APP: _l("The request was refused in the bank's app."),
    EventType.CANCELLED: _l("The request was cancelled."),
    EventType.REVOKED: _l("The service was stopped."),
    EventType.EXPIRED: _l("The invitation expired."),
    EventType.MAIL_SENT: _l("An email was sent."),
    EventType.MAIL_DEAD: _l("An email could not be delivered."),
    EventType.MAIL_DROPPED: _l("An email was no longer needed and was not sent."),
    EventType.ADDRESS_ERASED: _l("The cardholder's address was deleted."),
}

MAILS: Mapping[MailKind, LazyString] = {
    MailKind.INVITATION: _l("Invitation"),
    MailKind.INSTRUCTIONS: _l("Invitation with the steps in the bank's app"),
    MailKind.FIRST_REMINDER: _l("First reminder"),
    MailKind.SECOND_REMINDER: _l("Second reminder"),
    MailKind.THIRD_REMINDER: _l("Third reminder"),
    MailKind.CONFIRMATION: _l("Confirmation"),
    MailKind.PROBLEM: _l("Notice of a problem"),
    MailKind.INVITATION_UNDELIVERED: _l("Notice of an invitation that could not be delivered"),
    MailKind.CONFIRMATION_UNDELIVERED: _l("Notice of a confirmation that could not be delivered"),
    MailKind.SIGN_IN: _l("Sign-in link"),
}

#: Who acts besides the accountants, who are named by their addresses.
ACTORS: Mapping[str, LazyString] = {
    "cardholder": _l("The cardholder"),
    "bank": _l("The bank"),
    "worker": _l("The service, automatically"),
}
OPERATOR = _l("The operator of the service")


LABELS: Mapping[StatusLabel, LazyString] = {
    StatusLabel.CANCELLED: _l("Cancelled"),
    StatusLabel.ACTIVE: _l("Active"),
    StatusLabel.EXPIRED: _l("Invitation expired"),
    StatusLabel.PROBLEM: _l("Problem"),
    StatusLabel.INVITATION_SENT: _l("Invitation sent"),
    StatusLabel.NOT_ORDERED: _l("Not ordered"),
}


NUMBERS: Mapping[int, LazyString] = {
    2: _l("two"),
    3: _l("three"),
    4: _l("four"),
    5: _l("five"),
    6: _l("six"),
    7: _l("seven"),
    8: _l("eight"),
    9: _l("nine"),
    10: _l("ten"),
}
