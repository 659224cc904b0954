"""The mail in which an accountant announces the invitation: it leaves from the accountant's own mail program.

It stays short: handed to a program as a link, a whole mail may have no more than two thousand characters.
"""

from collections.abc import Callable, Mapping

from app.domain.banks import ActivationRoute
from app.i18n import _
from app.mail.contents.blocks import Block, Paragraph, Points, RenderedMail
from app.mail.contents.facts import MailValues


def warning(facts: MailValues, sender: str) -> RenderedMail:
    """Say who asks, that a mail of CARO will follow from this sender, and how to see that it is genuine."""
    return RenderedMail(
        _(
            "CodaBox CARO will email you: please activate the service (reference %(reference)s)",
            **facts.subject_names,
        ),
        "",
        (
            Paragraph(_("Hello,")),
            _who_asks(facts),
            Paragraph(
                _(
                    "You will soon receive an email from CodaBox CARO (%(sender)s). We need your help: "
                    "please follow the steps in it.",
                    sender=sender,
                )
            ),
            Paragraph(_AT_HAND[facts.letter.bank.route](facts)),
            *_no_phishing(facts),
            Paragraph(_("Questions? Ask us: %(contact)s", contact=facts.contact_address)),
            Paragraph(facts.office_name),
        ),
    )


def _who_asks(facts: MailValues) -> Paragraph:
    return Paragraph(
        _(
            "We would like to receive the statements of your credit card with client reference "
            "%(reference)s through CARO, so that you no longer have to send them to us. This needs your "
            "consent.",
            reference=facts.grouped_reference,
        )
    )


def _no_phishing(facts: MailValues) -> tuple[Block, ...]:
    return (
        Paragraph(_("This is not phishing. Here is how you can tell:")),
        Points(
            (
                _("The email names %(office)s and your client reference.", office=facts.office_name),
                _SIGNS[facts.letter.bank.route](facts),
                _("Nobody will ask for your PIN: not by email, not by phone, not on a CARO page."),
                _("If in doubt, call us on the number that you already know."),
            )
        ),
    )


_AT_HAND: Mapping[ActivationRoute, Callable[[MailValues], str]] = {
    ActivationRoute.LINK: lambda facts: _(
        "You need your credit card, its statement and your %(bank)s card reader. It takes two minutes and "
        "nothing is charged.",
        bank=facts.bank_name,
    ),
    ActivationRoute.BANK_APP: lambda facts: _(
        "You need the %(bank)s app, in which you confirm the request, and your credit card statement. "
        "Nothing is charged.",
        bank=facts.bank_name,
    ),
}

_SIGNS: Mapping[ActivationRoute, Callable[[MailValues], str]] = {
    ActivationRoute.LINK: lambda facts: _(
        "The link in the email begins with %(address)s", address=f"{facts.public_url}/"
    ),
    ActivationRoute.BANK_APP: lambda facts: _(
        "The email contains no link: you open the %(bank)s app that you already have.", bank=facts.bank_name
    ),
}
