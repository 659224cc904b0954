"""What to check under a message, item by item, in the words of the cardholder."""

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel.speaklater import LazyString

from app.domain.failures import ChecklistItem
from app.i18n import _l


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
