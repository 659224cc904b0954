"""The mail in which an accountant announces the invitation: it leaves from the accountant's own mail program.

It stays short: handed to a program as a link, a whole mail may have no more than two thousand characters.
"""

from collections.abc import Callable, Mapping

from app.domain.banks import Route
from app.i18n import _
from app.mail.contents.blocks import Block, Content, Paragraph, Points
from app.mail.contents.facts import Facts


def warning(facts: Facts, sender: str) -> Content:
    """Say who asks, that a mail of CARO will follow from this sender, and how to see that it is genuine."""
    return Content(
        _("CARO of CodaBox will write to you: please activate (reference %(reference)s)", **facts.names),
        "",
        (
            Paragraph(_("Hello,")),
            _who_asks(facts),
            Paragraph(
                _(
                    "You will soon receive an e-mail from CARO of CodaBox (%(sender)s), and we need your "
                    "action: please follow its steps.",
                    sender=sender,
                )
            ),
            Paragraph(_AT_HAND[facts.letter.bank.route](facts)),
            *_no_phishing(facts),
            Paragraph(_("Questions? Ask us: %(contact)s", contact=facts.contact)),
            Paragraph(facts.office),
        ),
    )


def _who_asks(facts: Facts) -> Paragraph:
    return Paragraph(
        _(
            "We wish to receive the statements of your credit card with client reference %(reference)s "
            "through CARO, so that you no longer have to send them to us. This needs your consent.",
            reference=facts.reference,
        )
    )


def _no_phishing(facts: Facts) -> tuple[Block, ...]:
    return (
        Paragraph(_("This is not phishing. Here is how you can tell:")),
        Points(
            (
                _("The e-mail names %(office)s and your client reference.", office=facts.office),
                _SIGNS[facts.letter.bank.route](facts),
                _("Nobody asks for your PIN by e-mail or by telephone, and no page of CARO does."),
                _("If in doubt, call us at the number that you already know."),
            )
        ),
    )


_AT_HAND: Mapping[Route, Callable[[Facts], str]] = {
    Route.LINK: lambda facts: _(
        "Have at hand: your credit card, its statement and the card reader of %(bank)s. It takes two minutes "
        "and nothing is charged.",
        bank=facts.bank,
    ),
    Route.BANK_APP: lambda facts: _(
        "Have at hand: the app of %(bank)s, in which you confirm, and your credit card statement. Nothing is "
        "charged.",
        bank=facts.bank,
    ),
}

_SIGNS: Mapping[Route, Callable[[Facts], str]] = {
    Route.LINK: lambda facts: _(
        "The link in the e-mail begins with %(address)s", address=f"{facts.public_url}/"
    ),
    Route.BANK_APP: lambda facts: _(
        "The e-mail contains no link: you open the app of %(bank)s that you already have.", bank=facts.bank
    ),
}
