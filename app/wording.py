"""The sentences that pages and mails share: tables of words, total over their enums."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from flask_babel.speaklater import LazyString

from app.domain.banks import APP_BANKS
from app.domain.cards import CardProblem
from app.domain.failures import ChecklistItem, Failure, FailureMessage
from app.domain.history import EventType, MailKind
from app.domain.message_rules import OfficeMessage
from app.domain.order_rules import OrderProblem
from app.domain.states import StatusLabel
from app.i18n import _l, format_list, override_locale

HEADINGS: Mapping[FailureMessage, LazyString] = {
    FailureMessage.WRONG_CARD: _l(
        "Your CARO credit card is not linked to %(reference)s. Try again with the right credit card."
    ),
    FailureMessage.CARD_NOT_USABLE: _l("A problem during activation. Check your card."),
    FailureMessage.SOMETHING_WRONG: _l("Something went wrong."),
    FailureMessage.CANCELLED: _l("You cancelled at your bank"),
    FailureMessage.TOO_LATE: _l("It took too long to reach your bank"),
    FailureMessage.TIME_OVER: _l("Your bank's time to sign is over"),
}

#: Only the technical message has a second line, and its wording is fixed.
UNDER: Mapping[FailureMessage, LazyString | None] = {
    **dict.fromkeys(FailureMessage),
    FailureMessage.SOMETHING_WRONG: _l("Technical or data error during the activation of CodaBox CARO"),
}


def message_lines(message: FailureMessage, language: str, reference: str) -> tuple[str, ...]:
    """Return a message as its page shows it: in a language, the reference in bare digits."""
    with override_locale(language):
        heading, under = str(HEADINGS[message]) % {"reference": reference}, UNDER[message]
        return (heading,) if under is None else (heading, str(under))


_NOT_ACTIVE = _l("The service is not active yet, and nothing was charged.")
_NOTHING_SIGNED = _l("Nothing was signed and nothing was charged. The service is not active yet.")

#: What did not happen. Without the bank's answer only the arrival of a signature can be denied.
OUTCOMES: Mapping[FailureMessage, LazyString] = {
    FailureMessage.WRONG_CARD: _NOT_ACTIVE,
    FailureMessage.CARD_NOT_USABLE: _NOT_ACTIVE,
    FailureMessage.SOMETHING_WRONG: _NOT_ACTIVE,
    FailureMessage.CANCELLED: _NOTHING_SIGNED,
    FailureMessage.TOO_LATE: _NOTHING_SIGNED,
    FailureMessage.TIME_OVER: _l(
        "No signature reached us and nothing was charged. The service is not active yet."
    ),
}

NOW: Mapping[Failure, LazyString] = {
    Failure.WRONG_CARD: _l("Use the credit card of this client reference and enter its details."),
    Failure.NOT_CREDIT: _l("Use a credit card and enter its details."),
    Failure.BRAND_NOT_CARRIED: _l(
        "Use the Visa or Mastercard credit card of this client reference and enter its details."
    ),
    Failure.CARD_DATA: _l("Have your card in front of you and enter its details again."),
    Failure.PIN: _l("If your PIN is blocked, have it unblocked before you try again."),
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
    Failure.TOO_FREQUENT: _l("Wait a day, then try again with the same card."),
    Failure.TIMED_OUT: _l(
        "Start again when you have your card and your card reader ready: your bank waits ten minutes for "
        "your signature."
    ),
    Failure.CANCELLED: _l("Start again whenever you like, with your card and your card reader ready."),
    Failure.HANDOFF_LATE: _l("Start again: your bank waits only half a minute for your browser."),
}


@dataclass(frozen=True)
class ChecklistText:
    """One thing to check: what it is, and how."""

    title: LazyString
    advice: LazyString


_BRAND_NOT_CARRIED = _l("CARO does not work with this brand. It works with Visa and Mastercard credit cards.")

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
    ChecklistItem.BRAND: ChecklistText(
        _l("The brand of your card"),
        _BRAND_NOT_CARRIED,
    ),
    ChecklistItem.DATA: ChecklistText(
        _l("Your card details"),
        _l("Compare the number, the expiry date and the security code with what is printed on your card."),
    ),
    ChecklistItem.PIN: ChecklistText(
        _l("Your PIN"),
        _l("Three wrong tries block the card. If you are not sure of your PIN, ask your bank first."),
    ),
    ChecklistItem.PIN_BLOCKED: ChecklistText(
        _l("A blocked PIN"),
        _l(
            "Did your card reader say three times that the PIN is wrong? Then your PIN is blocked. First "
            "have it unblocked by your bank or at a terminal."
        ),
    ),
    ChecklistItem.RESPONSE: ChecklistText(
        _l("The response"),
        _l("If you only mistyped the response of your card reader, start again and compare all its digits."),
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
        _l(
            "This may be a problem at your bank or with us, and it usually passes by itself. If it happens "
            "again tomorrow, ask your bank whether its signing service works."
        ),
    ),
    ChecklistItem.TOO_OFTEN: ChecklistText(
        _l("Too many tries"),
        _l(
            "This card was tried too often in a short time. Tomorrow it usually works again: if it does not, "
            "ask your bank."
        ),
    ),
    ChecklistItem.BANK: ChecklistText(
        _l("Your bank"),
        _l("Ask your bank why the activation failed with this card: your bank knows more than we do."),
    ),
}

PROBLEMS: Mapping[CardProblem, LazyString] = {
    CardProblem.NUMBER_MISSING: _l("Enter the number of your credit card."),
    CardProblem.NUMBER_NOT_DIGITS: _l("The card number has digits only. Check the number on your card."),
    CardProblem.NUMBER_LETTER: _l(
        "There is a letter in this card number, perhaps an O for a 0. Compare it with your card."
    ),
    CardProblem.NUMBER_SHORT: _l(
        "Digits are missing: a card number has 13 to 19, usually 16. Check the number on your card."
    ),
    CardProblem.NUMBER_LONG: _l(
        "There are too many digits: a card number has 13 to 19, usually 16. Check the number on your card."
    ),
    CardProblem.NUMBER_DEBIT: _l(
        "This is the number of a debit card. Use the credit card of your client reference."
    ),
    CardProblem.NUMBER_FOREIGN: _BRAND_NOT_CARRIED,
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

_APP_BANK_NAMES = [bank.name for bank in APP_BANKS.values()]
#: The banks with an app of their own as a sentence lists them: all of them, or any one.
APP_BANK_LIST = LazyString(partial(format_list, _APP_BANK_NAMES))
ANY_APP_BANK = LazyString(partial(format_list, _APP_BANK_NAMES, "or"))

EVENT_TYPES: Mapping[EventType, LazyString] = {
    EventType.ORDERED: _l("CARO was ordered."),
    EventType.RESENT: _l("The invitation was sent again."),
    EventType.LINK_REPLACED: _l("The link was replaced and a new invitation was sent."),
    EventType.ADDRESS_CORRECTED: _l("The address was corrected and a new invitation was sent."),
    EventType.LINK_SHOWN: _l("The activation link was shown."),
    EventType.LINK_COPIED: _l("The activation link was copied."),
    EventType.RELAUNCHED: _l("The request was relaunched."),
    EventType.REMINDED: _l("A reminder was sent by hand."),
    EventType.LANGUAGE_CHANGED: _l("The cardholder's language was changed."),
    EventType.TERMS_ACCEPTED: _l("The reference was confirmed and the conditions were accepted."),
    EventType.ATTEMPT_FAILED: _l("An attempt to activate failed."),
    EventType.STARTED_OVER: _l("An attempt was stopped to start again."),
    EventType.LATE_RESULT: _l("The bank answered too late for an attempt. The answer changed nothing."),
    EventType.OFFICE_MESSAGE: _l("A message was sent to your office."),
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
    MailKind.NEW_LINK_WANTED: _l("Message from the cardholder: a new link is wanted"),
    MailKind.REQUEST_UNEXPECTED: _l("Message from the cardholder: the request was not expected"),
    MailKind.SIGN_IN: _l("Sign-in link"),
    MailKind.ACTIVATED: _l("News: CARO is active"),
    MailKind.EXPIRED: _l("News: an invitation has expired"),
    MailKind.DIGEST: _l("News of the day"),
    MailKind.NEW_BROWSER: _l("Notice of a sign-in with another browser"),
    MailKind.COLLEAGUE_INVITED: _l("Invitation of a colleague"),
}

#: The cardholder's own words: on the button, in the history and in the mail to the office.
OFFICE_MESSAGES: Mapping[OfficeMessage, LazyString] = {
    OfficeMessage.NEW_LINK: _l("Send me a new link"),
    OfficeMessage.UNEXPECTED: _l("I did not expect this"),
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

#: Why a text is no e-mail address, whoever's it is.
ADDRESS_FAULTS: Mapping[OrderProblem, LazyString] = {
    OrderProblem.ADDRESS_ACCENT: _l(
        "There is an accent or another special letter before the @ sign. Check the email address."
    ),
    OrderProblem.ADDRESS_COMMA: _l(
        "There is a comma in this email address, perhaps for a full stop. Check it."
    ),
    OrderProblem.ADDRESS_SPACE: _l("There is a space in this email address. Check it."),
    OrderProblem.SEVERAL_ADDRESSES: _l("There is more than one @ sign. Enter one email address only."),
}
#: Why a field of an order is not accepted.
ORDER_PROBLEMS: Mapping[OrderProblem, LazyString] = {
    **ADDRESS_FAULTS,
    OrderProblem.BANK_NOT_OFFERED: _l(
        "Choose one of the banks with which this dossier has an active CODA mandate."
    ),
    OrderProblem.REFERENCE_MISSING: _l(
        "Enter the client reference: the ten digits on the credit card statement."
    ),
    OrderProblem.BAD_REFERENCE: _l(
        "A client reference has ten digits and begins with 6 or 7. Check it on the credit card statement."
    ),
    OrderProblem.REFERENCE_LETTER: _l(
        "There is a letter in this client reference, perhaps an O for a 0. Check it on the credit card "
        "statement."
    ),
    OrderProblem.REFERENCE_SHORT: _l(
        "Digits are missing: a client reference has ten. Check it on the credit card statement."
    ),
    OrderProblem.REFERENCE_LONG: _l(
        "There are too many digits: a client reference has ten. Check it on the credit card statement."
    ),
    OrderProblem.ADDRESS_MISSING: _l("Enter the cardholder's email address."),
    OrderProblem.BAD_ADDRESS: _l("Enter one full email address, for example name@example.be."),
    OrderProblem.BAD_LANGUAGE: _l("Choose the cardholder's language."),
    OrderProblem.IBAN_MISSING: _l("Enter the IBAN of the account that the card belongs to."),
    OrderProblem.BAD_IBAN: _l("This is not an IBAN: its length or its check digits are wrong. Check it."),
    OrderProblem.IBAN_LETTER: _l(
        "There is a letter among the digits of this IBAN, perhaps an O for a 0. Check it."
    ),
    OrderProblem.IBAN_LENGTH: _l(
        "This IBAN is too short or too long. A Belgian IBAN has BE and 14 digits. Check it."
    ),
    OrderProblem.OLD_ACCOUNT_NUMBER: _l(
        "This is an old account number. Enter the IBAN of the same account: it begins with BE."
    ),
    OrderProblem.IBAN_OF_OTHER_BANK: _l(
        "This is not the IBAN of a %(banks)s account. Check it.", banks=ANY_APP_BANK
    ),
    OrderProblem.ALREADY_ORDERED: _l("There is already a request for this client reference."),
}
